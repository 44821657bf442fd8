import { cordonError } from '../../src/errors/cordon-error.js';
import { ownValue } from '../../src/manifest/own-value.js';
import { WASI_PREVIEW_1 } from '../../src/runtime/prepare-module.js';
import type { ModuleSummary } from '../../src/wasm/summary.js';
import type { SdkFunctions } from './options.js';

/** A module with what its bytes say of it. */
export interface InspectedModule {
  readonly name: string;
  readonly summary: ModuleSummary;
}

/**
 * Holds what modules import against each other and against the host's functions, in the SDK's words. What is left, the
 * types and Extism's own functions, Cordon checks when it loads them.
 * @throws ERR_IMPORT
 */
export function checkImports(
  modules: readonly InspectedModule[],
  functions: SdkFunctions,
  useWasi: boolean,
): void {
  for (const { name: from, summary } of modules) {
    for (const { module, name, kind } of summary.imports) {
      const provider = modules.find((one) => one.name === module);
      const what = `"${module}" "${name}"`;
      if (provider) {
        if (provider.summary.exports.some((entry) => entry.name === name && entry.kind === kind)) continue;
        throw notProvided(from, `cannot import ${what}; no export matched request`);
      }
      if (module === WASI_PREVIEW_1) {
        if (useWasi) continue;
        throw cordonError('ERR_IMPORT', 'WASI is not enabled; see the "useWasi" plugin option');
      }
      if (module === 'extism:host/env') continue;
      const members = ownValue(functions, module);
      // Where a namespace is known at all the SDK says so; "env" always is.
      if (!members && module !== 'env') {
        throw notProvided(
          from,
          `cannot resolve import ${what}: not provided by host imports nor linked manifest items`,
        );
      }
      if (!members || !Object.hasOwn(members, name)) {
        throw notProvided(
          from,
          `cannot resolve import ${what} ("${module}" is a host module, but does not contain "${name}")`,
        );
      }
      if (kind !== 'function') {
        throw notProvided(from, `in import ${what}, "${kind}"-typed host imports are not supported yet`);
      }
    }
  }
}

function notProvided(from: string, why: string): Error {
  return cordonError('ERR_IMPORT', `from module "${from}": ${why}`);
}
