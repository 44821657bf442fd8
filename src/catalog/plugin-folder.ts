import { basename, dirname, join } from 'node:path';
import { CordonError, cordonError } from '../errors/cordon-error.js';
import { fileProblem, readFileCapped } from '../integrity/read-file.js';
import { parseManifestJson } from '../manifest/parse-manifest.js';
import type { BrokenCandidate, PluginCandidate } from './catalog-source.js';
import { containedPath } from './contained-path.js';
import { markParsed } from './parsed-manifests.js';
import { type FetchModule, readFolderModule } from './read-module.js';
import { signatureIn } from './read-signature.js';

/** The name of the manifest's file. */
export const MANIFEST_FILE = 'plugin.json';

/** A manifest is text that people write; what is larger is not one. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;

/** What is told about the source that a folder was found by. */
export interface FolderContext {
  readonly source: string;
  readonly fetchModule?: FetchModule | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type Found = { readonly candidate: PluginCandidate } | { readonly broken: BrokenCandidate };

/** Reads the `plugin.json` of one folder. What is wrong with it is an answer, not an exception; an abort is one. */
export async function readPluginFolder(folder: string, context: FolderContext): Promise<Found> {
  const origin = join(folder, MANIFEST_FILE);
  // Not the context itself: a candidate lives as long as its plugin, and would keep the signal of the search that found it.
  const { source, fetchModule } = context;
  let text: string | undefined;
  try {
    text = await readManifestText(folder, origin, context.signal);
    const manifest = markParsed(parseManifestJson(text, { file: origin, requireWasm: true }));
    const candidate: PluginCandidate = Object.freeze({
      manifest,
      origin,
      source,
      read: (item, options) => readFolderModule(folder, manifest, item, options, fetchModule),
      ...signatureIn(folder, manifest),
    } satisfies PluginCandidate);
    return { candidate };
  } catch (error) {
    if (error instanceof CordonError && error.code === 'ERR_ABORTED') throw error;
    const name = nameInText(text) ?? nameOfFolder(folder);
    return { broken: { origin, source: context.source, name, error: error as Error } };
  }
}

async function readManifestText(
  folder: string,
  origin: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = await containedPath(
    folder,
    { file: MANIFEST_FILE },
    'A plugin is a folder with this file in it.',
  );
  const unreadable = (problem: string, cause?: unknown): CordonError =>
    cordonError('ERR_MANIFEST', `${origin} cannot be read: ${problem}.`, {
      cause,
      details: { file: origin },
    });
  let bytes: Uint8Array;
  try {
    bytes = await readFileCapped(path, {
      maxBytes: MAX_MANIFEST_BYTES,
      signal,
      tooLarge: (observed) =>
        unreadable(`it has ${observed} bytes, and a manifest may have ${MAX_MANIFEST_BYTES}`),
    });
  } catch (error) {
    throw error instanceof CordonError ? error : unreadable(fileProblem(error), error);
  }
  try {
    // Drops a byte order mark, and refuses what is not UTF-8 rather than guess.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable('it is not UTF-8', error);
  }
}

/** Also finds the name in text that is not JSON, so that the error can be told to whoever asks for that name. */
function nameInText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return /"name"\s*:\s*"((?:@[a-z0-9._~-]+\/)?[a-z0-9._~-]{1,214})"/.exec(text)?.[1];
}

/** `…/@acme/markdown-1.2.0` → `@acme/markdown`. */
export function nameOfFolder(folder: string): string {
  const scope = basename(dirname(folder));
  const own = basename(folder).replace(/[-@]v?\d+\.\d+\.\d+.*$/, '');
  return scope.startsWith('@') ? `${scope}/${own}` : own;
}
