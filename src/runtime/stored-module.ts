import { type CachedModule, compiledBytes } from '../cache/module-cache.js';
import { type RewriteOptions, refuseUnfit } from '../wasm/rewrite.js';
import { REWRITE_VERSION } from '../wasm/rewrite-version.js';
import type { ModuleFacts } from './prepare-module.js';
import type { Runtime } from './runtime.js';

/** What of a module's facts is kept on disk; the rest is counted anew. */
type StoredFacts = Omit<ModuleFacts, 'pages'>;

const START_EXPORTS = ['initialize', 'start', 'hsInit'] as const;

/**
 * A rewritten module from the disk, compiled, unless another process is to do that; undefined where there is none, or it is no
 * use. It saves the rewriting and nothing else: the original goes through every check that rewriting makes.
 * @throws what `rewriteModule` throws for these bytes and options
 */
export async function storedModule(
  { disk }: Runtime,
  key: string,
  original: Uint8Array,
  options: RewriteOptions,
  forProcess: boolean,
): Promise<CachedModule<StoredFacts> | undefined> {
  const stored = await disk?.read(diskKey(key));
  if (!disk || !stored) return undefined;
  refuseUnfit(original, options);
  const facts = storedFacts(stored.facts);
  if (!facts) {
    await disk.drop(diskKey(key), 'its facts are of another form');
    return undefined;
  }
  const { bytes } = stored;
  if (forProcess && WebAssembly.validate(bytes))
    return { module: bytes, facts, byteLength: bytes.byteLength };
  try {
    return { module: await WebAssembly.compile(bytes), facts, byteLength: compiledBytes(bytes) };
  } catch (error) {
    await disk.drop(diskKey(key), `it does not compile: ${(error as Error).message}`);
    return undefined;
  }
}

/** Keeps a rewritten module, in the background. */
export function storeModule({ disk }: Runtime, key: string, facts: ModuleFacts, bytes: Uint8Array): void {
  const { pages: _, ...kept } = facts;
  disk?.write(diskKey(key), { facts: kept, bytes: bytes as Uint8Array<ArrayBuffer> });
}

function diskKey(key: string): string {
  return `rewrite ${REWRITE_VERSION} ${key}`;
}

function storedFacts(value: unknown): StoredFacts | undefined {
  const { startExports, fuelExport, memoryExport } = { ...(value as Partial<StoredFacts> | null) };
  const isName = (name: unknown): boolean => name === undefined || typeof name === 'string';
  if (typeof startExports !== 'object' || startExports === null) return undefined;
  if (!isName(fuelExport) || !isName(memoryExport)) return undefined;
  if (!START_EXPORTS.every((name) => isName(startExports[name]))) return undefined;
  return {
    startExports,
    ...(fuelExport !== undefined && { fuelExport }),
    ...(memoryExport !== undefined && { memoryExport }),
  };
}
