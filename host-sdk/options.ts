import { availableParallelism } from 'node:os';
import { pino } from 'pino';
import { z } from 'zod';
import { readTrustedKey } from '../src/integrity/trusted-key.js';
import type { Logger } from '../src/log/logger.js';
import { DEFAULT_LIMITS, type Limits } from '../src/manifest/limits.js';
import { hostLimitsSchema, unlimited } from '../src/manifest/limits-schema.js';
import { optionsError, parseOptions } from '../src/manifest/parse-options.js';
import type { Permissions } from '../src/manifest/permissions.js';
import { type PermissionsInput, permissionsSchema } from '../src/manifest/permissions-schema.js';
import { isPluginName, pluginNameSchema } from '../src/manifest/plugin-name.js';
import {
  lineSchema,
  listSchema,
  mapSchema,
  passThrough,
  strictObject,
  withoutPrototype,
} from '../src/manifest/schema-parts.js';
import { versionSchema } from '../src/manifest/semver-schemas.js';
import type { UncoveredRequest } from '../src/runtime/runtime-options.js';
import { FEATURE_NAMES, featureByName } from '../src/wasm/features.js';
import { catalogSchema } from './catalog-option.js';
import { hostConfigSchema } from './config-option.js';
import { hostFunctionsSchema } from './host-functions-option.js';
import { pluginsSchema } from './plugins-option.js';
import { weightsSchema } from './quarantine-weights.js';
import { resolutionSchema } from './resolution-option.js';
import { digestSchema, trustedKeySchema } from './trusted-key.js';

const MiB = 1024 * 1024;
const NONE = Number.POSITIVE_INFINITY;

/** What a plugin asks for that no grant covers. */
export type PermissionRequest = UncoveredRequest;

/**
 * Answers a {@link PermissionRequest}: all of it, nothing, or a part. Not "a promise or not": TypeScript 7 would then
 * take `async () => 'grant'` for a promise of any string.
 */
export type PermissionHandler = (request: PermissionRequest) => Promise<PermissionAnswer>;
export type PermissionAnswer = 'grant' | 'deny' | PermissionsInput | Partial<Permissions>;

/** How far apart a plugin is from the others. */
export type Isolation = 'shared' | 'thread' | 'process';

const POLL = 'milliseconds from 100, or Infinity';
const YES_NO = 'true or false';
const flag = () => z.boolean({ error: YES_NO });
const forEachPlugin = z
  .string()
  .refine((name) => name === '*' || isPluginName(name), { error: 'a plugin name, or "*" for all' });
const isolationSchema = z.enum(['shared', 'thread', 'process'], { error: '"shared", "thread" or "process"' });
const positive = (expected: string, min = 1, max = Number.MAX_SAFE_INTEGER) =>
  z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
const AT_LEAST_ONE = 'a whole number from 1, or Infinity';
const atLeastOne = z.union([z.literal(NONE), positive(AT_LEAST_ONE)], { error: AT_LEAST_ONE });
const methodsOf = (value: unknown, names: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof Reflect.get(value, name) === 'function');

const isolationsSchema = z
  .union(
    [
      isolationSchema,
      mapSchema(forEachPlugin, isolationSchema, 'an object of plugin names', { max: 10_000 }),
    ],
    {
      error: '"shared", "thread", "process", or an object of these by plugin name',
    },
  )
  .transform(
    (value): Readonly<Record<string, Isolation>> =>
      withoutPrototype({ '*': 'shared', ...(typeof value === 'string' ? { '*': value } : value) }),
  );

const lockfilePath = lineSchema('the path of plugins.lock.json', { max: 4096 });
const lockfileSchema = z
  .union(
    [
      z.literal(false),
      lockfilePath,
      strictObject(
        {
          path: lockfilePath,
          /** Refuse a set that is not the locked one, and never write. Default `false`. */
          frozen: flag().default(false),
        },
        'an object { path, frozen }',
      ),
    ],
    { error: 'the path of plugins.lock.json, an object { path, frozen }, or false' },
  )
  .transform((value) =>
    value === false
      ? value
      : Object.freeze(typeof value === 'string' ? { path: value, frozen: false } : value),
  );

const threadsSchema = strictObject(
  {
    /** Threads that are kept even when idle. 0 to 1024; default 1. */
    min: positive('a whole number from 0 to 1024', 0, 1024).default(1),
    /** Threads at most. 1 to 1024; default the processor's parallelism, and at least `min`. */
    max: positive('a whole number from 1 to 1024', 1, 1024).optional(),
    /** A thread beyond `min` ends after so many ms without an instance; default 30 000. */
    idleMs: unlimited('duration').default(30_000),
  },
  'an object { min, max, idleMs }',
).transform(({ min, max, idleMs }, context) => {
  if (max !== undefined && max < min) {
    context.addIssue({ code: 'custom', path: ['max'], message: `at least "min", which is ${min}` });
  }
  return Object.freeze({ min, max: max ?? Math.max(min, availableParallelism()), idleMs });
});

const watchTimes = strictObject(
  {
    /** How long files have to stay as they are before they count. 10 to 60 000; default 100. */
    debounceMs: positive('milliseconds from 10 to 60000', 10, 60_000).default(100),
    /** Looks at all files so often, also where the system tells of no change (network mounts). From 100; default `Infinity`. */
    pollMs: z.union([z.literal(NONE), positive(POLL, 100, 2 ** 31 - 1)], { error: POLL }).default(NONE),
  },
  'an object { debounceMs, pollMs }',
).readonly();
const watchSchema = z
  .union([flag(), watchTimes], { error: 'true, false or an object { debounceMs, pollMs }' })
  .transform((value) => (value === true ? watchTimes.parse({}) : value));

/** Every option of `createHost`, with its default. */
export const hostOptionsSchema = strictObject(
  {
    /** Where plugins come from, searched in order. Default `[]`. */
    catalog: catalogSchema.default(Object.freeze([])),
    /** Versions that this host offers to plugins' `engines`, beside `cordon`. Default `{}`. */
    api: mapSchema(
      pluginNameSchema.refine((name) => name !== 'cordon', {
        error: 'another name; "cordon" is always there',
      }),
      versionSchema,
      'an object of API names and versions',
      { max: 1000 },
    ).prefault({}),
    /** Functions that guests may import. Default `{}`. */
    hostFunctions: hostFunctionsSchema.prefault({}),
    /** What each plugin may have, by plugin name or `'*'`. Default `{}`: nothing. */
    grants: mapSchema(forEachPlugin, permissionsSchema, 'an object of permissions by plugin name', {
      max: 10_000,
    }).prefault({}),
    /** Asked for what no grant covers. Default: denied. */
    onPermissionRequest: passThrough<PermissionHandler>(
      (value) => typeof value === 'function',
      'a function',
    ).optional(),
    /** Config of plugins, by plugin name; each takes the place of the manifest's; a secret is `{ secret }`. Default `{}`. */
    config: hostConfigSchema.prefault({}),
    /** The ceiling for every plugin's `limits`, and the default where a manifest is silent. Defaults: docs/reference/manifest.md. */
    limits: hostLimitsSchema
      .transform((limits): Limits => Object.freeze({ ...DEFAULT_LIMITS, ...limits }))
      .prefault({}),
    /** For the whole host. */
    budget: strictObject(
      {
        /** Memory of all guests together. Default 1 GiB. */
        memoryBytes: unlimited('size').default(1024 * MiB),
        /** Calls that run at a time. Default 100. */
        concurrentCalls: unlimited('count').default(100),
        /** Calls that wait. Default 10 000. */
        queuedCalls: unlimited('count').default(10_000),
        /** Live instances. Default 1 000. */
        instances: unlimited('count').default(1000),
        /** Share of all cores that guests may use over 10 s, in percent; beyond it calls wait. Default 80. */
        cpuPercent: unlimited('percent').default(80),
        /** HTTP connections at a time. Default 100. */
        connections: unlimited('count').default(100),
        /** Files and directories that guests have open at a time; their mounts are not counted. Default 1 024. */
        openFiles: unlimited('count').default(1024),
      },
      'an object of budgets such as { "memoryBytes": "1GiB" }',
    )
      .readonly()
      .prefault({}),
    /** How far apart plugins are, for all or by plugin name. Default `'shared'`. */
    isolation: isolationsSchema.prefault('shared'),
    /** Sandbox threads. */
    threads: threadsSchema.prefault({}),
    /** What modules must be like. */
    validation: strictObject(
      {
        /** Default 50 MiB. */
        maxModuleBytes: unlimited('size').default(50 * MiB),
        /** WebAssembly features that modules may use. Default: those of the running Node. */
        features: listSchema(
          lineSchema('the name of a WebAssembly feature such as "simd"', {
            max: 64,
            pattern: /^[a-z][a-z0-9-]*$/,
          }).refine((name) => featureByName(name) !== undefined, {
            error: `a WebAssembly feature: ${FEATURE_NAMES.join(', ')}`,
          }),
          'a list of names of WebAssembly features',
          { max: 100 },
        )
          .readonly()
          .optional(),
        /** Default `'off'`. */
        signatures: z
          .enum(['off', 'warn', 'require'], { error: '"off", "warn" or "require"' })
          .default('off'),
        /** Whose signatures count. Default `[]`. */
        trustedKeys: listSchema(trustedKeySchema, 'a list of public keys', {
          max: 1000,
          identity: (key) => readTrustedKey(key).fingerprint,
        })
          .readonly()
          .prefault([]),
        /** SHA-256 of modules that must not run, whoever signed them and whatever `signatures` is. Default `[]`. */
        revokedDigests: listSchema(digestSchema, 'a list of SHA-256 digests of modules', { max: 10_000 })
          .readonly()
          .prefault([]),
      },
      'an object { maxModuleBytes, features, signatures, trustedKeys, revokedDigests }',
    )
      .readonly()
      .prefault({}),
    /** When a plugin goes into quarantine. */
    quarantine: strictObject(
      {
        /** Violations within the window that lead to quarantine. Default 3. */
        maxViolations: atLeastOne.default(3),
        /** Default 60 000. */
        windowMs: unlimited('duration').default(60_000),
        /** Released by itself after so long. Default `Infinity`: only by hand. */
        releaseAfterMs: unlimited('duration').default(NONE),
        /** Plugins that depend on it are suspended too. Default `true`. */
        cascade: flag().default(true),
        /** How much one violation of a kind counts; 0 does not. Default 1 each. */
        weights: weightsSchema.prefault({}),
      },
      'an object { maxViolations, windowMs, releaseAfterMs, cascade, weights }',
    )
      .readonly()
      .prefault({}),
    /** Compiled modules. */
    cache: strictObject(
      {
        /** In memory. Default 100 MiB; 0 keeps none. */
        maxBytes: unlimited('size').default(100 * MiB),
        /** Where rewritten modules are kept on disk. Default: nowhere. */
        directory: lineSchema('the path of a directory', { max: 4096 }).optional(),
        /** All rewritten modules on disk. Default 1 GiB. */
        maxDirectoryBytes: unlimited('size').default(1024 * MiB),
      },
      'an object { maxBytes, directory, maxDirectoryBytes }',
    )
      .readonly()
      .prefault({}),
    /** Where quarantines are kept over restarts. Default: nowhere. */
    stateDirectory: lineSchema('the path of a directory', { max: 4096 }).optional(),
    /** When instances that nobody calls are disposed of. */
    idle: strictObject(
      {
        /** Default 300 000; `Infinity` never. */
        unloadAfterMs: unlimited('duration').default(300_000),
        /** How often idle ones are looked for. Default 30 000, at least 10. */
        sweepMs: unlimited('duration')
          .refine((value) => value >= 10, { error: 'at least 10 milliseconds' })
          .default(30_000),
      },
      'an object { unloadAfterMs, sweepMs }',
    )
      .readonly()
      .prefault({}),
    /** What the application says of plugins beside what they may do, by plugin name or `'*'`. Default `{}`. */
    plugins: pluginsSchema.prefault({}),
    /** Reload a plugin when its files change; `true` is an object of the defaults. Default `false`. */
    watch: watchSchema.default(false),
    /** `'enforce'`, or `'audit'`: let through and report what no grant covers. Default `'enforce'`. */
    mode: z.enum(['enforce', 'audit'], { error: '"enforce" or "audit"' }).default('enforce'),
    /** Count the guest's instructions. Default `true`. */
    metering: flag().default(true),
    /** A pino logger. Default: pino at level `info`. */
    logger: passThrough<Logger>(
      (value) => methodsOf(value, ['debug', 'info', 'warn', 'error', 'child']),
      'a pino logger (an object with debug, info, warn, error and child)',
    ).default(() => pino({ level: 'info' })),
    /** Path of `plugins.lock.json`, the same with `frozen`, or `false`. Default `false`. */
    lockfile: lockfileSchema.default(false),
    /** Which versions may be used. */
    resolution: resolutionSchema.prefault({}),
  },
  'an object of options',
).readonly();

/** Options of `createHost`. All are optional. */
export type HostOptions = z.input<typeof hostOptionsSchema>;
/** Options of `createHost` with every default filled in, frozen. */
export type ResolvedHostOptions = z.output<typeof hostOptionsSchema>;

/**
 * Checks the options of `createHost` and fills in the defaults. The result and all that Cordon made in it is frozen;
 * functions, loggers, catalog sources, plugins in memory and host functions are the application's own objects.
 *
 * @throws `ERR_OPTIONS` naming each wrong option, what was found and what was expected, also in `details.problems`.
 */
export function parseHostOptions(options: HostOptions = {}): ResolvedHostOptions {
  const subject = 'The options of createHost';
  const resolved = parseOptions(hostOptionsSchema, options, subject);
  const { fuel } = resolved.limits;
  // Nothing would count what it is a limit of.
  if (!resolved.metering && fuel !== NONE) {
    const expected = 'no limit, or metering: true: without it instructions are not counted';
    throw optionsError(subject, [{ path: 'limits.fuel', found: String(fuel), expected }]);
  }
  return resolved;
}
