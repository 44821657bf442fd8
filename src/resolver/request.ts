import type { Candidate, VersionSource } from './candidate.js';
import type { PluginSpec } from './spec.js';
import type { VersionRule } from './version-rule.js';

/** A plugin that runs already: its version stays, whatever else is asked for. */
export interface LoadedPlugin<C extends Candidate> {
  readonly candidate: C;
  /** Names that it depends on and that another plugin stands in for, with that plugin's name. */
  readonly links?: Readonly<Record<string, string>>;
}

export interface ResolveRequest<C extends Candidate> {
  /** `name`, `name@range`, or parsed; several for one name must all hold. */
  readonly specs: readonly (string | PluginSpec)[];
  readonly source: VersionSource<C>;
  /** What the host offers to plugins' `engines`, `cordon` included. Default: nothing. */
  readonly engines?: Readonly<Record<string, string>>;
  readonly loaded?: readonly LoadedPlugin<C>[];
  /**
   * Loaded plugins that have nothing to do with what is asked for may be left out of the result: they stay as they are. That
   * takes a look at each of them, where else each is settled anew. Default: `false`.
   */
  readonly isPartial?: boolean;
  /** Versions by name that are preferred over newer ones, as a lockfile has them. */
  readonly locked?: Readonly<Record<string, string>>;
  /** Names whose locked version is not preferred; `'all'` for every name. Default: none. */
  readonly upgrade?: 'all' | readonly string[];
  /** What keeps single versions out, beside that they were yanked. Default: nothing. */
  readonly rules?: readonly VersionRule<C>[];
  /** How many wrong turns are taken before giving up; default 5 000: catalogs of a thousand plugins take some dozens. */
  readonly maxConflicts?: number;
  readonly signal?: AbortSignal;
}
