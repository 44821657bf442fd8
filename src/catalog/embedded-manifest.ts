import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CordonError, cordonError } from '../errors/cordon-error.js';
import { fileProblem } from '../integrity/read-file.js';
import { parseManifestJson } from '../manifest/parse-manifest.js';
import type { PluginCandidate } from './catalog-source.js';
import { markParsed } from './parsed-manifests.js';
import type { FolderContext, Found } from './plugin-folder.js';
import { readModuleFile } from './read-module.js';
import { signatureIn } from './read-signature.js';

/**
 * Finds the text of the `cordon.manifest` section in a module's bytes; `undefined` where there is none. Brought in,
 * because this room does not know the binary format.
 */
export type ReadEmbeddedManifest = (module: Uint8Array) => string | undefined;

export interface EmbeddedManifests {
  readonly read: ReadEmbeddedManifest;
  /** Larger modules are reported as broken. */
  readonly maxModuleBytes: number;
}

/** A bare module as a plugin: `undefined` where it carries no manifest. */
export async function readBareModule(
  file: string,
  embedded: EmbeddedManifests,
  context: FolderContext,
): Promise<Found | undefined> {
  const label = basename(file);
  try {
    const path = await realpath(file);
    const bytes = await readModuleFile(
      path,
      { file: label },
      { maxBytes: embedded.maxModuleBytes, signal: context.signal },
    );
    const text = embedded.read(bytes);
    if (text === undefined) return undefined;
    const manifest = markParsed(parseManifestJson(text, { file }));
    const candidate: PluginCandidate = Object.freeze({
      manifest,
      origin: file,
      source: context.source,
      read: async (item, options) => {
        const { name: plugin, version } = manifest;
        if (item.name === 'main') return readModuleFile(path, { plugin, version, file: label }, options);
        throw cordonError(
          'ERR_MANIFEST',
          `The plugin ${plugin}@${version} is the bare module ${file}, which has no further module "${item.name}". ` +
            'A plugin of several modules needs a plugin.json.',
          { plugin, version, details: { file, module: item.name } },
        );
      },
      ...signatureIn(dirname(path), manifest),
    } satisfies PluginCandidate);
    return { candidate };
  } catch (error) {
    if (error instanceof CordonError && error.code === 'ERR_ABORTED') throw error;
    const name = label.replace(/\.wasm$/, '');
    return { broken: { origin: file, source: context.source, name, error: asCordonError(file, error) } };
  }
}

/** What the file system refused, as an error of ours. */
function asCordonError(file: string, error: unknown): Error {
  if (error instanceof CordonError) return error;
  return cordonError('ERR_MANIFEST', `${file} cannot be read: ${fileProblem(error)}.`, {
    cause: error,
    details: { file },
  });
}
