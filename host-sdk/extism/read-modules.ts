import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cordonError } from '../../src/errors/cordon-error.js';
import { moduleTooLarge } from '../../src/integrity/module-too-large.js';
import { readFileCapped } from '../../src/integrity/read-file.js';
import { isResponse, type Manifest, type ManifestWasm, toUrl } from './manifest.js';
import { readBounded } from './read-bounded.js';

/** One module of a plugin, as bytes. */
export interface NamedModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The largest module. */
export const MAX_MODULE_BYTES = 50 * 1024 * 1024;
const MAX_MODULES = 64;
/** A linked module of such a name would stand in for the host. */
const RESERVED = /^(?:extism:|wasi_|cordon:|__proto__$)/;

/**
 * Reads all modules of a manifest and compares their digests. The last one is `main` unless it has another name.
 * @throws ERR_MANIFEST, ERR_INTEGRITY, ERR_MODULE_TOO_LARGE, and what the file system or `fetch` throws
 */
export async function readModules({ wasm }: Manifest, fetchUrl: typeof fetch): Promise<NamedModule[]> {
  if (wasm.length > MAX_MODULES) {
    throw cordonError(
      'ERR_MANIFEST',
      `The manifest has ${wasm.length} modules; at most ${MAX_MODULES} can be linked.`,
    );
  }
  const modules = await Promise.all(
    wasm.map(async (item, index) => {
      const bytes = await readItem(item, index, fetchUrl);
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (item.hash !== undefined && item.hash !== null) checkHash(item.hash, digest);
      const last = index === wasm.length - 1;
      const name = item.name ?? (last ? 'main' : item.hash ? digest : String(index));
      return { name, bytes };
    }),
  );
  checkNames(modules);
  return modules;
}

function checkNames(modules: readonly NamedModule[]): void {
  const names = new Set<string>();
  for (const { name } of modules) {
    if (typeof name !== 'string' || RESERVED.test(name) || names.has(name)) {
      const why = names.has(name)
        ? 'another module has it'
        : "it is none that a module may have, or the host's own";
      throw cordonError('ERR_MANIFEST', `The module name ${JSON.stringify(name)} cannot be used: ${why}.`);
    }
    names.add(name);
  }
  if (!names.has('main')) {
    throw cordonError('ERR_MANIFEST', 'manifest with multiple modules must designate one "main" module');
  }
}

async function readItem(item: ManifestWasm, index: number, fetchUrl: typeof fetch): Promise<Uint8Array> {
  const what = `The module at index ${index}`;
  if ('data' in item && item.data) return ownBytes(item.data, index);
  if ('path' in item && item.path) return readPath(item.path);
  if ('url' in item && item.url) {
    const url = typeof item.url === 'string' ? toUrl(item.url) : item.url;
    if (url.protocol === 'file:') return readPath(fileURLToPath(url));
    const accept = 'application/wasm;q=0.9,application/octet-stream;q=0.8';
    return readBounded(await fetchUrl(url, { headers: { accept } }), MAX_MODULE_BYTES, what);
  }
  if ('response' in item && isResponse(item.response)) {
    return readBounded(item.response, MAX_MODULE_BYTES, what);
  }
  throw cordonError(
    'ERR_MANIFEST',
    `Unrecognized wasm item at index ${index}. Keys include: "${Object.keys(item).sort().join(',')}"`,
  );
}

function ownBytes(data: unknown, index: number): Uint8Array {
  if (data instanceof Uint8Array) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  throw cordonError(
    'ERR_MANIFEST',
    `"data" of the module at index ${index} is no bytes; expected a Uint8Array.`,
  );
}

async function readPath(path: unknown): Promise<Uint8Array> {
  if (typeof path !== 'string') throw cordonError('ERR_MANIFEST', '"path" of a module is no string.');
  const subject = { plugin: 'extism', version: '0.0.0', file: path };
  return readFileCapped(await realpath(path), {
    maxBytes: MAX_MODULE_BYTES,
    tooLarge: (observed) => moduleTooLarge(subject, MAX_MODULE_BYTES, observed),
  });
}

function checkHash(expected: unknown, actual: string): void {
  if (typeof expected === 'string' && expected.toLowerCase() === actual) return;
  throw cordonError(
    'ERR_INTEGRITY',
    `Plugin error: hash mismatch. Expected: ${String(expected)}. Actual: ${actual}`,
    { details: { expected: String(expected), actual } },
  );
}
