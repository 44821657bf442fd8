import type { VarChanges, Vars } from './protocol.js';

/** Vars by tenant. */
export type KeptVars = ReadonlyMap<string, Vars>;

/** Tenants whose vars are kept. */
const MAX_TENANTS = 1000;
const NONE: Vars = new Map();

/** The vars of a stateful plugin on the host's side, where they outlive its instances. */
export class VarStore {
  // Made with the first one: most plugins have none.
  #tenants: Map<string, Map<string, Uint8Array>> | undefined;

  constructor(kept?: KeptVars) {
    if (kept && kept.size > 0) this.#tenants = copy(kept);
  }

  of(tenant: string): Vars {
    return this.#tenants?.get(tenant) ?? NONE;
  }

  /** Takes over what a call changed. */
  keep(tenant: string, { all, entries }: VarChanges): void {
    this.#tenants ??= new Map();
    const vars = (!all && this.#tenants.get(tenant)) || new Map<string, Uint8Array>();
    // The most recently used last: a host with very many tenants forgets the others.
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, vars);
    for (const oldest of this.#tenants.keys()) {
      if (this.#tenants.size <= MAX_TENANTS) break;
      this.#tenants.delete(oldest);
    }
    for (const [name, value] of entries) {
      if (value === undefined) vars.delete(name);
      else vars.set(name, value);
    }
  }

  /** All of it as it is now. */
  snapshot(): KeptVars {
    return copy(this.#tenants ?? new Map());
  }
}

function copy(tenants: KeptVars): Map<string, Map<string, Uint8Array>> {
  return new Map([...tenants].map(([tenant, vars]) => [tenant, new Map(vars)]));
}
