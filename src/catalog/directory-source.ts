import { resolve } from 'node:path';
import { cordonError } from '../errors/cordon-error.js';
import { fileProblem } from '../integrity/read-file.js';
import { type EmbeddedManifests, readBareModule } from './embedded-manifest.js';
import { type Inventory, inventory } from './inventory.js';
import { InventorySource } from './inventory-source.js';
import { mapLimited } from './map-limited.js';
import { type Found, nameOfFolder, readPluginFolder } from './plugin-folder.js';
import type { FetchModule } from './read-module.js';
import { scanDirectory } from './scan-directory.js';

export interface DirectorySourceOptions {
  /** Looks for plugins in bare `.wasm` files too; default: only folders with a `plugin.json`. */
  readonly embedded?: EmbeddedManifests;
  /** For manifests whose module lies behind a URL; default: reading such a module is refused. */
  readonly fetchModule?: FetchModule;
  /** Default: `directory` and the path as given. */
  readonly id?: string;
}

/** Files that are open at a time while a directory is read. */
const PARALLEL_READS = 16;

/**
 * Plugins in a directory: a folder with a `plugin.json`, or such folders one or two levels below it (`markdown`,
 * `@acme/markdown`, `markdown-1.2.0` beside `markdown-2.0.0`).
 */
export class DirectorySource extends InventorySource {
  readonly directory: string;
  readonly #options: DirectorySourceOptions;

  constructor(directory: string, options: DirectorySourceOptions = {}) {
    super(options.id ?? `directory ${directory}`);
    this.directory = resolve(directory);
    this.#options = options;
  }

  protected async read(signal: AbortSignal): Promise<Inventory> {
    const { embedded, fetchModule } = this.#options;
    const context = { source: this.id, fetchModule, signal };
    const scan = await scanDirectory(this.directory, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw cordonError(
        'ERR_OPTIONS',
        `The catalog directory ${this.directory} cannot be read: ${fileProblem(error)}. Correct "catalog", or create it.`,
        { cause: error, details: { directory: this.directory } },
      );
    });
    const found = await mapLimited<string, Found | undefined>(
      [...scan.folders, ...(embedded ? scan.modules : [])],
      PARALLEL_READS,
      (path) =>
        embedded && path.endsWith('.wasm') && !scan.folders.includes(path)
          ? readBareModule(path, embedded, context)
          : readPluginFolder(path, context),
    );
    const unreadable = scan.unreadable.map(({ folder, error }): Found => {
      const problem = cordonError('ERR_MANIFEST', `${folder} cannot be searched: ${fileProblem(error)}.`, {
        cause: error,
        details: { folder },
      });
      return {
        broken: { origin: folder, source: this.id, name: nameOfFolder(folder), error: problem },
      };
    });
    return inventory([...found.filter((one) => one !== undefined), ...unreadable]);
  }
}
