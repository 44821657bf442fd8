import type { Candidate } from './candidate.js';
import type { Figures } from './search.js';

/** One consistent set of plugins. */
export interface Resolution<C extends Candidate> {
  /**
   * The order of activation: dependencies first, then the higher priority, then the name. Unloading goes the other way
   * round. Loaded plugins are in it too.
   */
  readonly order: readonly ResolvedPlugin<C>[];
  /** Optional dependencies that could not be met. */
  readonly dropped: readonly DroppedDependency[];
  /** How much work it was. */
  readonly figures: Figures;
}

export interface ResolvedPlugin<C extends Candidate> {
  readonly name: string;
  readonly version: string;
  readonly candidate: C;
  /** It was loaded before and is as it was. */
  readonly isLoaded: boolean;
  /** Its dependencies as they were met, optional ones included, by name. */
  readonly dependencies: readonly ResolvedDependency[];
  readonly reasons: Reasons;
}

export interface ResolvedDependency {
  /** As the manifest names it. */
  readonly name: string;
  readonly range: string;
  /** Who serves it: the plugin of that name, or one that provides it. */
  readonly plugin: string;
  readonly isOptional: boolean;
}

/** Why a plugin is in the set, and in this version. */
export interface Reasons {
  /** Who wants it, and in which range. */
  readonly askedBy: readonly Asker[];
  /** `newest`: there is none newer; `newest-possible`: newer ones are ruled out; `locked`, `loaded`: as they were. */
  readonly version: 'newest' | 'newest-possible' | 'locked' | 'loaded';
  /** Newer versions and why they are not used, the newest first; those with one reason together. */
  readonly newer: readonly NewerVersions[];
  /** The version that is locked and not used, and why. */
  readonly notLocked?: { readonly version: string; readonly because: string };
}

export interface Asker {
  /** `spec`: the caller; `loaded`: it runs already; otherwise a plugin of the set. */
  readonly by: 'spec' | 'loaded' | 'plugin';
  /** The plugin that depends on it, as `name@version`. */
  readonly plugin?: string;
  /** The name under which it is wanted, where that is a name that it provides. */
  readonly as?: string;
  readonly range: string;
  readonly isOptional: boolean;
}

export interface NewerVersions {
  readonly versions: readonly string[];
  /** A clause without a full stop. */
  readonly because: string;
}

export interface DroppedDependency {
  /** `name@version` of the plugin that would use it. */
  readonly plugin: string;
  readonly name: string;
  readonly range: string;
  /** Clauses without a full stop. */
  readonly reason: string;
}
