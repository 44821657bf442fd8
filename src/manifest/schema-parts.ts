import { z } from 'zod';
import { deepFreeze } from './deep-freeze.js';
import { KNOWN_KEYS_PREFIX } from './zod-problems.js';

// The `error` of every schema here is what was expected, as a noun phrase: `zod-problems.ts` makes the sentence.

/** Characters that do not belong in one line of text: controls, line separators, bidirectional overrides. */
const ONE_LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$/;

/** A text of one line between 1 and `max` characters, of a form if `pattern` is there. */
export function lineSchema(expected: string, options: { max: number; pattern?: RegExp }): z.ZodString {
  return z
    .string({ error: expected })
    .min(1, { error: expected, abort: true })
    .max(options.max, { error: `${expected}, of at most ${options.max} characters`, abort: true })
    .regex(options.pattern ?? ONE_LINE, { error: expected });
}

/** An object without unknown keys; the message of an unknown one names the nearest known. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  expected: string,
): z.ZodObject<Shape, z.core.$strict> {
  const known = KNOWN_KEYS_PREFIX + Object.keys(shape).join(', ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? known : expected) });
}

/** A list of at most `max` things that are all different by `identity` (the thing itself by default). */
export function listSchema<Item extends z.ZodType>(
  item: Item,
  expected: string,
  options: { max: number; min?: number; identity?: (item: z.output<Item>) => unknown },
) {
  const { max, min = 0, identity = (value) => value } = options;
  return z
    .array(item, { error: expected })
    .min(min, { error: `${expected}, at least ${min}`, abort: true })
    .max(max, { error: `${expected}, at most ${max}`, abort: true })
    .superRefine((items, context) => {
      const seen = new Set<unknown>();
      for (const [index, value] of items.entries()) {
        const key = identity(value);
        if (seen.has(key)) {
          context.addIssue({
            code: 'custom',
            path: [index],
            message: 'something that is not in the list yet',
          });
        }
        seen.add(key);
      }
    });
}

/**
 * A map from names to values, at most `max`. The result has no prototype, so that looking up `constructor` finds
 * nothing; a key `__proto__` never gets here (see `snapshot.ts`).
 */
export function mapSchema<Key extends z.core.$ZodRecordKey, Value extends z.core.SomeType>(
  key: Key,
  value: Value,
  expected: string,
  options: { max: number },
) {
  return z
    .record(key, value, { error: expected })
    .refine((entries) => Object.keys(entries).length <= options.max, {
      error: `${expected}, at most ${options.max}`,
    })
    .meta({ maxProperties: options.max })
    .transform(withoutPrototype);
}

/** Most maps of most manifests are empty, and objects without a prototype are large. */
const EMPTY = Object.freeze(Object.create(null) as Record<string, never>);

/** The same entries on an object without a prototype, frozen. */
export function withoutPrototype<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  if (Object.keys(entries).length === 0) return EMPTY;
  return deepFreeze(Object.assign(Object.create(null) as Record<string, T>, entries));
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** The fields that have a value: `undefined` is as good as absent. */
export function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** A value that is handed on as it is, never copied or frozen: a function, a logger, a source. */
export function passThrough<T>(accepts: (value: unknown) => boolean, expected: string) {
  return z.custom<T>(accepts, { error: expected });
}
