import type { Candidate } from './candidate.js';
import type { OptionVariable } from './choice-variables.js';
import { causeText } from './explain/cause-text.js';
import type { Link } from './links.js';
import type { PluginVariable } from './plugin-variable.js';
import { reasonsFor } from './reasons.js';
import type { Asker, DroppedDependency, Reasons, ResolvedDependency, ResolvedPlugin } from './resolution.js';
import type { Settled } from './search.js';
import { has } from './solver/value-set.js';
import type { PluginSpec } from './spec.js';

/**
 * What the solver settled, as data. Dependencies and reasons are put together when they are looked at: a host that only
 * loads looks at no reasons.
 */
export function describeSet<C extends Candidate>(
  settled: Settled<C>,
  specs: readonly PluginSpec[],
): { order: ResolvedPlugin<C>[]; dropped: DroppedDependency[] } {
  let askers: ReadonlyMap<PluginVariable<C>, readonly Asker[]> | undefined;
  const askersFor = (plugin: PluginVariable<C>): readonly Asker[] => {
    askers ??= askersOf(settled, specs);
    return askers.get(plugin)!;
  };
  const order = settled.order.map((plugin) => describePlugin(plugin, askersFor, settled));
  return { order, dropped: droppedOf(settled) };
}

function describePlugin<C extends Candidate>(
  plugin: PluginVariable<C>,
  askersFor: (plugin: PluginVariable<C>) => readonly Asker[],
  settled: Settled<C>,
): ResolvedPlugin<C> {
  let dependencies: readonly ResolvedDependency[] | undefined;
  let reasons: Reasons | undefined;
  return Object.freeze({
    name: plugin.name,
    version: plugin.version(plugin.decided!),
    candidate: plugin.candidate(plugin.decided!),
    isLoaded: settled.universe.isLoaded(plugin.name),
    get dependencies(): readonly ResolvedDependency[] {
      dependencies ??= dependenciesOf(settled.links.get(plugin)!);
      return dependencies;
    },
    get reasons(): Reasons {
      reasons ??= reasonsFor(plugin, askersFor(plugin), settled);
      return reasons;
    },
  });
}

function dependenciesOf<C extends Candidate>(links: readonly Link<C>[]): ResolvedDependency[] {
  const dependencies = links.map(({ requirement: { name, range, option }, to }) => ({
    name,
    range,
    plugin: to.name,
    isOptional: option !== undefined,
  }));
  return dependencies.sort((a, b) => (a.name < b.name ? -1 : 1));
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
    for (const { requirement, to } of settled.links.get(plugin)!) {
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
