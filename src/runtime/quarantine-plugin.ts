import { cordonError } from '../errors/cordon-error.js';
import type { Failure } from '../sandbox/protocol.js';
import { keepQuarantine } from './held-plugin.js';
import { freed, move } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';
import { allDependentsOf } from './unload-plugin.js';

/** Puts a plugin into quarantine: what waits is refused, what runs may end, and who depends on it is suspended. */
export function quarantinePlugin(
  runtime: Runtime,
  unit: PluginUnit,
  cause: 'manual' | 'violations',
  reason: string,
): void {
  // What JavaScript may pass for one.
  if (typeof reason !== 'string') {
    const message = `The reason for the quarantine of ${unit.name} is ${reason === null ? 'null' : typeof reason}; expected a text.`;
    throw cordonError('ERR_OPTIONS', message, { plugin: unit.name, version: unit.version });
  }
  const taken = runtime.quarantine.impose({
    plugin: unit.name,
    version: unit.version,
    cause,
    // It is written down, too.
    reason: runtime.redaction.text(reason),
    evidence: runtime.ledger.recent(unit.name),
    dependents: allDependentsOf(runtime, unit).map(({ name, version }) => ({ plugin: name, version })),
  });
  keepQuarantine(runtime, unit.name);
  for (const name of taken) {
    const held = runtime.units.get(name);
    if (!held) continue;
    const why = runtime.quarantine.get(name)?.reason ?? reason;
    move(held, 'quarantined', why);
    const refusal = runtime.quarantine.refusal(name);
    const failure: Failure = { code: 'ERR_QUARANTINED', message: refusal.message, details: { reason: why } };
    held.pool.rejectQueued(failure);
  }
}

/** Releases a plugin by hand. */
export function releasePlugin(runtime: Runtime, name: string): void {
  freed(runtime, runtime.quarantine.release(name), 'released by hand');
  keepQuarantine(runtime, name);
}
