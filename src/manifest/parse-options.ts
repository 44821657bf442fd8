import type { z } from 'zod';
import { cordonError } from '../errors/cordon-error.js';
import { deepFreeze } from './deep-freeze.js';
import { formatProblems, type Problem } from './problem.js';
import { zodProblems } from './zod-problems.js';

/**
 * Holds a value of the application against a schema made with `schema-parts.ts`. Nothing of the value is copied or
 * frozen beyond what the schema does.
 *
 * @param subject what the value is, for the message: `The options of createHost`.
 * @throws `ERR_OPTIONS` with every problem in the message and, as data, in `details.problems`.
 */
export function parseOptions<Output>(schema: z.ZodType<Output>, value: unknown, subject: string): Output {
  let result: z.ZodSafeParseResult<Output>;
  try {
    result = schema.safeParse(value);
  } catch (cause) {
    // A getter or a proxy of the application threw.
    const problem = { path: '', found: 'a property that cannot be read', expected: 'plain values' };
    throw optionsError(subject, [problem], cause);
  }
  if (result.success) return result.data;
  throw optionsError(
    subject,
    zodProblems(result.error.issues, value).map(({ steps: _, ...problem }) => problem),
  );
}

/** The error for options with `problems`. */
export function optionsError(subject: string, problems: Problem[], cause?: unknown): Error {
  return cordonError('ERR_OPTIONS', formatProblems(`${subject}:`, problems), {
    cause,
    details: { problems: deepFreeze(problems) },
  });
}
