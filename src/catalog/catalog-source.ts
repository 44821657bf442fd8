import type { Manifest, WasmItem } from '../manifest/manifest.js';

/** One version of one plugin, found but not loaded. */
export interface PluginCandidate {
  readonly manifest: Manifest;
  /** Where its manifest is, for people: a path, a URL, `memory`. */
  readonly origin: string;
  /** The {@link CatalogSource.id} it came from. */
  readonly source: string;
  /** Why this version was withdrawn, where it was: then it is used only where a lockfile already has it. */
  readonly yanked?: string;
  /** When it was published, in ms since 1970, where the source knows. */
  readonly publishedAt?: number;
  /** Reads one of its files, at most `maxBytes` (then `ERR_MODULE_TOO_LARGE`). The bytes belong to the caller. */
  read(item: WasmItem, options: { maxBytes: number; signal?: AbortSignal | undefined }): Promise<Uint8Array>;
  /** Reads its signature, a sigstore bundle; absent, or `undefined` as the answer, where it has none. */
  readSignature?(options: {
    maxBytes: number;
    signal?: AbortSignal | undefined;
  }): Promise<Uint8Array | undefined>;
}

/** Something in a source that should be a plugin and is not, with the error that says why. */
export interface BrokenCandidate {
  readonly origin: string;
  readonly source: string;
  /** The plugin's name, where it could be read, or else guessed from where it lies. */
  readonly name?: string;
  readonly error: Error;
}

/** What every question to a source may be given. */
export interface SourceQuery {
  readonly signal?: AbortSignal | undefined;
}

/** A place that plugins come from. Applications may bring their own. */
export interface CatalogSource {
  /** For messages and the lockfile: `directory ./plugins`, `memory`, `npm:@acme/plugin`. */
  readonly id: string;
  /** Every version of `name` here, in any order; an empty list where there is none. */
  candidates(name: string, query?: SourceQuery): Promise<readonly PluginCandidate[]>;
  /** Names that can be found here; absent where a source cannot list (a registry). */
  names?(query?: SourceQuery): Promise<readonly string[]>;
  /**
   * Names of the plugins here some version of which `provides` the virtual name. A source that has no such method but
   * `names` is searched for providers only where no source has a plugin of that name.
   */
  providers?(name: string, query?: SourceQuery): Promise<readonly string[]>;
  /** What is here and broken; never hides the rest. */
  broken?(query?: SourceQuery): Promise<readonly BrokenCandidate[]>;
  /** Forgets what it has read, so that the next question looks anew. */
  refresh?(): void;
}
