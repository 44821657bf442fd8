/**
 * How much one call may log. Counts what the guest sends, not what is written: a giant line uses the budget up though only
 * its beginning is kept. An empty line counts as one byte, so that a loop of them ends too.
 */
export class LogBudget {
  /** `logBytesPerCall`. */
  readonly limitBytes: number;
  #sentBytes = 0;
  #droppedBytes = 0;
  #droppedLines = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /**
   * Asks for a line of `bytes`. Returns how many of them may be kept: all, the rest of the budget, or `undefined` for a line
   * that is dropped.
   */
  take(bytes: number): number | undefined {
    const cost = Math.max(1, bytes);
    const rest = Math.max(0, this.limitBytes - this.#sentBytes);
    this.#sentBytes += cost;
    if (cost <= rest) return bytes;
    this.#droppedBytes += cost - rest;
    if (rest > 0) return rest;
    this.#droppedLines++;
    return undefined;
  }

  /** All that the guest sent. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Of that, what was not kept. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Lines of which nothing was kept. */
  get droppedLines(): number {
    return this.#droppedLines;
  }
}
