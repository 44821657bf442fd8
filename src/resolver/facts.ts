/** What somebody asked of the whole set, in the words of an explanation's leaves. Pure data. */
export type Fact =
  | SpecFact
  | LoadedFact
  | DependencyFact
  | EngineFact
  | RefusedFact
  | ConflictFact
  | StandInFact
  | LinkFact
  | CycleFact;

/** The caller asks for a plugin. */
export interface SpecFact {
  readonly kind: 'spec';
  readonly name: string;
  readonly range: string;
}

/** A plugin is loaded already, and stays in its version. */
export interface LoadedFact {
  readonly kind: 'loaded';
  readonly name: string;
  readonly version: string;
}

/** Some versions of `owner` need `name` in one of the ranges. */
export interface DependencyFact {
  readonly kind: 'dependency';
  readonly owner: string;
  readonly name: string;
  /** More than one where several versions of the owner are told together. */
  readonly ranges: readonly string[];
  readonly optional: boolean;
  /** Who stands in for the name, where the fact is about that. */
  readonly via?: string;
}

/** Some versions need a host that this one is not. */
export interface EngineFact {
  readonly kind: 'engine';
  readonly name: string;
  readonly engine: string;
  readonly range: string;
  /** What the host offers; absent where it does not know the engine. */
  readonly offered?: string;
}

/** Some versions are not to be used: yanked, in quarantine, against a rule of the host. */
export interface RefusedFact {
  readonly kind: 'refused';
  readonly name: string;
  /** The id of the rule that says so. */
  readonly rule: string;
  readonly reason: string;
  /** What the reason follows; absent where it stands in parentheses. */
  readonly verb?: 'is' | 'was';
}

/** Some versions of `owner` do not go together with `name`. */
export interface ConflictFact {
  readonly kind: 'conflict';
  readonly owner: string;
  readonly name: string;
  readonly range: string;
  /** The plugin that provides `name`, where it is not `name` itself. */
  readonly provider?: string;
}

/** A plugin may not stand in for a name: because it would for itself, or because the plugin of that name is there. */
export interface StandInFact {
  readonly kind: 'stand-in';
  readonly name: string;
  readonly provider: string;
  readonly because: 'own dependency' | 'name is taken';
}

/** Loaded plugins reach `name` through `provider` already. */
export interface LinkFact {
  readonly kind: 'link';
  readonly name: string;
  readonly provider: string;
}

/** These would wait for each other. */
export interface CycleFact {
  readonly kind: 'cycle';
  /** The circle, its first name again at the end. */
  readonly path: readonly string[];
}
