import { escapeControl } from './escape-control.js';

/** What stands where a secret was. */
export const REDACTED = '[secret]';

/** Shorter texts are found everywhere: they cannot be masked without spoiling what is around them. */
export const MIN_SECRET_LENGTH = 4;
/** Lines of a secret of several lines (a private key) are masked one by one from this length on. */
const MIN_LINE_LENGTH = 16;
const MAX_DEPTH = 100;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Masks secret values in whatever is logged, emitted or thrown: as they are, as JSON and URLs write them, in base64, and with
 * their control characters escaped. It guards against slips, not against a guest that wants to give a secret away: any
 * other encoding passes.
 */
export class Redaction {
  readonly #pattern: RegExp | undefined;

  constructor(secrets: Iterable<string>) {
    const forms = new Set([...secrets].flatMap(formsOf));
    if (forms.size === 0) return;
    // The longest first: one secret may be the beginning of another.
    const longest = [...forms].sort((a, b) => b.length - a.length);
    this.#pattern = new RegExp(
      longest.map((form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'),
      'g',
    );
  }

  /** Whether there is anything to mask. */
  get active(): boolean {
    return this.#pattern !== undefined;
  }

  text(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, REDACTED) : text;
  }

  /** A line of a guest, which may be text or bytes. */
  line(line: string | Uint8Array): string | Uint8Array {
    if (!this.#pattern) return line;
    return this.text(typeof line === 'string' ? line : decoder.decode(line));
  }

  /** Data with the texts in it masked: the same object where there is nothing to mask, else a frozen copy. */
  value<T>(value: T): T {
    return this.#pattern ? (this.#masked(value, 0) as T) : value;
  }

  #masked(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (value instanceof Error) return this.#maskedError(value, depth + 1);
    if (!isPlain(value)) return value;
    // Nothing of Cordon's is nested so deeply; leaving it in would be a way around.
    if (depth >= MAX_DEPTH) return REDACTED;
    const masked = Object.entries(value).map(
      ([key, inner]) => [this.text(key), this.#masked(inner, depth + 1), inner] as const,
    );
    if (masked.every(([key, inner, before]) => inner === before && Object.hasOwn(value, key))) return value;
    return Object.freeze(
      Array.isArray(value)
        ? masked.map(([, inner]) => inner)
        : Object.fromEntries(masked.map(([key, inner]) => [key, inner])),
    );
  }

  /**
   * An error of the same kind; itself where there is nothing to mask. Of what an application hung on it only texts, causes
   * and `details` are looked at: the rest may be anything.
   */
  #maskedError(error: Error, depth: number): Error {
    const own = Object.getOwnPropertyNames(error).flatMap((name) => {
      const before: unknown = Reflect.get(error, name);
      const looked = typeof before === 'string' || before instanceof Error || name === 'details';
      const after = !looked ? before : depth >= MAX_DEPTH ? undefined : this.#masked(before, depth);
      return [{ name, before, after }];
    });
    if (own.every(({ before, after }) => before === after)) return error;
    const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
    for (const { name, after } of own) {
      const enumerable = Object.prototype.propertyIsEnumerable.call(error, name);
      Object.defineProperty(copy, name, { value: after, enumerable, writable: true, configurable: true });
    }
    return copy;
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

function formsOf(secret: string): string[] {
  const lines = /[\r\n]/.test(secret)
    ? secret.split(/[\r\n]+/).filter((line) => line.length >= MIN_LINE_LENGTH)
    : [];
  const bytes = Buffer.from(secret);
  return [secret, ...lines]
    .flatMap((text) => {
      const json = JSON.stringify(text).slice(1, -1);
      return [text, json, escapeControl(text), encodeURIComponent(text)];
    })
    .concat(bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'));
}
