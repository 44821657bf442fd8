import { ownValue } from '../manifest/own-value.js';
import type { Candidate } from './candidate.js';
import type { SlotVariable } from './choice-variables.js';
import type { PluginVariable } from './plugin-variable.js';
import type { ResolveRequest } from './request.js';
import { has, least } from './solver/value-set.js';

/** Which of the possible values is tried first. */
export class Preference<C extends Candidate> {
  readonly #locked: Readonly<Record<string, string>>;
  readonly #upgrade: 'all' | ReadonlySet<string>;

  constructor({ locked, upgrade }: Pick<ResolveRequest<C>, 'locked' | 'upgrade'>) {
    this.#locked = locked ?? {};
    this.#upgrade = upgrade === 'all' ? 'all' : new Set(upgrade);
  }

  /** The locked version of a plugin that is not to be upgraded. */
  lockedVersion(name: string): string | undefined {
    if (this.#upgrade === 'all' || this.#upgrade.has(name)) return undefined;
    return ownValue(this.#locked, name);
  }

  /** The locked version, or else the newest that is possible. */
  version(plugin: PluginVariable): number {
    const locked = this.#lockedValue(plugin);
    if (locked !== undefined && has(plugin.current, locked)) return locked;
    return least(plugin.current & plugin.present);
  }

  /**
   * Who is in the set anyway, then who is locked, then the plugin of that name, then the providers by name.
   */
  server(slot: SlotVariable): number {
    const possible = [slot.own, ...slot.providers].filter((plugin) =>
      has(slot.current, slot.valueFor(plugin)),
    );
    const best =
      possible.find((plugin) => plugin.decided !== undefined) ??
      possible.find((plugin) => this.#lockedValue(plugin) !== undefined) ??
      possible[0]!;
    return slot.valueFor(best);
  }

  #lockedValue(plugin: PluginVariable): number | undefined {
    const version = this.lockedVersion(plugin.name);
    return version === undefined ? undefined : plugin.valueFor(version);
  }
}
