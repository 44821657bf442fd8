import { move } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/**
 * Is a plugin that was just loaded in quarantine: by what an earlier host wrote down, or because one that it depends on is?
 * Then it is `quarantined` without having run at all; its first call after the release starts it.
 */
export async function holdIfQuarantined(runtime: Runtime, unit: PluginUnit): Promise<boolean> {
  const { quarantine } = runtime;
  const kept = await runtime.quarantineStore?.read(unit.name);
  if (kept && !quarantine.own(unit.name)) {
    quarantine.restore(
      'damaged' in kept
        ? { plugin: unit.name, version: unit.version, cause: 'manual', reason: kept.damaged, ...UNKNOWN }
        : kept,
    );
  }
  quarantine.join({ plugin: unit.name, version: unit.version }, dependenciesOf(runtime, unit));
  const record = quarantine.get(unit.name);
  return record !== undefined && move(unit, 'quarantined', record.reason);
}

const UNKNOWN = { evidence: [], since: 0, failedTrials: 0 };

/** All that it depends on, directly or not. */
function dependenciesOf(runtime: Runtime, unit: PluginUnit): Set<string> {
  const found = new Set<string>();
  const visit = (links: Readonly<Record<string, string>>): void => {
    for (const name of Object.values(links)) {
      if (found.has(name)) continue;
      found.add(name);
      visit(runtime.units.get(name)?.links ?? {});
    }
  };
  visit(unit.links);
  return found;
}

/** Writes down what became of a plugin's own quarantine, where there is a state directory. */
export function keepQuarantine({ quarantine, quarantineStore }: Runtime, name: string): void {
  const record = quarantine.own(name);
  if (record) quarantineStore?.save(record);
  else quarantineStore?.remove(name);
}
