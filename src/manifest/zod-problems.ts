import type { z } from 'zod';
import { nearestName } from '../errors/nearest-name.js';
import { describeFound, formatPath, LISTED, type Problem, quote } from './problem.js';

type Issue = z.core.$ZodIssue;

/** A problem with its path as steps, so that a caller can find its place in the text. */
export interface LocatedProblem extends Problem {
  readonly steps: readonly PropertyKey[];
}

/** Zod reports a key that is not in the shape with this message; `strictObject` of `schema-parts.ts` writes it. */
export const KNOWN_KEYS_PREFIX = 'one of ';

/**
 * Turns the issues of a schema into problems. The schemas of this room give as `error` not a sentence but what was
 * expected; what was found is read from `input`. One problem for a place: the first.
 */
export function zodProblems(issues: readonly Issue[], input: unknown): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const places = new Set<string>();
  for (const issue of issues) {
    // Thousands of unknown keys are not worth a guess each.
    for (const problem of problemsOf(issue, input, LISTED - problems.length)) {
      if (places.has(problem.path)) continue;
      places.add(problem.path);
      problems.push(problem);
    }
  }
  return problems;
}

function problemsOf(issue: Issue, input: unknown, guesses: number): LocatedProblem[] {
  const at = (steps: readonly PropertyKey[], found: string, expected: string): LocatedProblem => ({
    path: formatPath(steps),
    found,
    expected,
    steps,
  });
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.startsWith(KNOWN_KEYS_PREFIX)
        ? issue.message.slice(KNOWN_KEYS_PREFIX.length).split(', ')
        : [];
      return issue.keys.map((key, index) => {
        const only = known.length === 1 ? known[0] : undefined;
        const nearest = index >= guesses || key.length > 64 ? only : (nearKey(key, known) ?? only);
        return at(
          [...issue.path, key],
          'an unknown key',
          nearest === undefined ? issue.message : quote(nearest),
        );
      });
    }
    case 'invalid_key':
      return [
        at(
          issue.path,
          `the key ${quote(String(issue.path.at(-1)))}`,
          issue.issues[0]?.message ?? issue.message,
        ),
      ];
    case 'invalid_union': {
      // The branch that the author meant is the one whose kind of value fits; without one the union speaks for itself.
      const meant = issue.errors.filter((branch) =>
        branch.every((inner) => inner.path.length > 0 || isDeep(inner)),
      );
      const branch = meant.length === 1 ? meant[0] : undefined;
      if (branch === undefined)
        return [at(issue.path, describeFound(valueAt(input, issue.path)), issue.message)];
      return branch.flatMap((inner) =>
        problemsOf({ ...inner, path: [...issue.path, ...inner.path] } as Issue, input, guesses),
      );
    }
    default:
      return [at(issue.path, describeFound(valueAt(input, issue.path)), issue.message)];
  }
}

/** The key that was meant: a slip of the keyboard, or the beginning of a longer name, such as `memory`. */
function nearKey(key: string, known: readonly string[]): string | undefined {
  const start = key.toLowerCase();
  return (
    nearestName(key, known) ??
    (key.length < 3 ? undefined : known.find((name) => name.toLowerCase().startsWith(start)))
  );
}

/** Whether an issue at the root of a branch still says that the branch was the right one. */
function isDeep(issue: Issue): boolean {
  return issue.code !== 'invalid_type' && issue.code !== 'invalid_value';
}

/** What is at `path`, own properties only. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
