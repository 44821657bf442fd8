import { cordonError } from '../errors/cordon-error.js';
import type { FileSubject } from '../integrity/module-too-large.js';
import { describePlugin, moduleTooLarge } from '../integrity/module-too-large.js';
import { itemLabel } from '../integrity/read-artifact.js';
import { fileProblem, readFileCapped } from '../integrity/read-file.js';
import type { Manifest, WasmItem } from '../manifest/manifest.js';
import { containedPath } from './contained-path.js';

export interface ReadModuleOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Gets the bytes behind a manifest's `url`. The network is not this room's business, so it is brought in. */
export type FetchModule = (url: string, options: ReadModuleOptions) => Promise<Uint8Array>;

/** Reads a file that the manifest of the plugin in `folder` names. */
export async function readFolderModule(
  folder: string,
  manifest: Pick<Manifest, 'name' | 'version'>,
  item: WasmItem,
  options: ReadModuleOptions,
  fetchModule: FetchModule | undefined,
): Promise<Uint8Array> {
  const subject = { plugin: manifest.name, version: manifest.version, file: itemLabel(item) };
  if (item.path !== undefined) {
    return readModuleFile(await containedPath(folder, { ...subject, file: item.path }), subject, options);
  }
  if (item.url !== undefined && fetchModule !== undefined) return fetchModule(item.url, options);
  const problem =
    item.url === undefined
      ? `The manifest of ${describePlugin(subject)} names no file for the module "${item.name}". Add "wasm" to it.`
      : `The module ${item.url} of ${describePlugin(subject)} lies behind a URL, and this catalog reads files only. ` +
        'Put the file beside its plugin.json, or give the catalog a way to fetch.';
  throw cordonError('ERR_MANIFEST', problem, {
    plugin: manifest.name,
    version: manifest.version,
    details: { module: item.name, folder },
  });
}

/** Reads a module from its real path. */
export async function readModuleFile(
  path: string,
  subject: FileSubject,
  { maxBytes, signal }: ReadModuleOptions,
): Promise<Uint8Array> {
  const large: { error?: Error } = {};
  const tooLarge = (observed: number): Error => {
    large.error = moduleTooLarge(subject, maxBytes, observed);
    return large.error;
  };
  try {
    return await readFileCapped(path, { maxBytes, signal, tooLarge });
  } catch (error) {
    if (error === large.error || (error as { code?: unknown }).code === 'ERR_ABORTED') throw error;
    throw cordonError(
      'ERR_MANIFEST',
      `The file ${subject.file} of ${describePlugin(subject)} cannot be read from ${path}: ${fileProblem(error)}.`,
      {
        plugin: subject.plugin,
        version: subject.version,
        cause: error,
        details: { file: subject.file, path },
      },
    );
  }
}
