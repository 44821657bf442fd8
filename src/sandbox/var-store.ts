import type { VarChanges, Vars } from './protocol.js';

/** What a tenant's instances have left behind. */
interface KeptState {
  readonly vars: Vars;
  /** The version of the plugin that these vars are of. */
  readonly version: string;
}

/** By tenant. */
export type KeptVars = ReadonlyMap<string, KeptState>;

/** Tenants whose vars are kept. */
export const MAX_TENANTS = 1000;
const NONE: Vars = new Map();

/** The vars of a stateful plugin on the host's side, where they outlive its instances. */
export class VarStore {
  readonly #version: string;
  readonly #onForgotten: () => void;
  // Made with the first one: most plugins have none.
  #tenants: Map<string, { readonly vars: Map<string, Uint8Array>; version: string }> | undefined;

  /**
   * @param version the plugin's
   * @param kept what is left of versions before
   * @param onForgotten there were too many tenants, and vars of one are gone
   */
  constructor(version: string, kept?: KeptVars, onForgotten: () => void = () => {}) {
    this.#version = version;
    this.#onForgotten = onForgotten;
    if (kept && kept.size > 0) this.#tenants = copy(kept);
  }

  of(tenant: string): Vars {
    return this.#tenants?.get(tenant)?.vars ?? NONE;
  }

  /** The version that a tenant's vars are of; undefined where it has none. */
  versionOf(tenant: string): string | undefined {
    return this.#tenants?.get(tenant)?.version;
  }

  /** What a version before has left to this tenant has become this one's. */
  migrated(tenant: string): void {
    const state = this.#tenants?.get(tenant);
    if (state) state.version = this.#version;
  }

  /** Takes over what a call changed. */
  keep(tenant: string, { all, entries }: VarChanges): void {
    this.#tenants ??= new Map();
    const vars = (!all && this.#tenants.get(tenant)?.vars) || new Map<string, Uint8Array>();
    // The most recently used last: a host with very many tenants forgets the others.
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, { vars, version: this.#version });
    for (const oldest of this.#tenants.keys()) {
      if (this.#tenants.size <= MAX_TENANTS) break;
      this.#tenants.delete(oldest);
      this.#onForgotten();
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

function copy(tenants: KeptVars): Map<string, { vars: Map<string, Uint8Array>; version: string }> {
  return new Map(
    [...tenants].map(([tenant, { vars, version }]) => [tenant, { vars: new Map(vars), version }]),
  );
}
