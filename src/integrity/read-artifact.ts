import { types } from 'node:util';
import { cordonError } from '../errors/cordon-error.js';
import { abortable } from './abortable.js';
import { type Artifact, createArtifact } from './artifact.js';
import { describePlugin, moduleTooLarge } from './module-too-large.js';

/** One WebAssembly file of a manifest, as far as it matters here. */
export interface ModuleFile {
  readonly name: string;
  readonly path?: string;
  readonly url?: string;
}

/** What a catalog's candidate looks like from here. */
export interface ArtifactSource<File extends ModuleFile = ModuleFile> {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly origin: string;
  read(file: File, options: { maxBytes: number; signal?: AbortSignal | undefined }): Promise<Uint8Array>;
}

export interface ReadArtifactOptions {
  /** `validation.maxModuleBytes`. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** The name by which messages call a WebAssembly file. */
export function itemLabel(item: ModuleFile): string {
  return item.path ?? item.url ?? `"${item.name}"`;
}

/**
 * Reads one WebAssembly file of a candidate into bytes of our own, with their digest. Checks the size itself too: a
 * source that an application brought may not. Does not look into the bytes and does not compare the digest.
 * @throws ERR_MODULE_TOO_LARGE, ERR_ABORTED, ERR_MANIFEST (not bytes), and what the source throws.
 */
export async function readArtifact<File extends ModuleFile>(
  source: ArtifactSource<File>,
  item: File,
  { maxBytes, signal }: ReadArtifactOptions,
): Promise<Artifact> {
  const file = itemLabel(item);
  const { name: plugin, version } = source.manifest;
  const reading = Promise.resolve(source.read(item, { maxBytes, ...(signal && { signal }) }));
  const bytes: unknown = await abortable(reading, signal, `reading ${file} of plugin ${plugin}@${version}`);
  if (!types.isUint8Array(bytes)) {
    throw cordonError(
      'ERR_MANIFEST',
      `The catalog source gave ${bytes === null ? 'null' : typeof bytes} for ${file} of ` +
        `${describePlugin({ plugin, version })}; expected a Uint8Array. Correct the source’s read().`,
      { plugin, version, details: { file, origin: source.origin } },
    );
  }
  if (bytes.byteLength > maxBytes) {
    throw moduleTooLarge({ plugin, version, file }, maxBytes, bytes.byteLength);
  }
  return createArtifact(bytes, source.origin);
}
