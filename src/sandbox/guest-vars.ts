import type { Vars } from './protocol.js';

/** The Extism vars of one instance, within `varBytes`. Changes are noted so that the host can keep a copy. */
export class GuestVars {
  readonly #values: Map<string, Uint8Array>;
  readonly #limit: number;
  readonly #onChange: (name: string, value: Uint8Array | undefined) => void;
  readonly #onRefused: (wanted: number) => never;
  #bytes = 0;

  constructor(
    initial: Vars,
    limit: number,
    onChange: (name: string, value: Uint8Array | undefined) => void,
    onRefused: (wanted: number) => never,
  ) {
    this.#values = new Map(initial);
    this.#limit = limit;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
    for (const [name, value] of this.#values) this.#bytes += size(name, value);
  }

  get(name: string): Uint8Array | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: Uint8Array): void {
    const old = this.#values.get(name);
    const wanted = this.#bytes - (old ? size(name, old) : 0) + size(name, value);
    if (wanted > this.#limit) this.#onRefused(wanted);
    this.#values.set(name, value);
    this.#bytes = wanted;
    this.#onChange(name, value);
  }

  delete(name: string): void {
    const old = this.#values.get(name);
    if (!old) return;
    this.#values.delete(name);
    this.#bytes -= size(name, old);
    this.#onChange(name, undefined);
  }
}

/** Names count too, as UTF-16, plus a flat cost for the entry: a mass of empty vars is not free. */
function size(name: string, value: Uint8Array): number {
  return value.byteLength + name.length * 2 + 32;
}
