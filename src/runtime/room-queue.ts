/** Those that wait until an instance fits into the budgets of the host, in the order in which they came. */
export class RoomQueue {
  readonly #waiting = new Set<() => void>();

  add(wake: () => void): void {
    this.#waiting.add(wake);
  }

  /** There may be room now. Who finds none comes back, behind those that came meanwhile. */
  wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
