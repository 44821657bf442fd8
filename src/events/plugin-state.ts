/**
 * What a plugin can be in. Which may follow which is the table of `lifecycle/transitions.ts`; the states live down here
 * because the names of the events are made of them.
 */
export const PLUGIN_STATES = [
  'resolved',
  'loading',
  'ready',
  'running',
  'draining',
  'unloaded',
  'idle',
  'failed',
  'quarantined',
] as const;

/** A state of one version of a plugin; see `docs/reference/lifecycle.md`. */
export type PluginState = (typeof PLUGIN_STATES)[number];

/** A state that can be entered. Every version starts out `resolved`, and none comes back to it. */
export type EnterableState = Exclude<PluginState, 'resolved'>;
