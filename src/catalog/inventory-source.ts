import type { BrokenCandidate, CatalogSource, PluginCandidate, SourceQuery } from './catalog-source.js';
import type { Inventory } from './inventory.js';
import { SharedRequest } from './shared-request.js';

/** A source that is read as a whole: at the first question, and again after `refresh()`. */
export abstract class InventorySource implements CatalogSource {
  readonly id: string;
  readonly #reading: SharedRequest<Inventory>;

  constructor(id: string) {
    this.id = id;
    this.#reading = new SharedRequest(`reading ${id}`, (signal) => this.read(signal));
  }

  /** All that is here. Rejects where the place as a whole cannot be read. */
  protected abstract read(signal: AbortSignal): Promise<Inventory>;

  async candidates(name: string, query?: SourceQuery): Promise<readonly PluginCandidate[]> {
    return (await this.#reading.get(query?.signal)).candidates(name);
  }

  async names(query?: SourceQuery): Promise<readonly string[]> {
    return (await this.#reading.get(query?.signal)).names;
  }

  async providers(name: string, query?: SourceQuery): Promise<readonly string[]> {
    return (await this.#reading.get(query?.signal)).providers(name);
  }

  async broken(query?: SourceQuery): Promise<readonly BrokenCandidate[]> {
    return (await this.#reading.get(query?.signal)).broken;
  }

  refresh(): void {
    this.#reading.forget();
  }
}
