import { cordonError } from '../errors/cordon-error.js';
import type { LifecycleEvent } from '../events/host-events.js';
import type { EnterableState, PluginState } from '../events/plugin-state.js';
import { isLegal, nextStates } from './transitions.js';

/** What a {@link Lifecycle} needs to know. */
export interface LifecycleOptions {
  readonly plugin: string;
  readonly version: string;
  /** Called after each transition, with a frozen payload; must not throw. It may bring about the next transition. */
  readonly onTransition: (event: LifecycleEvent) => void;
  /** Would anybody hear of a transition to this state? Where not, no payload is made. Default: yes. */
  readonly isHeard?: (to: EnterableState) => boolean;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** The state of one version of a plugin, from `resolved` to `unloaded`. It only ever moves along the table. */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  #state: PluginState = 'resolved';
  #since: number;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#since = (options.now ?? Date.now)();
  }

  get state(): PluginState {
    return this.#state;
  }

  /** Since when it is in its state, in milliseconds since the epoch. */
  get since(): number {
    return this.#since;
  }

  /** Whether {@link to} would succeed. */
  can(to: PluginState): boolean {
    return isLegal(this.#state, to);
  }

  /**
   * Goes to another state. `reason` is for people and ends up in the event.
   * @throws ERR_STATE where the table has no such transition; the state then stays as it was.
   */
  to(to: EnterableState, reason?: string): void {
    const { plugin, version, onTransition, isHeard, now = Date.now } = this.#options;
    const from = this.#state;
    if (!isLegal(from, to)) {
      const legal = nextStates(from);
      const ways = legal.length > 0 ? `only to ${legal.map((s) => `"${s}"`).join(', ')}` : 'nowhere any more';
      throw cordonError(
        'ERR_STATE',
        `Plugin "${plugin}@${version}" cannot go from "${from}" to "${to}": from "${from}" it goes ${ways}`,
        { plugin, version, details: { from, to, legal } },
      );
    }
    const at = now();
    this.#state = to;
    this.#since = at;
    if (isHeard && !isHeard(to)) return;
    onTransition(
      Object.freeze(
        reason === undefined ? { plugin, version, from, to, at } : { plugin, version, from, to, reason, at },
      ),
    );
  }
}
