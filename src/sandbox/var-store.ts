import type { Vars } from './protocol.js';

/** Vars by tenant. */
export type KeptVars = ReadonlyMap<string, Vars>;

const NONE: Vars = new Map();

/** The vars of a stateful plugin on the host's side, where they outlive its instances. */
export class VarStore {
  readonly #tenants: Map<string, Map<string, Uint8Array>>;

  constructor(kept: KeptVars = new Map()) {
    this.#tenants = copy(kept);
  }

  of(tenant: string): Vars {
    return this.#tenants.get(tenant) ?? NONE;
  }

  /** Takes over what a call changed; `undefined` deletes. */
  keep(tenant: string, changed: ReadonlyMap<string, Uint8Array | undefined>): void {
    const vars = this.#tenants.get(tenant) ?? new Map<string, Uint8Array>();
    this.#tenants.set(tenant, vars);
    for (const [name, value] of changed) {
      if (value === undefined) vars.delete(name);
      else vars.set(name, value);
    }
  }

  /** All of it as it is now. */
  snapshot(): KeptVars {
    return copy(this.#tenants);
  }
}

function copy(tenants: KeptVars): Map<string, Map<string, Uint8Array>> {
  return new Map([...tenants].map(([tenant, vars]) => [tenant, new Map(vars)]));
}
