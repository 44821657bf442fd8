import { realpath } from 'node:fs/promises';
import { MAX_MANIFEST_BYTES } from '../../src/catalog/plugin-folder.js';
import { readModuleFile } from '../../src/catalog/read-module.js';
import { fileProblem, readFileCapped } from '../../src/integrity/read-file.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import { parseManifestJson } from '../../src/manifest/parse-manifest.js';
import { readEmbeddedManifest } from '../../src/runtime/embedded-manifest.js';
import { pluginLocation } from './plugin-location.js';
import { UsageError } from './usage-error.js';

const READ_AT_MOST = 1024 ** 3;

/** A manifest that was read for what it says, whether or not its modules are there. */
export interface ReadManifest {
  readonly file: string;
  readonly manifest: Manifest;
}

/**
 * The manifest of a folder, of a `.json` file of any name, or inside a `.wasm`.
 * @throws UsageError where there is nothing, ERR_MANIFEST
 */
export async function readManifest(given: string): Promise<ReadManifest> {
  const location = await pluginLocation(given, { anyName: true });
  const file = location.kind === 'folder' ? location.manifest : location.file;
  return { file, manifest: parseManifestJson(await textOf(location.kind, file), { file }) };
}

async function textOf(kind: 'folder' | 'module', file: string): Promise<string> {
  if (kind === 'module') {
    const bytes = await readModuleFile(file, { file }, { maxBytes: READ_AT_MOST });
    const text = readEmbeddedManifest(bytes);
    if (text === undefined) throw new UsageError(`${file} has no manifest inside`);
    return text;
  }
  return readText(file);
}

/** A file of JSON, as text. @throws UsageError where it cannot be read */
export async function readText(file: string): Promise<string> {
  const tooLarge = (size: number): Error =>
    new UsageError(`${file} has ${size} bytes, and a manifest at most ${MAX_MANIFEST_BYTES}`);
  try {
    const path = await realpath(file);
    const bytes = await readFileCapped(path, { maxBytes: MAX_MANIFEST_BYTES, tooLarge });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read: ${fileProblem(error)}`);
  }
}
