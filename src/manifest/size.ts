import { z } from 'zod';

/** Bytes of each unit: `KB` is 1000, `KiB` is 1024. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

const SIZE = /^(\d{1,16}(?:\.\d{1,9})?) ?((?:[KMGT]i?)?B)$/;
export const SIZE_EXPECTED = 'a size: a whole number of bytes from 0, or a text such as "32MiB"';

/**
 * Bytes of a size: a non-negative whole number, or a text of a number and a unit (`B`, `KB`, `MB`, `GB`, `TB` by 1000;
 * `KiB`, `MiB`, `GiB`, `TiB` by 1024), with at most one space between. Fractions of a byte are dropped.
 *
 * @returns `undefined` where the value is no size, or is beyond `Number.MAX_SAFE_INTEGER`.
 * @example parseSize('1.5 GiB') // 1610612736
 */
export function parseSize(value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const match = SIZE.exec(value);
  if (match === null) return undefined;
  const bytes = Math.floor(Number(match[1]) * UNITS[match[2]!]!);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size, finite, as a number of bytes. `error` is what was expected, for messages. */
export function sizeSchema(error: string) {
  return z
    .union(
      [
        z.int({ error }).min(0, { error, abort: true }),
        z.string({ error }).regex(SIZE, { error, abort: true }),
      ],
      {
        error,
      },
    )
    .transform((value, context) => {
      const bytes = parseSize(value);
      if (bytes !== undefined) return bytes;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}
