import type { VarChanges, Vars } from './protocol.js';

/** So many changed names are told one by one; from there on all vars are told at once. */
const MAX_CHANGES = 64;

/** The Extism vars of one instance, within `varBytes`. Changes are noted so that the host can keep a copy. */
export class GuestVars {
  // Made with the first one: most guests have none.
  #values: Map<string, Uint8Array> | undefined;
  readonly #limit: number;
  readonly #onRefused: (wanted: number) => never;
  #bytes = 0;
  #changed: Set<string> | undefined;

  constructor(initial: Vars, limit: number, onRefused: (wanted: number) => never) {
    if (initial.size > 0) this.#values = new Map(initial);
    this.#limit = limit;
    this.#onRefused = onRefused;
    for (const [name, value] of initial) this.#bytes += varSize(name, value);
  }

  get(name: string): Uint8Array | undefined {
    return this.#values?.get(name);
  }

  set(name: string, value: Uint8Array): void {
    const old = this.#values?.get(name);
    const wanted = this.#bytes - (old ? varSize(name, old) : 0) + varSize(name, value);
    if (wanted > this.#limit) this.#onRefused(wanted);
    this.#values ??= new Map();
    this.#values.set(name, value);
    this.#bytes = wanted;
    this.#note(name);
  }

  delete(name: string): void {
    const old = this.#values?.get(name);
    if (!old) return;
    this.#values!.delete(name);
    this.#bytes -= varSize(name, old);
    this.#note(name);
  }

  /** What all of them count. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** What changed since the last time; a guest that changes masses of names costs no more than its vars. */
  takeChanges(): VarChanges | undefined {
    const changes = this.changes();
    this.#changed = undefined;
    return changes;
  }

  /** The same without beginning anew. */
  changes(): VarChanges | undefined {
    if (!this.#changed) return undefined;
    const all = this.#changed.size > MAX_CHANGES;
    const entries = all
      ? new Map(this.#values)
      : new Map([...this.#changed].map((name) => [name, this.#values?.get(name)]));
    return { all, entries };
  }

  #note(name: string): void {
    this.#changed ??= new Set();
    if (this.#changed.size <= MAX_CHANGES) this.#changed.add(name);
  }
}

/** Names count too, as UTF-16, plus a flat cost for the entry: a mass of empty vars is not free. */
export function varSize(name: string, value: Uint8Array): number {
  return value.byteLength + name.length * 2 + 32;
}
