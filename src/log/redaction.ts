import { escapeControl } from './escape-control.js';
import { SecretEdges } from './secret-edges.js';
import { SecretSearch } from './secret-search.js';

/** What stands where a secret was. */
export const REDACTED = '[secret]';

/** Shorter texts are found everywhere: they cannot be masked without spoiling what is around them. */
export const MIN_SECRET_LENGTH = 4;
const MAX_DEPTH = 100;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Masks secret values in whatever is logged, emitted or thrown, in the forms that `secretPattern` knows, and what is left of one
 * where a text was cut or a line broken. It guards against slips, not against a guest that wants to give a secret away: any
 * other encoding passes.
 */
export class Redaction {
  readonly #search: SecretSearch | undefined;
  readonly #edges: SecretEdges | undefined;

  constructor(secrets: Iterable<string>) {
    // The longest first: one secret may be the beginning of another.
    const longest = [...new Set(secrets)].sort((a, b) => b.length - a.length);
    if (longest.length === 0) return;
    this.#search = new SecretSearch(longest, REDACTED);
    this.#edges = new SecretEdges(
      longest.flatMap((secret) => [secret, escapeControl(secret)]),
      REDACTED,
    );
  }

  /** Whether there is anything to mask. */
  get active(): boolean {
    return this.#search !== undefined;
  }

  text(text: string): string {
    return this.#search ? this.#edges!.atCuts(this.#search.replace(text)) : text;
  }

  /** A line of a guest, which may be text or bytes; the secret may have begun in the line before, or go on in the next. */
  line(line: string | Uint8Array): string | Uint8Array {
    if (!this.#search) return line;
    return this.#edges!.atEnds(this.text(typeof line === 'string' ? line : decoder.decode(line)));
  }

  /** Data with the texts in it masked: the same object where there is nothing to mask, else a frozen copy. */
  value<T>(value: T): T {
    if (!this.#search) return value;
    return this.#finds(value, new Set(), 0) ? (this.#masked(value, new Map(), 0) as T) : value;
  }

  /** Each object is looked at once, however often and in whatever circles it is referred to. */
  #finds(value: unknown, seen: Set<object>, depth: number): boolean {
    if (typeof value === 'string') return this.text(value) !== value;
    if (!isLookedInto(value) || seen.has(value)) return false;
    seen.add(value);
    // Nothing of Cordon's is nested so deeply; leaving it in would be a way around.
    if (depth >= MAX_DEPTH) return true;
    return partsOf(value).some(
      ([key, inner]) =>
        (typeof key === 'string' && this.text(key) !== key) || this.#finds(inner, seen, depth + 1),
    );
  }

  #masked(value: unknown, copies: Map<object, object>, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (!isLookedInto(value)) return value;
    const known = copies.get(value);
    if (known) return known;
    if (depth >= MAX_DEPTH) return REDACTED;
    if (value instanceof Error) return this.#maskedError(value, copies, depth + 1);
    const copy: object = Array.isArray(value) ? [] : {};
    copies.set(value, copy);
    for (const [key, inner] of partsOf(value)) {
      const name = this.text(key);
      // Not by assignment: `__proto__` is a name like any other here.
      Object.defineProperty(copy, name, { value: this.#masked(inner, copies, depth + 1), ...OPEN });
    }
    return Object.freeze(copy);
  }

  /**
   * An error of the same kind. Of what an application hung on it only texts, causes, `errors` and `details` are looked at: the
   * rest may be anything.
   */
  #maskedError(error: Error, copies: Map<object, object>, depth: number): Error {
    const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
    copies.set(error, copy);
    const looked = new Map(partsOf(error));
    for (const name of Object.getOwnPropertyNames(error)) {
      const enumerable = Object.prototype.propertyIsEnumerable.call(error, name);
      const value = looked.has(name)
        ? this.#masked(looked.get(name), copies, depth)
        : Reflect.get(error, name);
      Object.defineProperty(copy, name, { value, enumerable, writable: true, configurable: true });
    }
    return copy;
  }
}

const OPEN = { enumerable: true, writable: true, configurable: true } as const;

function isLookedInto(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Error || Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What is looked at: all of plain data; of an error its texts, what caused it, and its details. */
function partsOf(value: object): [string, unknown][] {
  if (!(value instanceof Error)) return Object.entries(value);
  return Object.getOwnPropertyNames(value)
    .map((name): [string, unknown] => [name, Reflect.get(value, name)])
    .filter(
      ([name, inner]) =>
        typeof inner === 'string' || inner instanceof Error || name === 'details' || name === 'errors',
    );
}
