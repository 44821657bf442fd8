import { cordonError } from '../../src/errors/cordon-error.js';
import { nearestName } from '../../src/errors/nearest-name.js';
import { extensionNameSchema } from '../../src/manifest/contributes.js';
import { parseOptions } from '../../src/manifest/parse-options.js';
import { contractSchema, type ExtensionContract } from './contract.js';
import type { ExtensionHost, ExtensionPlugin } from './extension-host.js';
import { ExtensionPoint } from './extension-point.js';

/** The extension points of one host. */
export class ExtensionPoints {
  readonly #host: ExtensionHost;
  readonly #points = new Map<string, ExtensionPoint>();
  /** Plugins that were left out, and why, so that each is told of once and not in every run. */
  readonly #told = new Map<string, string>();

  constructor(host: ExtensionHost) {
    this.#host = host;
  }

  /** @throws ERR_OPTIONS for a name or a contract that is none, and for a name that is taken */
  define<const C extends ExtensionContract>(name: string, contract: C | undefined): ExtensionPoint<C> {
    this.#host.assertOpen();
    const known = parseOptions(extensionNameSchema, name, 'The name of the extension point');
    const resolved = parseOptions(
      contractSchema,
      contract === undefined ? {} : contract,
      `The contract of the extension point ${JSON.stringify(known)}`,
    );
    if (this.#points.has(known)) {
      throw cordonError(
        'ERR_OPTIONS',
        `The extension point ${JSON.stringify(known)} is there already. Keep what host.extensionPoint returned the first time.`,
      );
    }
    const point = new ExtensionPoint<C>(this.#host, known, resolved, ({ plugin, version, reason }) => {
      this.#tell(
        `${known}\0${plugin}`,
        `${version} ${reason}`,
        `${plugin}@${version} was left out of the extension point ${JSON.stringify(known)}: it is ${reason}.`,
        { plugin, version, detail: { extensionPoint: known, reason } },
      );
    });
    this.#points.set(known, point as unknown as ExtensionPoint);
    return point;
  }

  /** Tells of contributions to points that nobody defined; in a host that has points at all. */
  check(units: readonly ExtensionPlugin[]): void {
    if (this.#points.size === 0) return;
    for (const { name: plugin, version, manifest } of units) {
      for (const point of Object.keys(manifest.contributes)) {
        if (this.#points.has(point)) continue;
        const nearest = nearestName(point, this.#points.keys());
        const hint = nearest ? ` Did it mean ${JSON.stringify(nearest)}?` : '';
        this.#host.warn(
          `${plugin}@${version} contributes to the extension point ${JSON.stringify(point)}, which this host does not have.${hint}`,
          { plugin, version, detail: { extensionPoint: point } },
        );
      }
    }
    for (const key of this.#told.keys()) {
      if (!this.#host.unit(key.slice(key.indexOf('\0') + 1))) this.#told.delete(key);
    }
  }

  #tell(key: string, state: string, message: string, about: Parameters<ExtensionHost['warn']>[1]): void {
    if (this.#told.get(key) === state) return;
    this.#told.set(key, state);
    this.#host.warn(message, about);
  }
}
