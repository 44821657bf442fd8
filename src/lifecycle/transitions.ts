import type { EnterableState, PluginState } from '../events/plugin-state.js';

/**
 * Every legal transition of one version of a plugin, with what causes it. A reload is no transition: the new version has a
 * life of its own beside the old one. While calls are in flight the state stays `running`, also when an instance is lost and
 * made anew under them. The trial call of a quarantine happens inside `quarantined`.
 */
export const TRANSITIONS = {
  resolved: {
    loading: 'its turn in the order of activation has come',
    failed: 'a dependency failed before its turn came',
    unloaded: 'the load was called off before its turn came',
  },
  loading: {
    ready: 'an instance started and `on_activate` returned',
    idle: 'everything was checked and `activation` is `call`: the first call starts it',
    failed: 'a step of the load or of the start failed',
    unloaded: 'the load was called off',
    quarantined: 'it went too far while it started, or was in quarantine before the host restarted',
  },
  ready: {
    running: 'the first call in flight',
    idle: 'unused for `idle.unloadAfterMs`, given up for a budget, or its instance was lost',
    draining: 'an unload began, or a newer version took over',
    quarantined: 'too many violations, by hand, or a dependency was quarantined',
  },
  running: {
    ready: 'the last call in flight ended',
    idle: 'the last call in flight ended, and cost the instance',
    draining: 'an unload began, or a newer version took over',
    failed: 'its instance was lost and cannot be started again',
    quarantined: 'too many violations, by hand, or a dependency was quarantined',
  },
  draining: {
    unloaded: 'the last call ended, or `drainMs` passed',
    ready: 'the unload was called off',
    idle: 'the unload was called off, and its instance is lost',
  },
  unloaded: {},
  idle: {
    loading: 'a call came',
    unloaded: 'an unload; there is nothing to drain',
    quarantined: 'by hand, or a dependency was quarantined',
  },
  failed: {
    loading: 'a call came, or a restart is due: it is tried again',
    unloaded: 'the load that failed is rolled back, or an unload',
    quarantined: 'too many violations, by hand, or a dependency was quarantined',
  },
  quarantined: {
    ready: 'released, and its instance is still there',
    idle: 'released, and the next call starts it',
    draining: 'an unload began while calls from before are still in flight',
    unloaded: 'an unload, with nothing in flight',
  },
} as const satisfies Record<PluginState, Partial<Record<EnterableState, string>>>;

/** The states that may follow `from`, in the order of the table. */
export function nextStates(from: PluginState): readonly EnterableState[] {
  return Object.keys(TRANSITIONS[from]) as EnterableState[];
}

/** Whether the table has a way from `from` to `to`. */
export function isLegal(from: PluginState, to: PluginState): to is EnterableState {
  return Object.hasOwn(TRANSITIONS[from], to);
}
