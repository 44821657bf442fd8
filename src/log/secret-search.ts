import { secretPattern, secretTexts, shortestForm } from './secret-pattern.js';

/** The engine takes patterns up to some size, and compiling one takes time in proportion. */
const MAX_PATTERN_LENGTH = 64 * 1024;
/** Longer ones are not even made. */
const MAX_SECRET_LENGTH = 4096;

/** Replaces secrets in texts. */
export class SecretSearch {
  /** One for as many secrets as fit into a pattern. */
  readonly #patterns: RegExp[] = [];
  /** Of secrets that fit into none. */
  readonly #texts: string[] = [];
  readonly #shortest: number;
  readonly #mask: string;

  /** @param secrets the longest first: one may be the beginning of another */
  constructor(secrets: readonly string[], mask: string) {
    this.#mask = mask;
    this.#shortest = Math.min(...secrets.map(shortestForm));
    let sources: string[] = [];
    let length = 0;
    const finish = (): void => {
      if (sources.length > 0) this.#patterns.push(new RegExp(sources.join('|'), 'g'));
      sources = [];
      length = 0;
    };
    for (const secret of secrets) {
      const source = secret.length > MAX_SECRET_LENGTH ? undefined : secretPattern(secret);
      if (source === undefined || source.length > MAX_PATTERN_LENGTH) {
        this.#texts.push(...secretTexts(secret));
        continue;
      }
      if (length + source.length > MAX_PATTERN_LENGTH) finish();
      sources.push(source);
      length += source.length;
    }
    finish();
  }

  replace(text: string): string {
    if (text.length < this.#shortest) return text;
    let masked = text;
    for (const secret of this.#texts) masked = masked.replaceAll(secret, this.#mask);
    for (const pattern of this.#patterns) masked = masked.replace(pattern, this.#mask);
    return masked;
  }
}
