import { type CordonError, cordonError } from '../errors/cordon-error.js';

/** Of so many it is remembered why they are not there. */
const MOST = 100;

/** Plugins that were left out of a load because they could not be loaded, each with the error; the latest of them. */
export class SkippedPlugins {
  readonly #errors = new Map<string, CordonError>();

  add(name: string, error: CordonError): void {
    this.#errors.delete(name);
    this.#errors.set(name, error);
    const [oldest] = this.#errors.keys();
    if (this.#errors.size > MOST && oldest !== undefined) this.#errors.delete(oldest);
  }

  has(name: string): boolean {
    return this.#errors.has(name);
  }

  delete(name: string): void {
    this.#errors.delete(name);
  }

  /** The error of whoever asks for one of them; undefined where it is none. */
  refusal(name: string): CordonError | undefined {
    const cause = this.#errors.get(name);
    if (!cause) return undefined;
    const { version, details } = cause;
    return cordonError(
      cause.code,
      `${name} was left out of its load (plugins["${name}"].failurePolicy is "skip"): ${cause.message} Load it again to try once more.`,
      { plugin: name, version, details, cause },
    );
  }
}
