import { CordonError } from '../errors/cordon-error.js';
import { fileProblem, readFileCapped } from '../integrity/read-file.js';
import { tooLarge } from '../integrity/signature-bundle.js';
import { signatureError } from '../integrity/signature-problem.js';
import type { Manifest } from '../manifest/manifest.js';
import type { PluginCandidate } from './catalog-source.js';
import { containedPath } from './contained-path.js';

/** How a candidate in a folder reads the signature that its manifest names; nothing where it names none. */
export function signatureIn(folder: string, manifest: Manifest): Pick<PluginCandidate, 'readSignature'> {
  const { signature } = manifest;
  if (signature === undefined) return {};
  return {
    readSignature: (options) => readSignatureFile(folder, { ...manifest, signature }, options),
  };
}

async function readSignatureFile(
  folder: string,
  manifest: Manifest & { readonly signature: string },
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { name: plugin, version, signature: file } = manifest;
  try {
    const path = await containedPath(folder, { plugin, version, file });
    return await readFileCapped(path, { maxBytes, signal, tooLarge: (size) => tooLarge(manifest, size) });
  } catch (error) {
    if (error instanceof CordonError && /^ERR_(SIGNATURE|ABORTED)$/.test(error.code)) throw error;
    const why = error instanceof CordonError ? error.message : `${fileProblem(error)}.`;
    throw signatureError('unreadable', manifest, `cannot be read from ${file}: ${why}`, {
      cause: error,
      details: { file, folder },
    });
  }
}
