import { cordonError } from '../src/errors/cordon-error.js';
import type { Logger } from '../src/log/logger.js';

/** What has to be done when a host is closed, by those who live as long as it. */
export class CloseWork {
  readonly #work = new Set<{ readonly run: () => unknown }>();

  add(run: () => unknown): () => void {
    const entry = { run };
    this.#work.add(entry);
    return () => {
      this.#work.delete(entry);
    };
  }

  /** All of it, one after the other, whatever fails. */
  async run(logger: Logger): Promise<void> {
    for (const { run } of [...this.#work].reverse()) {
      try {
        await run();
      } catch (error) {
        logger.error({ err: error }, 'Work for the end of the host failed.');
      }
    }
    this.#work.clear();
  }
}

export function notAFunction(found: unknown): Error {
  return cordonError(
    'ERR_OPTIONS',
    `host.onClose was given ${found === null ? 'null' : typeof found}; expected a function.`,
  );
}
