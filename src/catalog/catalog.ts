import { Breath } from '../integrity/breath.js';
import { askSource, type Expected } from './ask-source.js';
import type { BrokenCandidate, CatalogSource, PluginCandidate, SourceQuery } from './catalog-source.js';
import { checkCandidate } from './check-candidate.js';
import { SharedRequest } from './shared-request.js';
import { newestFirst } from './version-order.js';

export interface CatalogOptions {
  /** How long each source may take for each answer; default 30 000. `Infinity` waits for ever. */
  readonly timeoutMs?: number;
}

/** Names whose answers are kept; a host that is asked for ever new names without a refresh keeps the latest. */
const MAX_NAMES = 10_000;
/** More versions of one plugin than any registry has; comparing them would hold up the host. */
const VERSIONS: Expected = { items: 'versions', most: 10_000 };
const NAMES: Expected = { items: 'names', most: 100_000, isItem: (item) => typeof item === 'string' };
const BROKEN: Expected = {
  items: 'broken plugins',
  most: 100_000,
  isItem: (item) => (item as BrokenCandidate | null)?.error instanceof Error,
};

interface Offer {
  readonly candidates: readonly PluginCandidate[];
  readonly broken: readonly BrokenCandidate[];
}

/**
 * All sources as one. The versions of a name are those of all sources together; where two have the same version, the
 * earlier source wins. Each source is asked each question at most once until {@link refresh}. A failing source fails the
 * question and is named: leaving it out would silently give another resolution.
 */
export class Catalog {
  readonly sources: readonly CatalogSource[];
  readonly #timeoutMs: number;
  readonly #offers = new Map<string, SharedRequest<Offer>>();
  readonly #providers = new Map<string, SharedRequest<readonly string[]>>();
  #names: SharedRequest<readonly string[]>;
  /** Found among what sources brought by the application answered. */
  #broken = new Map<string, readonly BrokenCandidate[]>();

  constructor(sources: readonly CatalogSource[], { timeoutMs = 30_000 }: CatalogOptions = {}) {
    this.sources = Object.freeze([...sources]);
    this.#timeoutMs = timeoutMs;
    this.#names = new SharedRequest('listing the catalog', (signal) => this.#list(signal));
  }

  /** Every version of `name` that can be used, newest first. */
  async candidates(name: string, query?: SourceQuery): Promise<readonly PluginCandidate[]> {
    const request = memo(
      this.#offers,
      name,
      () => new SharedRequest(`looking for plugin ${name}`, (signal) => this.#offer(name, signal)),
    );
    return (await request.get(query?.signal)).candidates;
  }

  /** Names of plugins some version of which `provides` the virtual name, sorted. */
  async providers(name: string, query?: SourceQuery): Promise<readonly string[]> {
    const request = memo(
      this.#providers,
      name,
      () =>
        new SharedRequest(`looking for plugins that provide ${name}`, (signal) =>
          this.#findProviders(name, signal),
        ),
    );
    return request.get(query?.signal);
  }

  /** Every name that can be found here, sorted; what sources that cannot list have is not among them. */
  async names(query?: SourceQuery): Promise<readonly string[]> {
    return this.#names.get(query?.signal);
  }

  /** What is broken, in all sources or of one name. Never fails: a source that cannot say is itself an entry. */
  async broken(name?: string, query?: SourceQuery): Promise<readonly BrokenCandidate[]> {
    const told = await Promise.all(
      this.sources.map(async (source) => {
        if (source.broken === undefined) return [];
        try {
          return await this.#ask(
            source,
            'listing what is broken',
            BROKEN,
            (signal) => source.broken!({ signal }),
            query,
          );
        } catch (error) {
          return [{ origin: source.id, source: source.id, error: error as Error }];
        }
      }),
    );
    const all: BrokenCandidate[] = [...told.flat(), ...[...this.#broken.values()].flat()];
    return name === undefined ? all : all.filter((one) => one.name === name);
  }

  /** Begins a new generation: everything is asked anew. Who waits now still gets the old answer. */
  refresh(): void {
    this.#offers.clear();
    this.#providers.clear();
    this.#broken = new Map();
    this.#names = new SharedRequest('listing the catalog', (signal) => this.#list(signal));
    for (const source of this.sources) source.refresh?.();
  }

  #ask<T>(
    source: CatalogSource,
    doing: string,
    expected: Expected,
    question: (signal: AbortSignal) => Promise<readonly T[]>,
    query: SourceQuery | undefined,
  ): Promise<readonly T[]> {
    return askSource(source, doing, question, {
      expected,
      timeoutMs: this.#timeoutMs,
      signal: query?.signal,
    });
  }

  async #offer(name: string, signal: AbortSignal): Promise<Offer> {
    const generation = this.#broken;
    const doing = `looking for plugin ${name}`;
    const answers = await Promise.all(
      this.sources.map((source) =>
        this.#ask(source, doing, VERSIONS, (own) => source.candidates(name, { signal: own }), { signal }),
      ),
    );
    const breath = new Breath(doing, signal);
    const candidates = new Map<string, PluginCandidate>();
    const broken: BrokenCandidate[] = [];
    for (const [i, answer] of answers.entries()) {
      for (const given of answer) {
        if (breath.isDue) await breath.take();
        const checked = checkCandidate(given, name, this.sources[i]!.id);
        if ('broken' in checked) broken.push(checked.broken);
        else if (!candidates.has(checked.candidate.manifest.version)) {
          candidates.set(checked.candidate.manifest.version, checked.candidate);
        }
      }
    }
    if (broken.length > 0) generation.set(name, broken);
    if (generation.size > MAX_NAMES) generation.delete(generation.keys().next().value!);
    return {
      candidates: newestFirst(candidates.values(), ({ manifest }) => manifest.version),
      broken,
    };
  }

  async #list(signal: AbortSignal): Promise<readonly string[]> {
    const lists = await Promise.all(this.sources.map((source) => this.#namesOf(source, signal)));
    return [...new Set(lists.flat())].sort();
  }

  async #namesOf(source: CatalogSource, signal: AbortSignal): Promise<readonly string[]> {
    if (source.names === undefined) return [];
    return this.#ask(source, 'listing its plugins', NAMES, (own) => source.names!({ signal: own }), {
      signal,
    });
  }

  async #findProviders(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const unlisted = (await this.candidates(name, { signal })).length === 0;
    const found = await Promise.all(
      this.sources.map(async (source) => {
        if (source.providers !== undefined) {
          const doing = `looking for plugins that provide ${name}`;
          return this.#ask(source, doing, NAMES, (own) => source.providers!(name, { signal: own }), {
            signal,
          });
        }
        if (!unlisted) return [];
        const providing: string[] = [];
        for (const plugin of await this.#namesOf(source, signal)) {
          const versions = await this.candidates(plugin, { signal });
          if (versions.some(({ manifest }) => Object.hasOwn(manifest.provides, name))) providing.push(plugin);
        }
        return providing;
      }),
    );
    return [...new Set(found.flat())].sort();
  }
}

function memo<T>(map: Map<string, SharedRequest<T>>, key: string, make: () => SharedRequest<T>) {
  const known = map.get(key);
  if (known) return known;
  if (map.size >= MAX_NAMES) map.delete(map.keys().next().value!);
  const made = make();
  map.set(key, made);
  return made;
}
