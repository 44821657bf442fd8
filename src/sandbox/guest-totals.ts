/**
 * What the guests of a host have, those of all plugins together. It is kept as they come and go: with thousands of plugins nobody could add it up
 * for each instance that is made.
 */
export class GuestTotals {
  instances = 0;
  /** After their last runs; of those that have not run, what they begin with. */
  memoryBytes = 0;
  /** The plugins that have any, by their specs. */
  readonly owners = new Set<number>();
}

/** What one plugin has of it. */
export class GuestShare {
  readonly #totals: GuestTotals;
  readonly #spec: number;
  instances = 0;
  memoryBytes = 0;

  constructor(totals: GuestTotals, spec: number) {
    this.#totals = totals;
    this.#spec = spec;
  }

  /** So much more than before, or less. */
  add(instances: number, memoryBytes: number): void {
    const before = this.instances;
    this.instances += instances;
    this.memoryBytes += memoryBytes;
    this.#totals.instances += instances;
    this.#totals.memoryBytes += memoryBytes;
    if (before === 0 && this.instances > 0) this.#totals.owners.add(this.#spec);
    else if (before > 0 && this.instances === 0) this.#totals.owners.delete(this.#spec);
  }
}
