import { describeFound, formatPath } from './problem.js';
import type { LocatedProblem } from './zod-problems.js';

/** Structural bounds of a manifest, checked before any of its fields is looked at. */
export const MANIFEST_BOUNDS = Object.freeze({
  /** Characters of a plugin.json, and of all texts and keys in a manifest together. */
  characters: 1024 * 1024,
  /** Objects, arrays, texts, numbers and so on. */
  nodes: 20_000,
  /** Levels of objects and arrays. */
  depth: 32,
});

/** A copy of JSON-like data that shares nothing with its source, or the first reason why it is none. */
export type Snapshot =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: LocatedProblem };

class NotData extends Error {
  readonly steps: readonly PropertyKey[];
  readonly found: string;
  readonly expected: string;

  constructor(steps: readonly PropertyKey[], found: string, expected: string) {
    super(expected);
    this.steps = [...steps];
    this.found = found;
    this.expected = expected;
  }
}

/**
 * Copies a value as plain data within {@link MANIFEST_BOUNDS}. Getters and proxies run here, once, and never again; a
 * key `__proto__` is refused, properties that are `undefined` are left out.
 */
export function snapshotData(source: unknown): Snapshot {
  let nodes = 0;
  let characters = 0;
  const steps: PropertyKey[] = [];

  const count = (text: string): string => {
    characters += text.length;
    if (characters > MANIFEST_BOUNDS.characters) {
      throw new NotData([], 'more', `at most ${MANIFEST_BOUNDS.characters} characters of text in all`);
    }
    return text;
  };

  const copy = (value: unknown): unknown => {
    if (++nodes > MANIFEST_BOUNDS.nodes) {
      throw new NotData([], 'more', `at most ${MANIFEST_BOUNDS.nodes} values in all`);
    }
    if (typeof value === 'string') return count(value);
    // -0 does not survive JSON.
    if (value === 0) return 0;
    if (value === null || typeof value === 'number' || typeof value === 'boolean' || value === undefined)
      return value;
    if (typeof value !== 'object') throw new NotData(steps, describeFound(value), 'plain data, as in JSON');
    if (steps.length >= MANIFEST_BOUNDS.depth) {
      throw new NotData(steps.slice(0, 3), 'deeper nesting', `at most ${MANIFEST_BOUNDS.depth} levels`);
    }
    return Array.isArray(value) ? copyArray(value) : copyObject(value);
  };

  const copyArray = (source: readonly unknown[]): unknown[] => {
    const { length } = source;
    if (length > MANIFEST_BOUNDS.nodes) {
      throw new NotData(steps, `an array of ${length}`, `at most ${MANIFEST_BOUNDS.nodes} values in all`);
    }
    const result: unknown[] = [];
    for (let index = 0; index < length; index++) {
      steps.push(index);
      result.push(copy(source[index]));
      steps.pop();
    }
    return result;
  };

  const copyObject = (source: object): Record<string, unknown> => {
    const prototype: unknown = Object.getPrototypeOf(source);
    // Objects of another realm have another Object.prototype, whose own prototype is null all the same.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw new NotData(steps, 'an instance of a class', 'plain data, as in JSON');
    }
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(source)) {
      if (key === '__proto__') throw new NotData([...steps, key], 'the key "__proto__"', 'another key');
      count(key);
      steps.push(key);
      const value = copy((source as Record<string, unknown>)[key]);
      if (value !== undefined) result[key] = value;
      steps.pop();
    }
    return result;
  };

  try {
    return { ok: true, value: copy(source) };
  } catch (error) {
    const refusal =
      error instanceof NotData
        ? error
        : new NotData(steps, 'a property that cannot be read', 'plain data, as in JSON');
    return {
      ok: false,
      problem: {
        path: formatPath(refusal.steps),
        found: refusal.found,
        expected: refusal.expected,
        steps: refusal.steps,
      },
    };
  }
}
