import { z } from 'zod';
import { deepFreeze } from './deep-freeze.js';
import type { Limits } from './limits.js';
import { strictObject, withoutUndefined } from './schema-parts.js';
import { SIZE_EXPECTED, sizeSchema } from './size.js';

/** The longest duration that Node's timers hold; a longer finite one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

type Kind = 'size' | 'duration' | 'count' | 'percent';

/** Each limit with its kind and its line in the reference. */
export const LIMIT_FIELDS = {
  memoryBytes: [
    'size',
    "The guest's linear memories and its Extism blocks together; the first 64 KiB of blocks are free.",
  ],
  timeoutMs: ['duration', "One call's execution, its host functions and HTTP included."],
  queueTimeoutMs: ['duration', 'How long a call may wait for its instance.'],
  startTimeoutMs: ['duration', 'Start-up of an instance: instantiation, `_initialize`, `on_activate`.'],
  cpuMs: ['duration', 'Processor time of one call.'],
  fuel: ['count', 'Instructions of one call; needs `metering`.'],
  cpuPercent: ['percent', 'Share of one core over a window of 10 s, in percent.'],
  stackBytes: ['size', "The guest's native call stack."],
  inputBytes: ['size', 'The input of one call.'],
  outputBytes: ['size', 'The output of one call.'],
  varBytes: [
    'size',
    'All Extism vars of the plugin: values, two bytes for each character of a name, and 32 bytes for each var.',
  ],
  configBytes: ['size', 'All config keys and values.'],
  httpResponseBytes: ['size', 'One HTTP response body after decompression.'],
  httpTimeoutMs: ['duration', 'One HTTP request with all its redirects.'],
  connections: ['count', 'HTTP connections at a time.'],
  openFiles: ['count', 'Files that are open at a time.'],
  fileBytes: ['size', 'The size of one file that the guest writes.'],
  logBytesPerCall: ['size', 'Log text of one call; what is beyond is dropped and counted.'],
  instances: ['count', 'Instances at a time, over all tenants.'],
} as const satisfies Record<keyof Limits, readonly [Kind, string]>;

/** For each kind, what is expected, and its schema with that phrase as error. */
const KINDS: Readonly<Record<Kind, readonly [string, (error: string) => z.ZodType<number>]>> = {
  size: [SIZE_EXPECTED, sizeSchema],
  duration: [
    `milliseconds from 0 to ${LONGEST_MS}`,
    (error) => z.number({ error }).min(0, { error }).max(LONGEST_MS, { error }),
  ],
  count: ['a whole number from 0', (error) => z.int({ error }).min(0, { error })],
  percent: ['a percentage from 0', (error) => z.number({ error }).min(0, { error })],
};

type LimitInput<K extends Kind> = K extends 'size' ? number | string : number;

/** Limits as they are written: sizes may be texts such as `"32MiB"`. */
export type LimitsInput = {
  readonly [Key in keyof typeof LIMIT_FIELDS]?: LimitInput<(typeof LIMIT_FIELDS)[Key][0]> | undefined;
};

/** A schema of this kind that also takes `Infinity`: no limit, which only a host may say. */
export function unlimited<K extends Kind>(kind: K): z.ZodType<number, LimitInput<K>> {
  const [expected, schemaOf] = KINDS[kind];
  const error = `${expected}, or Infinity`;
  const schema = z.union([z.literal(Number.POSITIVE_INFINITY, { error }), schemaOf(error)], { error });
  return schema as unknown as z.ZodType<number, LimitInput<K>>;
}

function limitsSchema(schemaOf: (kind: Kind) => z.ZodType): z.ZodType<Partial<Limits>, LimitsInput> {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, [kind, description]] of Object.entries(LIMIT_FIELDS)) {
    shape[key] = schemaOf(kind).meta({ description }).optional();
  }
  return strictObject(shape, 'an object of limits such as { "memoryBytes": "32MiB" }').transform(
    (limits): Partial<Limits> => deepFreeze(withoutUndefined(limits)),
  ) as unknown as z.ZodType<Partial<Limits>, LimitsInput>;
}

/** Limits in a manifest: finite. */
export const manifestLimitsSchema = limitsSchema(
  memoized((kind) => {
    const [expected, schemaOf] = KINDS[kind];
    return schemaOf(expected).meta({ id: kind });
  }),
);

/** Limits from the host: `Infinity` is no limit. */
export const hostLimitsSchema = limitsSchema(unlimited);

/** One schema for each kind, so that the JSON Schema has one definition for it. */
function memoized(schemaOf: (kind: Kind) => z.ZodType): (kind: Kind) => z.ZodType {
  const schemas = new Map<Kind, z.ZodType>();
  return (kind) => {
    const schema = schemas.get(kind) ?? schemaOf(kind);
    schemas.set(kind, schema);
    return schema;
  };
}
