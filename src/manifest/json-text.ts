import { formatPath, type Problem, quote } from './problem.js';

/** A place in a text, both from 1; the column counts UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A JSON text that was read, with the places of its values. */
export interface JsonText {
  readonly ok: true;
  readonly value: unknown;
  /** Where the key or element of this path is, or the nearest thing around it that exists. */
  positionOf(path: readonly PropertyKey[]): Position;
}

/**
 * Reads JSON (RFC 8259) as `JSON.parse` does, and also tells where things are, refuses a key that is there twice (people
 * and programs would read two different manifests), nesting beyond `maxDepth`, and more than `maxValues` values. `JSON.parse` itself gives a position
 * for some errors only, and its words change with the version of Node.
 */
export function readJson(
  text: string,
  options: { maxDepth: number; maxValues: number },
): JsonText | { readonly ok: false; readonly problem: Problem } {
  const lines = new Lines(text);
  const reader = new JsonReader(text, options.maxDepth, options.maxValues);
  try {
    const value = reader.document();
    return {
      ok: true,
      value,
      positionOf: (path) => lines.positionAt(reader.offsetOf(value, path)),
    };
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    const { found, expected, offset } = error;
    return {
      ok: false,
      problem: { path: formatPath(reader.path), found, expected, ...lines.positionAt(offset) },
    };
  }
}

class JsonProblem extends Error {
  readonly found: string;
  readonly expected: string;
  readonly offset: number;

  constructor(found: string, expected: string, offset: number) {
    super(expected);
    this.found = found;
    this.expected = expected;
    this.offset = offset;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORD = /[\w$]+/y;
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

class JsonReader {
  /** The path of what is being read. */
  readonly path: (string | number)[] = [];
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #maxValues: number;
  /** For each object and array, where its keys or elements begin. */
  readonly #offsets = new WeakMap<object, Map<PropertyKey, number>>();
  #at = 0;
  #values = 0;

  constructor(text: string, maxDepth: number, maxValues: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#maxValues = maxValues;
  }

  document(): unknown {
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the file');
    return value;
  }

  offsetOf(root: unknown, path: readonly PropertyKey[]): number {
    let value = root;
    let offset = 0;
    for (const step of path) {
      const next =
        typeof value === 'object' && value !== null ? this.#offsets.get(value)?.get(step) : undefined;
      if (next === undefined) break;
      offset = next;
      value = (value as Record<PropertyKey, unknown>)[step];
    }
    return offset;
  }

  #value(): unknown {
    if (++this.#values > this.#maxValues) {
      throw new JsonProblem('more', `at most ${this.#maxValues} values in all`, this.#at);
    }
    const character = this.#text[this.#at];
    if (character === '{' || character === '[') {
      if (this.path.length >= this.#maxDepth) {
        throw new JsonProblem('deeper nesting', `at most ${this.#maxDepth} levels`, this.#at);
      }
      this.#at++;
      return character === '{' ? this.#object() : this.#array();
    }
    if (character === '"') return this.#string();
    const number = this.#match(NUMBER);
    if (number !== '') return Number(number);
    const start = this.#at;
    const word = this.#match(WORD);
    if (Object.hasOwn(WORDS, word)) return WORDS[word];
    this.#at = start;
    throw word === '' ? this.#unexpected('a value') : new JsonProblem(quote(word), 'a value', start);
  }

  #object(): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const offsets = new Map<PropertyKey, number>();
    this.#offsets.set(result, offsets);
    this.#space();
    if (this.#take('}')) return result;
    for (;;) {
      const start = this.#at;
      if (this.#text[start] !== '"') throw this.#unexpected('a key in double quotes');
      const key = this.#string();
      this.path.push(key);
      if (offsets.has(key)) throw new JsonProblem('this key a second time', 'each key once', start);
      offsets.set(key, start);
      this.#space();
      if (!this.#take(':')) throw this.#unexpected('":"');
      this.#space();
      // Not an assignment: that would lose the key `__proto__`, which whoever reads the value shall see and refuse.
      const property = { value: this.#value(), writable: true, enumerable: true, configurable: true };
      Object.defineProperty(result, key, property);
      this.path.pop();
      this.#space();
      if (this.#take('}')) return result;
      if (!this.#take(',')) throw this.#unexpected('"," or "}"');
      this.#space();
    }
  }

  #array(): unknown[] {
    const result: unknown[] = [];
    const offsets = new Map<PropertyKey, number>();
    this.#offsets.set(result, offsets);
    this.#space();
    if (this.#take(']')) return result;
    for (;;) {
      this.path.push(result.length);
      offsets.set(result.length, this.#at);
      result.push(this.#value());
      this.path.pop();
      this.#space();
      if (this.#take(']')) return result;
      if (!this.#take(',')) throw this.#unexpected('"," or "]"');
      this.#space();
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      // NaN is the end of the text; a control character, a line break above all, means that the quote was forgotten.
      if (!(code >= 0x20)) throw this.#unexpected('the closing quote of a text');
      if (code !== 0x5c) this.#at++;
      else if (/^["\\/bfnrt]/.test(this.#text.slice(this.#at + 1, this.#at + 2))) this.#at += 2;
      else if (/^u[\da-fA-F]{4}/.test(this.#text.slice(this.#at + 1, this.#at + 6))) this.#at += 6;
      else {
        const sequence = this.#text.slice(this.#at, this.#at + 2);
        throw new JsonProblem(quote(sequence), 'an escape of JSON such as "\\\\n" or "\\\\u00e9"', this.#at);
      }
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #unexpected(expected: string): JsonProblem {
    const rest = this.#text.slice(this.#at, this.#at + 2);
    const found =
      rest === ''
        ? 'the end of the file'
        : /^\/[/*]/.test(rest)
          ? 'a comment'
          : quote(String.fromCodePoint(rest.codePointAt(0)!));
    return new JsonProblem(found, expected, this.#at);
  }
}

/** Where the lines of a text begin, found when first asked for. */
class Lines {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  positionAt(offset: number): Position {
    this.#starts ??= [
      0,
      ...Array.from(this.#text.matchAll(/\r\n|\n|\r/g), (match) => match.index + match[0].length),
    ];
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}
