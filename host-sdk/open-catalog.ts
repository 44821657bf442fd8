import { Catalog } from '../src/catalog/catalog.js';
import { sourcesOf } from '../src/catalog/locator.js';
import { readEmbeddedManifest } from '../src/runtime/embedded-manifest.js';
import { fetchModule } from '../src/runtime/fetch-module.js';
import type { ResolvedHostOptions } from './options.js';

/** The catalog of a host's options; paths are relative to the current directory. */
export async function openCatalog({ catalog, validation }: ResolvedHostOptions): Promise<Catalog> {
  const sources = await sourcesOf(catalog, {
    baseDirectory: process.cwd(),
    embedded: { read: readEmbeddedManifest, maxModuleBytes: validation.maxModuleBytes },
    fetchModule,
  });
  return new Catalog(sources);
}
