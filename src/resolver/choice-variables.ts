import type { PluginVariable } from './plugin-variable.js';
import { only, type ValueSet } from './solver/value-set.js';
import { Variable } from './solver/variable.js';

/**
 * Who serves those that depend on a name which others provide: 0 nobody, 1 the plugin of that name, 2 and on the
 * providers. There is one for each such name, because a name has one version in a host.
 */
export class SlotVariable extends Variable {
  static readonly nobody: ValueSet = only(0);
  static readonly itself: ValueSet = only(1);
  readonly name: string;
  readonly own: PluginVariable;
  readonly providers: readonly PluginVariable[];

  constructor(own: PluginVariable, providers: readonly PluginVariable[]) {
    super(providers.length + 2);
    this.name = own.name;
    this.own = own;
    this.providers = providers;
  }

  /** The plugin behind a value; `undefined` for nobody. */
  plugin(value: number): PluginVariable | undefined {
    return value === 1 ? this.own : this.providers[value - 2];
  }

  /** The value of a plugin that may serve. */
  valueFor(plugin: PluginVariable): number {
    return plugin === this.own ? 1 : this.providers.indexOf(plugin) + 2;
  }
}

/** Whether an optional dependency of some versions of a plugin is in the set: 0 dropped, 1 taken. */
export class OptionVariable extends Variable {
  static readonly dropped: ValueSet = only(0);
  static readonly taken: ValueSet = only(1);
  readonly owner: PluginVariable;
  readonly name: string;
  readonly range: string;

  constructor(owner: PluginVariable, name: string, range: string) {
    super(2);
    this.owner = owner;
    this.name = name;
    this.range = range;
  }
}
