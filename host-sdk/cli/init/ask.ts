import { createInterface } from 'node:readline/promises';
import { type Console, paint } from '../console.js';
import { UsageError } from '../usage-error.js';

/** Asks a person at the terminal, one question after the other. */
export class Questions implements Disposable {
  readonly #io: Console;
  readonly #reader: ReturnType<typeof createInterface>;
  readonly #lines: AsyncIterator<string>;
  readonly #stop = (): void => this.#reader.close();

  constructor(io: Console) {
    this.#io = io;
    this.#reader = createInterface({ input: io.terminal.input });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    io.signal.addEventListener('abort', this.#stop, { once: true });
  }

  /** Until the answer is one that `problem` has nothing against; an empty one is the default. */
  async ask(
    question: string,
    normal: string,
    problem: (answer: string) => string | undefined,
  ): Promise<string> {
    for (;;) {
      this.#io.err(paint('bold', question), paint('dim', ` (${normal}) `));
      const { done, value } = await this.#lines.next();
      if (done) throw new UsageError('no answer was given');
      const answer = value.trim() || normal;
      const wrong = problem(answer);
      if (wrong === undefined) return answer;
      this.#io.err(paint('red', wrong), '\n');
    }
  }

  [Symbol.dispose](): void {
    this.#io.signal.removeEventListener('abort', this.#stop);
    this.#reader.close();
  }
}
