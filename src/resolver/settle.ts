import { activationOrder } from './activation-order.js';
import type { Candidate } from './candidate.js';
import type { OptionVariable } from './choice-variables.js';
import { causeText } from './explain/cause-text.js';
import { linksOf } from './links.js';
import type { PluginVariable } from './plugin-variable.js';
import { reasonsFor } from './reasons.js';
import type { Asker, DroppedDependency, ResolvedPlugin } from './resolution.js';
import type { Settled } from './search.js';
import { has } from './solver/value-set.js';
import type { PluginSpec } from './spec.js';

/** What the solver settled, as data that does not hold on to the solver. */
export function describeSet<C extends Candidate>(
  settled: Settled<C>,
  specs: readonly PluginSpec[],
): { order: ResolvedPlugin<C>[]; dropped: DroppedDependency[] } {
  const askers = askersOf(settled, specs);
  const plugins = settled.plugins.map((plugin) => {
    const candidate = plugin.candidate(plugin.decided!);
    const dependencies = linksOf(plugin, settled.requirements, settled.universe)
      .map(({ requirement: { name, range, option }, to }) => ({
        name,
        range,
        plugin: to.name,
        isOptional: option !== undefined,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      name: plugin.name,
      version: plugin.version(plugin.decided!),
      candidate,
      isLoaded: settled.universe.isLoaded(plugin.name),
      dependencies,
      reasons: reasonsFor(plugin, askers.get(plugin) ?? [], settled),
      priority: candidate.manifest.priority,
      after: dependencies.map((dependency) => dependency.plugin),
    };
  });
  const order = activationOrder(plugins).map(({ priority, after, ...plugin }) => Object.freeze(plugin));
  return { order, dropped: droppedOf(settled) };
}

function askersOf<C extends Candidate>(
  settled: Settled<C>,
  specs: readonly PluginSpec[],
): Map<PluginVariable<C>, Asker[]> {
  const askers = new Map<PluginVariable<C>, Asker[]>(settled.plugins.map((plugin) => [plugin, []]));
  for (const plugin of settled.plugins) {
    const own = askers.get(plugin)!;
    for (const { name, range } of specs) {
      if (name === plugin.name) own.push({ by: 'spec', range, isOptional: false });
    }
    if (settled.universe.isLoaded(plugin.name)) {
      own.push({ by: 'loaded', range: plugin.version(plugin.decided!), isOptional: false });
    }
  }
  for (const plugin of settled.plugins) {
    for (const { requirement, to } of linksOf(plugin, settled.requirements, settled.universe)) {
      askers.get(to)!.push({
        by: 'plugin',
        plugin: `${plugin.name}@${plugin.version(plugin.decided!)}`,
        ...(requirement.name !== to.name && { as: requirement.name }),
        range: requirement.range,
        isOptional: requirement.option !== undefined,
      });
    }
  }
  return askers;
}

function droppedOf<C extends Candidate>({
  plugins,
  requirements,
  universe,
}: Settled<C>): DroppedDependency[] {
  const dropped: DroppedDependency[] = [];
  for (const plugin of plugins) {
    for (const { name, range, option } of requirements.of(plugin, plugin.decided!) ?? []) {
      if (option === undefined || option.decided === 1) continue;
      dropped.push({
        plugin: `${plugin.name}@${plugin.version(plugin.decided!)}`,
        name,
        range,
        reason: reasonOf(option, (other) => universe.plugin(other)),
      });
    }
  }
  return dropped.sort((a, b) => (`${a.plugin} ${a.name}` < `${b.plugin} ${b.name}` ? -1 : 1));
}

function reasonOf(option: OptionVariable, lookup: (name: string) => PluginVariable): string {
  const cause = option.assignments.find(({ set }) => !has(set, 1))?.cause;
  return cause === undefined
    ? `${option.name} was not looked for`
    : causeText(cause, [option, option.owner], lookup);
}
