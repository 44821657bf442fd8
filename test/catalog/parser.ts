import type { ManifestParser } from '../../src/catalog/manifest-parser.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import type { Manifest, WasmItem } from '../../src/manifest/manifest.js';
import { NO_PERMISSIONS } from '../../src/manifest/permissions.js';

/** A parser that knows just enough for tests of the catalog: defaults, and a name and version that must be there. */
export const testParser: ManifestParser = {
  value: (value, { file }) => {
    const raw = value as Partial<Omit<Manifest, 'wasm'>> & { wasm?: string | WasmItem[] };
    if (typeof raw?.name !== 'string' || typeof raw.version !== 'string') {
      throw cordonError('ERR_MANIFEST', `${file}: "name" or "version" is missing`, { details: { file } });
    }
    const wasm = typeof raw.wasm === 'string' ? [{ name: 'main', path: raw.wasm }] : (raw.wasm ?? []);
    return Object.freeze({
      manifestVersion: 1,
      keywords: [],
      engines: {},
      dependencies: {},
      optionalDependencies: {},
      conflicts: {},
      provides: {},
      exports: {},
      permissions: NO_PERMISSIONS,
      limits: {},
      config: {},
      instance: 'stateful',
      activation: 'load',
      priority: 0,
      ...raw,
      name: raw.name,
      version: raw.version,
      wasm,
    } satisfies Manifest);
  },
  text: (text, options) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw cordonError('ERR_MANIFEST', `${options.file} is not JSON`, {
        cause,
        details: { file: options.file },
      });
    }
    return testParser.value(value, options);
  },
};
