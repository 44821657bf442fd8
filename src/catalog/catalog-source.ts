import type { Manifest, WasmItem } from '../manifest/manifest.js';

/** One version of one plugin, found but not loaded. */
export interface PluginCandidate {
  readonly manifest: Manifest;
  /** Where its manifest is, for people: a path, a URL, `memory`. */
  readonly origin: string;
  /** The {@link CatalogSource.id} it came from. */
  readonly source: string;
  /** Reads one of its files, at most `maxBytes` (then `ERR_MODULE_TOO_LARGE`). The bytes belong to the caller. */
  read(item: WasmItem, options: { maxBytes: number; signal?: AbortSignal }): Promise<Uint8Array>;
}

/** Something in a source that should be a plugin and is not, with the error that says why. */
export interface BrokenCandidate {
  readonly origin: string;
  readonly source: string;
  /** The plugin's name, where it could be read. */
  readonly name?: string;
  readonly error: Error;
}

/** A place that plugins come from. Applications may bring their own. */
export interface CatalogSource {
  /** For messages and the lockfile: `directory ./plugins`, `memory`, `npm:@acme/plugin`. */
  readonly id: string;
  /** Every version of `name` here, in any order; an empty list where there is none. */
  candidates(name: string, options?: { signal?: AbortSignal }): Promise<readonly PluginCandidate[]>;
  /** Names that can be found here; absent where a source cannot list (a registry). */
  names?(options?: { signal?: AbortSignal }): Promise<readonly string[]>;
  /** What is here and broken; never hides the rest. */
  broken?(): Promise<readonly BrokenCandidate[]>;
}
