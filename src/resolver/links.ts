import type { Candidate } from './candidate.js';
import { OptionVariable, type SlotVariable } from './choice-variables.js';
import type { CycleFact } from './facts.js';
import type { PluginVariable } from './plugin-variable.js';
import type { Requirement, Requirements } from './requirements.js';
import type { Term } from './solver/incompatibility.js';
import { only } from './solver/value-set.js';

/** A dependency as it was met: which plugin of the set serves it. */
export interface Link<C extends Candidate> {
  readonly requirement: Requirement;
  readonly to: PluginVariable<C>;
  /** Where others could have served too. */
  readonly slot: SlotVariable | undefined;
}

/** The dependencies of a decided plugin that are settled; optional ones only where they were taken. */
export function linksOf<C extends Candidate>(
  plugin: PluginVariable<C>,
  requirements: Requirements<C>,
): Link<C>[] {
  const links: Link<C>[] = [];
  for (const requirement of requirements.of(plugin, plugin.decided!) ?? []) {
    const { option } = requirement;
    if (option !== undefined && option.decided !== 1) continue;
    const { slot } = requirement.plugin;
    const to = slot === undefined ? requirement.plugin : slot.plugin(slot.decided ?? 0);
    if (to?.decided !== undefined) links.push({ requirement, to: to as PluginVariable<C>, slot });
  }
  return links;
}

/** That these links do not go together, for every version that has the same ones. */
export function cycleFact<C extends Candidate>(
  circle: readonly { readonly from: PluginVariable<C>; readonly edge: Link<C> }[],
): { readonly terms: Term[]; readonly fact: CycleFact } {
  const terms: Term[] = [];
  for (const { from, edge } of circle) {
    const { name, range, option } = edge.requirement;
    const set = from.where(({ manifest }) =>
      option === undefined
        ? Object.hasOwn(manifest.dependencies, name)
        : manifest.optionalDependencies[name] === range,
    );
    terms.push({ variable: from, set });
    if (option !== undefined) terms.push({ variable: option, set: OptionVariable.taken });
    if (edge.slot !== undefined) terms.push({ variable: edge.slot, set: only(edge.slot.valueFor(edge.to)) });
  }
  const path = circle.map(({ from }) => from.name);
  return { terms, fact: { kind: 'cycle', path: [...path, path[0]!] } };
}
