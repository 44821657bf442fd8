import { cordonError } from '../../src/errors/cordon-error.js';
import type { MemoryOptions, NativeManifestOptions, PluginConfigLike } from './options.js';
import { readBounded } from './read-bounded.js';

/** The bytes of a module. */
export interface ManifestWasmData {
  data: Uint8Array | ArrayBuffer;
}
/** Where to fetch a module. */
export interface ManifestWasmUrl {
  url: URL | string;
}
/** The file of a module. */
export interface ManifestWasmPath {
  path: string;
}
/** A module on its way. */
export interface ManifestWasmResponse {
  response: Response;
}

/** One module: where it is, the name that others link by, and the SHA-256 that its bytes must have, in hex. */
export type ManifestWasm = (ManifestWasmUrl | ManifestWasmData | ManifestWasmPath | ManifestWasmResponse) & {
  name?: string | undefined;
  hash?: string | undefined;
};

/** What a plugin is made of, and what it may do. JSON may write the names with `_` (`allowed_hosts`). */
export interface Manifest extends NativeManifestOptions {
  wasm: Array<ManifestWasm>;
  allowed_paths?: { [guestPath: string]: string } | undefined;
  allowed_hosts?: string[] | undefined;
  timeout_ms?: number | null | undefined;
}

/**
 * What becomes a manifest: one, its JSON, the bytes of a module, the path or URL of a module or of a JSON manifest, a
 * `Response` with either.
 */
export type ManifestLike = Manifest | Response | ArrayBuffer | Uint8Array | string | URL;

/** @throws ERR_MANIFEST, with the SDK's words where it has some */
export async function readManifest(candidate: ManifestLike, fetchUrl: typeof fetch): Promise<Manifest> {
  if (candidate instanceof ArrayBuffer || candidate instanceof Uint8Array) {
    return { wasm: [{ data: candidate }] };
  }
  if (typeof candidate === 'string') {
    if (/^\s*\{/.test(candidate)) return checkManifest(parseJson(candidate));
    if (!/^(?:https?|file):\/\//.test(candidate)) return { wasm: [{ path: candidate }] };
    return readUrl(toUrl(candidate), fetchUrl);
  }
  if (candidate instanceof URL) return readUrl(candidate, fetchUrl);
  if (isResponse(candidate)) return readResponse(candidate);
  return checkManifest(candidate);
}

/** Like fetch's own, and those of polyfills. */
export function isResponse(value: unknown): value is Response {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value instanceof Response || value.constructor?.name === 'Response')
  );
}

export function toUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw cordonError('ERR_MANIFEST', `Invalid URL: ${JSON.stringify(text.slice(0, 200))}`);
}

/** The names with which JSON manifests may be written, and those that count. */
function checkManifest(given: unknown): Manifest {
  if (given instanceof WebAssembly.Module) throw notRewritable();
  if (typeof given !== 'object' || given === null || !('wasm' in given)) {
    throw cordonError('ERR_MANIFEST', 'Expected "wasm" key in manifest');
  }
  if (!Array.isArray(given.wasm)) throw cordonError('ERR_MANIFEST', 'Expected "manifest.wasm" to be array');
  for (const [index, item] of given.wasm.entries()) checkItem(item, index);
  const raw = given as Record<string, unknown>;
  const memory = raw.memory as Record<string, unknown> | undefined;
  return {
    wasm: given.wasm as ManifestWasm[],
    config: raw.config as PluginConfigLike | undefined,
    timeoutMs: (raw.timeoutMs ?? raw.timeout_ms) as number | null | undefined,
    allowedPaths: (raw.allowedPaths ?? raw.allowed_paths) as Record<string, string> | undefined,
    allowedHosts: (raw.allowedHosts ?? raw.allowed_hosts) as string[] | undefined,
    memory:
      typeof memory === 'object' && memory !== null
        ? ({
            maxPages: memory.maxPages ?? memory.max_pages ?? memory.max,
            maxHttpResponseBytes: memory.maxHttpResponseBytes ?? memory.max_http_response_bytes,
            maxVarBytes: memory.maxVarBytes ?? memory.max_var_bytes,
          } as MemoryOptions)
        : (memory as undefined),
  };
}

const KINDS = ['data', 'url', 'path', 'response'] as const;

function checkItem(item: unknown, index: number): void {
  if (typeof item === 'object' && item !== null) {
    if ('module' in item && item.module !== undefined) throw notRewritable();
    if (KINDS.some((kind) => kind in item)) return;
  }
  throw cordonError(
    'ERR_MANIFEST',
    `Expected every item in "manifest.wasm" to include either a "data", "url", or "path" key; got bad item at index ${index}`,
  );
}

function notRewritable(): Error {
  return cordonError(
    'ERR_MANIFEST',
    'A compiled WebAssembly.Module cannot be held to limits, because Cordon writes them into the bytes before it compiles them. Give the bytes, a path, a URL or a Response instead.',
  );
}

async function readUrl(url: URL, fetchUrl: typeof fetch): Promise<Manifest> {
  if (url.protocol === 'file:') return { wasm: [{ url }] };
  return readResponse(await fetchUrl(url, { redirect: 'follow' }));
}

/** A manifest is JSON of at most so many bytes. */
const MAX_MANIFEST_BYTES = 50 * 1024 * 1024;

async function readResponse(response: Response): Promise<Manifest> {
  const contentType = response.headers.get('content-type') || 'application/octet-stream';
  switch (contentType.split(';')[0]) {
    case 'application/octet-stream':
    case 'application/wasm':
      return { wasm: [{ response }] };
    case 'application/json':
    case 'text/json': {
      const bytes = await readBounded(response, MAX_MANIFEST_BYTES, 'The manifest');
      return checkManifest(parseJson(new TextDecoder().decode(bytes)));
    }
    default:
      throw cordonError(
        'ERR_MANIFEST',
        `While processing manifest URL "${response.url}"; expected content-type of "text/json", "application/json", "application/octet-stream", or "application/wasm"; got "${contentType}" after stripping off charset.`,
      );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw cordonError('ERR_MANIFEST', `The manifest is no JSON: ${(cause as Error).message}`, { cause });
  }
}
