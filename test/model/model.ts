import type { PluginState } from 'cordon';

/** What the model knows of a plugin. Where the truth depends on who is first, it knows the least and the most. */
export interface PluginModel {
  readonly stateful: boolean;
  /** Its folder: version, and whether a host can read it. */
  disk: { version: number; good: boolean };
  /** The version that is loaded. */
  loaded: number | undefined;
  /** It takes no calls: for what it did itself, or because `base` is held. */
  quarantined: boolean;
  /** It is held for what it did itself, or by hand. */
  imposed: boolean;
  /** What it keeps in its var. */
  least: number;
  most: number;
  /** Violations that count towards quarantine, at least and at most. */
  violations: { least: number; most: number };
}

export const NAMES = ['base', 'top', 'pool', 'fresh', 'apart'] as const;
export type Name = (typeof NAMES)[number];

/** How the host of a run is made. */
export interface Variant {
  readonly metering: boolean;
  /** Budgets that a burst of calls exhausts. */
  readonly tight: boolean;
  /** Instances are given up as soon as nobody calls them. */
  readonly eagerIdle: boolean;
  /** Three violations lead to quarantine. */
  readonly strict: boolean;
  /** What `apart` runs in. */
  readonly tier: 'thread' | 'process';
  /** Shared threads at most. */
  readonly threads: 1 | 2;
  /** New files are loaded without anybody asking for it. */
  readonly watched: boolean;
  /** `base` keeps its instance. */
  readonly pinned: boolean;
}

/** The whole of what is expected. */
export class Model {
  readonly plugins: Readonly<Record<Name, PluginModel>>;
  readonly variant: Variant;
  closed = false;

  constructor(variant: Variant) {
    this.variant = variant;
    const fresh = (stateful: boolean): PluginModel => ({
      stateful,
      disk: { version: 1, good: true },
      ...{
        loaded: undefined,
        quarantined: false,
        imposed: false,
        least: 0,
        most: 0,
        violations: { least: 0, most: 0 },
      },
    });
    this.plugins = {
      ...{ base: fresh(true), top: fresh(true), pool: fresh(false), fresh: fresh(false), apart: fresh(true) },
    };
  }

  /** A load that succeeded: a new life, without what was kept. */
  started(name: Name): void {
    const plugin = this.plugins[name];
    if (plugin.loaded !== undefined) return;
    plugin.loaded = plugin.disk.version;
    plugin.least = 0;
    plugin.most = 0;
  }

  ended(name: Name): void {
    const plugin = this.plugins[name];
    plugin.loaded = undefined;
    plugin.quarantined = false;
    plugin.imposed = false;
    plugin.violations = { least: 0, most: plugin.violations.most };
    if (name === 'base') this.#settleTop();
  }

  release(name: Name): void {
    const plugin = this.plugins[name];
    plugin.imposed = false;
    // One that is in no quarantine is released without effect.
    if (plugin.quarantined) plugin.violations = { least: 0, most: 0 };
    plugin.quarantined = false;
    if (name === 'base') this.#settleTop();
  }

  /** Another version of it serves. One that was released alone is held again where what it depends on still is. */
  reloaded(name: Name): void {
    const plugin = this.plugins[name];
    plugin.loaded = plugin.disk.version;
    if (name === 'top' && this.plugins.base.quarantined) plugin.quarantined = true;
  }

  /** `top` is held where it is itself, or where `base` is. */
  #settleTop(): void {
    const { top, base } = this.plugins;
    const held = top.quarantined;
    top.quarantined = top.loaded !== undefined && (top.imposed || base.quarantined);
    if (held && !top.quarantined) top.violations.least = 0;
  }

  /** Whom a quarantine of this plugin suspends, itself included. */
  heldWith(name: Name): Name[] {
    return name === 'base' && this.plugins.top.loaded !== undefined ? ['base', 'top'] : [name];
  }

  /** The states that a loaded plugin that nobody calls may be in. */
  restingStates(name: Name): readonly PluginState[] {
    return this.plugins[name].quarantined ? ['quarantined'] : ['ready', 'idle'];
  }
}
