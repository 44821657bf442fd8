import { cordonError } from '../errors/cordon-error.js';
import { ownCopy } from '../integrity/artifact.js';
import { moduleTooLarge } from '../integrity/module-too-large.js';
import { parseManifest } from '../manifest/parse-manifest.js';
import type { BrokenCandidate, CatalogSource, PluginCandidate } from './catalog-source.js';
import { type Inventory, inventory } from './inventory.js';
import { markParsed } from './parsed-manifests.js';
import type { Found } from './plugin-folder.js';

/** A plugin that the application holds in memory. */
export interface MemoryPlugin {
  /** As in a `plugin.json`; it is parsed like one. */
  readonly manifest: unknown;
  /** The module, or the modules by their names in the manifest's `wasm`. Read when the plugin is loaded. */
  readonly wasm: Uint8Array | ArrayBuffer | Readonly<Record<string, Uint8Array | ArrayBuffer>>;
  /** The bytes or the text of its signature. Read when the plugin is loaded. */
  readonly signature?: Uint8Array | string | undefined;
}

export interface MemorySourceOptions {
  /** Default: `memory`. */
  readonly id?: string;
}

/** Plugins given as `{ manifest, wasm }`; several versions of one may stand side by side. */
export class MemorySource implements CatalogSource {
  readonly id: string;
  readonly #inventory: Inventory;

  constructor(plugins: readonly MemoryPlugin[], options: MemorySourceOptions = {}) {
    this.id = options.id ?? 'memory';
    this.#inventory = inventory(plugins.map((plugin, i) => this.#find(plugin, i)));
  }

  async candidates(name: string): Promise<readonly PluginCandidate[]> {
    return this.#inventory.candidates(name);
  }

  async names(): Promise<readonly string[]> {
    return this.#inventory.names;
  }

  async providers(name: string): Promise<readonly string[]> {
    return this.#inventory.providers(name);
  }

  async broken(): Promise<readonly BrokenCandidate[]> {
    return this.#inventory.broken;
  }

  #find(plugin: MemoryPlugin, index: number): Found {
    const raw: unknown = plugin?.manifest;
    const name = nameOf(raw);
    const origin = `${this.id}: ${name ?? `plugin ${index + 1}`}`;
    try {
      const manifest = markParsed(parseManifest(raw, { file: origin }));
      const modules = modulesOf(plugin, origin);
      const candidate: PluginCandidate = Object.freeze({
        manifest,
        origin,
        source: this.id,
        read: async (item, { maxBytes }) => {
          const bytes = modules.get(item.name);
          const subject = { plugin: manifest.name, version: manifest.version, file: `"${item.name}"` };
          if (bytes === undefined) throw missingModule(subject, [...modules.keys()]);
          if (bytes.byteLength > maxBytes) throw moduleTooLarge(subject, maxBytes, bytes.byteLength);
          return ownCopy(bytes);
        },
        ...(plugin.signature !== undefined && { readSignature: async () => signatureOf(plugin, origin) }),
      } satisfies PluginCandidate);
      return { candidate };
    } catch (error) {
      const known = name === undefined ? {} : { name };
      return { broken: { origin, source: this.id, ...known, error: error as Error } };
    }
  }
}

function nameOf(manifest: unknown): string | undefined {
  const name = (manifest as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name.length <= 214 ? name : undefined;
}

/** Modules by their names. */
type Modules = Pick<ReadonlyMap<string, Uint8Array>, 'get' | 'keys'>;

/** Nearly all plugins have one module: it takes no map, which is 200 bytes. */
class OnlyMain {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get(name: string): Uint8Array | undefined {
    return name === 'main' ? this.#bytes : undefined;
  }

  keys(): MapIterator<string> {
    return ['main'].values();
  }
}

function modulesOf({ wasm }: MemoryPlugin, origin: string): Modules {
  const single = asBytes(wasm);
  if (single !== undefined) return new OnlyMain(single);
  if (typeof wasm !== 'object') throw notBytes(`${origin}: "wasm"`, wasm);
  const modules = new Map<string, Uint8Array>();
  for (const [name, value] of Object.entries(wasm ?? {})) {
    const bytes = asBytes(value);
    if (bytes === undefined) throw notBytes(`${origin}: "wasm", module "${name}",`, value);
    modules.set(name, bytes);
  }
  if (modules.size === 0) throw notBytes(`${origin}: "wasm"`, wasm);
  return modules;
}

function signatureOf({ signature }: MemoryPlugin, origin: string): Uint8Array {
  if (typeof signature === 'string') return new TextEncoder().encode(signature);
  if (signature instanceof Uint8Array) return ownCopy(signature);
  const found = signature === null ? 'null' : typeof signature;
  throw cordonError(
    'ERR_MANIFEST',
    `${origin}: "signature" is ${found}; expected the bytes or the text of a signature.`,
    { details: { found } },
  );
}

function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

function notBytes(where: string, value: unknown): Error {
  const found = value === null ? 'null' : typeof value;
  return cordonError(
    'ERR_MANIFEST',
    `${where} is ${found}; expected a Uint8Array, an ArrayBuffer, or an object of these by module name.`,
    { details: { found } },
  );
}

function missingModule(subject: { plugin: string; version: string; file: string }, known: string[]): Error {
  return cordonError(
    'ERR_MANIFEST',
    `The plugin ${subject.plugin}@${subject.version} in memory has no module ${subject.file}; it has ${known
      .map((name) => `"${name}"`)
      .join(', ')}. Give the bytes under the name that the manifest uses.`,
    { plugin: subject.plugin, version: subject.version, details: { known } },
  );
}
