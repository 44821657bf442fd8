import { type ModuleSummary, summarizeModule } from '../wasm/summary.js';

/** Summaries that are kept. */
const MAX_KEPT = 64;
/** One with more imports and exports is made again each time: it would take megabytes. */
const MAX_ITEMS = 1000;

/** What modules that were read before are like, by digest: a plugin that is loaded again is not read again. */
export class SummaryCache {
  readonly #kept = new Map<string, ModuleSummary>();

  /** @throws `ERR_BYTECODE` for what is no module or exceeds a structural limit */
  get({ sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array }): ModuleSummary {
    const kept = this.#kept.get(sha256);
    const summary = kept ?? summarizeModule(bytes);
    if (kept) this.#kept.delete(sha256);
    else if (itemsOf(summary) > MAX_ITEMS) return summary;
    this.#kept.set(sha256, summary);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return summary;
  }

  clear(): void {
    this.#kept.clear();
  }
}

function itemsOf({ imports, exports, memories, tables, customSections, manifest }: ModuleSummary): number {
  const text = (manifest?.length ?? 0) / 100;
  return imports.length + exports.length + memories.length + tables.length + customSections.length + text;
}
