import { z } from 'zod';
import { cordonError } from '../src/errors/cordon-error.js';
import { unlimited } from '../src/manifest/limits-schema.js';
import { parseOptions } from '../src/manifest/parse-options.js';
import { pluginNameSchema } from '../src/manifest/plugin-name.js';
import { lineSchema, listSchema, passThrough, strictObject } from '../src/manifest/schema-parts.js';
import { rangeSchema } from '../src/manifest/semver-schemas.js';

const PRIORITY_EXPECTED = 'a whole number from -1000 to 1000';

const signalSchema = passThrough<AbortSignal>(isAbortSignal, 'an AbortSignal').optional();
const UPGRADE_EXPECTED = 'true, false, or a list of plugin names';
const upgradeSchema = z.union(
  [
    z.boolean({ error: UPGRADE_EXPECTED }),
    listSchema(pluginNameSchema, UPGRADE_EXPECTED, { max: 10_000 }).readonly(),
  ],
  { error: UPGRADE_EXPECTED },
);
const drainSchema = unlimited('duration').default(10_000);

export const callOptionsSchema = strictObject(
  {
    /** Ends the call's execution, its host functions and HTTP included; `limits.timeoutMs` stays the ceiling. */
    timeoutMs: unlimited('duration').optional(),
    /** Aborts the call, whether it waits or runs. */
    signal: signalSchema,
    /** Handed to host functions as it is; guests never see it. */
    context: z.unknown().optional(),
    /** Instructions; `limits.fuel` stays the ceiling. */
    fuel: unlimited('count').optional(),
    /** Calls of different tenants never share an instance. */
    tenant: lineSchema('a text of one line', { max: 256 }).optional(),
    /** Among waiting calls the higher goes first. -1000 to 1000; default 0. */
    priority: z
      .int({ error: PRIORITY_EXPECTED })
      .min(-1000, { error: PRIORITY_EXPECTED })
      .max(1000, { error: PRIORITY_EXPECTED })
      .default(0),
  },
  'an object { timeoutMs, signal, context, fuel, tenant, priority }',
).readonly();

export const loadOptionsSchema = strictObject(
  {
    /** Calls the load off; what it loaded is unloaded again. */
    signal: signalSchema,
    /** Takes the newest versions that are possible and not the locked ones: of all plugins, or of these. Default `false`. */
    upgrade: upgradeSchema.default(false),
  },
  'an object { signal, upgrade }',
).readonly();

export const unloadOptionsSchema = strictObject(
  {
    /** How long running calls may take to finish. Default 10 000; 0 stops them at once. */
    drainMs: drainSchema,
    /** Unload the plugins that depend on it too, first. Default `false`. */
    cascade: z.boolean({ error: 'true or false' }).default(false),
  },
  'an object { drainMs, cascade }',
).readonly();

export const reloadOptionsSchema = strictObject(
  {
    /** The version or range to go to. Default: the newest that all who depend on it admit. */
    to: rangeSchema.optional(),
    /** How long calls to the old version may take to finish. Default 10 000. */
    drainMs: drainSchema,
    /** Calls the reload off; the old version stays. */
    signal: signalSchema,
  },
  'an object { to, drainMs, signal }',
).readonly();

export const closeOptionsSchema = strictObject(
  {
    /** How long running calls may take to finish. Default 10 000; 0 stops them at once. */
    drainMs: drainSchema,
  },
  'an object { drainMs }',
).readonly();

export type CallOptions = z.input<typeof callOptionsSchema>;
export type ResolvedCallOptions = z.output<typeof callOptionsSchema>;
export type LoadOptions = z.input<typeof loadOptionsSchema>;
export type ResolvedLoadOptions = z.output<typeof loadOptionsSchema>;
export type UnloadOptions = z.input<typeof unloadOptionsSchema>;
export type ResolvedUnloadOptions = z.output<typeof unloadOptionsSchema>;
export type ReloadOptions = z.input<typeof reloadOptionsSchema>;
export type ResolvedReloadOptions = z.output<typeof reloadOptionsSchema>;
export type CloseOptions = z.input<typeof closeOptionsSchema>;
export type ResolvedCloseOptions = z.output<typeof closeOptionsSchema>;

/** The result for a call without options: made once, as most calls have none. */
const NO_CALL_OPTIONS: ResolvedCallOptions = callOptionsSchema.parse({});

/** Each throws `ERR_OPTIONS`, naming the option, what was found and what was expected. */
export function parseCallOptions(options?: CallOptions): ResolvedCallOptions {
  return options === undefined
    ? NO_CALL_OPTIONS
    : parseOptions(callOptionsSchema, options, 'The options of call');
}

/** What JavaScript may pass for one. */
export function checkFunctionName(fn: unknown): void {
  if (typeof fn === 'string') return;
  const message = `The name of the function to call is ${fn === null ? 'null' : typeof fn}; expected a string.`;
  throw cordonError('ERR_OPTIONS', message);
}

export function parseLoadOptions(
  options: LoadOptions = {},
  method: 'load' | 'resolve' = 'load',
): ResolvedLoadOptions {
  return parseOptions(loadOptionsSchema, options, `The options of ${method}`);
}

export function parseUnloadOptions(options: UnloadOptions = {}): ResolvedUnloadOptions {
  return parseOptions(unloadOptionsSchema, options, 'The options of unload');
}

export function parseReloadOptions(options: ReloadOptions = {}): ResolvedReloadOptions {
  return parseOptions(reloadOptionsSchema, options, 'The options of reload');
}

export function parseCloseOptions(options: CloseOptions = {}): ResolvedCloseOptions {
  return parseOptions(closeOptionsSchema, options, 'The options of close');
}

function isAbortSignal(value: unknown): boolean {
  const signal = value as Partial<AbortSignal> | null;
  // Not `instanceof`: signals of polyfills and other realms are as good.
  return (
    typeof signal === 'object' &&
    typeof signal?.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function'
  );
}
