import type { CompiledModule } from '../wasm/web-assembly.js';
/** What is kept of a module once it is rewritten and compiled. */
export interface CachedModule<Facts> {
  /** Compiled, or the rewritten bytes where another process compiles them. */
  readonly module: CompiledModule | Uint8Array<ArrayBuffer>;
  /** What the rewrite told about it. */
  readonly facts: Facts;
  /** What it counts, by which the cache is limited: see {@link compiledBytes}. */
  readonly byteLength: number;
}

/** V8 keeps so much for a module before any of its code has run: 24 KiB were measured for one of 1.4 KB. */
const MODULE_BYTES = 24 * 1024;

/**
 * What a compiled module counts: its rewritten bytes and what V8 keeps of any module, or many small ones would be kept as
 * if they were nothing. Its compiled code, about 2 to 5 times the bytes, is not counted.
 */
export function compiledBytes({ byteLength }: Uint8Array): number {
  return byteLength + MODULE_BYTES;
}

/** Counters of a {@link ModuleCache}. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Compiled modules by the digest of their bytes and of what was done to them, the least recently used dropped first.
 * Two who ask for the same at once share one compilation.
 */
export class ModuleCache<Facts = unknown> {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, CachedModule<Facts>>();
  readonly #pending = new Map<string, Promise<CachedModule<Facts>>>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;

  /** @param maxBytes sum of what the modules count; `0` keeps none */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get stats(): CacheStats {
    return Object.freeze({
      hits: this.#hits,
      misses: this.#misses,
      entries: this.#entries.size,
      bytes: this.#bytes,
    });
  }

  /** The module under `key`; `make` is called where there is none. A failure is not kept. */
  async get(
    key: string,
    make: () => Promise<CachedModule<Facts>>,
  ): Promise<CachedModule<Facts> & { hit: boolean }> {
    const kept = this.#entries.get(key);
    if (kept) {
      this.#entries.delete(key);
      this.#entries.set(key, kept);
      this.#hits++;
      return { ...kept, hit: true };
    }
    const pending = this.#pending.get(key);
    if (pending) {
      this.#hits++;
      return { ...(await pending), hit: true };
    }
    this.#misses++;
    const making = make();
    this.#pending.set(key, making);
    try {
      const made = await making;
      this.#keep(key, made);
      return { ...made, hit: false };
    } finally {
      this.#pending.delete(key);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #keep(key: string, made: CachedModule<Facts>): void {
    if (made.byteLength > this.#maxBytes) return;
    this.#entries.set(key, made);
    this.#bytes += made.byteLength;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= entry.byteLength;
    }
  }
}
