import type { Variable } from './variable.js';

/** Variables that are to be looked at again, each once, first come first. */
export class ChangeQueue {
  readonly #waiting: Variable[] = [];
  #next = 0;

  get isEmpty(): boolean {
    return this.#next === this.#waiting.length;
  }

  add(variable: Variable): void {
    if (variable.isWaiting) return;
    variable.isWaiting = true;
    this.#waiting.push(variable);
  }

  take(): Variable | undefined {
    const variable = this.#waiting[this.#next];
    if (variable === undefined) this.clear();
    else {
      this.#next++;
      variable.isWaiting = false;
    }
    return variable;
  }

  clear(): void {
    for (let i = this.#next; i < this.#waiting.length; i++) this.#waiting[i]!.isWaiting = false;
    this.#waiting.length = 0;
    this.#next = 0;
  }
}
