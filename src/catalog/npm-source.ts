import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { cordonError } from '../errors/cordon-error.js';
import { type Inventory, inventory } from './inventory.js';
import { InventorySource } from './inventory-source.js';
import { readPluginFolder } from './plugin-folder.js';
import type { FetchModule } from './read-module.js';

export interface NpmSourceOptions {
  /** Where Node's search for the package begins. */
  readonly baseDirectory: string;
  readonly fetchModule?: FetchModule;
}

const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** One installed npm package with a `plugin.json` beside its `package.json`. */
export class NpmSource extends InventorySource {
  readonly #name: string;
  readonly #options: NpmSourceOptions;

  /** @throws ERR_OPTIONS where `packageName` is not the name of a package. */
  constructor(packageName: string, options: NpmSourceOptions) {
    if (!PACKAGE_NAME.test(packageName) || packageName.length > 214) {
      throw cordonError(
        'ERR_OPTIONS',
        `"npm:${packageName}" in "catalog" is not the name of an npm package.`,
        {
          details: { found: packageName },
        },
      );
    }
    super(`npm:${packageName}`);
    this.#name = packageName;
    this.#options = options;
  }

  protected async read(signal: AbortSignal): Promise<Inventory> {
    const folder = await packageFolder(this.#name, this.#options.baseDirectory);
    return inventory([await readPluginFolder(folder, { source: this.id, ...this.#options, signal })]);
  }
}

/**
 * Looks where Node would look for the package, but for its folder: a package whose `exports` hide its `package.json`
 * is found too.
 */
async function packageFolder(packageName: string, baseDirectory: string): Promise<string> {
  const require = createRequire(join(resolve(baseDirectory), 'catalog.js'));
  const searched = require.resolve.paths(packageName) ?? [];
  for (const modules of searched) {
    const folder = join(modules, packageName);
    const found = await stat(join(folder, 'package.json')).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (found) return folder;
  }
  throw cordonError(
    'ERR_NOT_FOUND',
    `The npm package ${packageName} is not installed for ${resolve(baseDirectory)}. Install it, or take ` +
      `"npm:${packageName}" out of "catalog".`,
    { details: { package: packageName, searched } },
  );
}
