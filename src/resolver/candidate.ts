import type { Manifest } from '../manifest/manifest.js';

/** What resolution looks at in a manifest. */
export type CandidateManifest = Pick<
  Manifest,
  | 'name'
  | 'version'
  | 'engines'
  | 'dependencies'
  | 'optionalDependencies'
  | 'conflicts'
  | 'provides'
  | 'priority'
>;

/** One version of one plugin, as a catalog offers it. */
export interface Candidate {
  readonly manifest: CandidateManifest;
  /** For people: where its manifest is. */
  readonly origin: string;
  /** The id of the catalog source. */
  readonly source: string;
  /** Why it was withdrawn; then it is used only where it is locked. */
  readonly yanked?: string;
}

/** Something that should be a plugin and is not. */
export interface BrokenOffer {
  readonly origin: string;
  readonly name?: string;
  readonly error: Error;
}

/** Where versions come from. Each name is asked for at most once in a resolution, and only when it is needed. */
export interface VersionSource<C extends Candidate> {
  /** Every version of one plugin; none where nobody has it. */
  candidates(name: string, query?: { signal?: AbortSignal | undefined }): Promise<readonly C[]>;
  /** Names of the plugins that provide a virtual name. */
  providers(name: string, query?: { signal?: AbortSignal | undefined }): Promise<readonly string[]>;
  /** All names that can be listed; for suggestions. */
  names(query?: { signal?: AbortSignal | undefined }): Promise<readonly string[]>;
  /** What is broken under a name; for messages. */
  broken(name: string, query?: { signal?: AbortSignal | undefined }): Promise<readonly BrokenOffer[]>;
  /** What was searched; for messages. */
  readonly sources: readonly { readonly id: string }[];
}
