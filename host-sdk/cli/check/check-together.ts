import { nearestName } from '../../../src/errors/nearest-name.js';
import { quote } from '../../../src/log/quote.js';
import type { ImportValue, Manifest } from '../../../src/manifest/manifest.js';
import { callableExports } from '../../../src/runtime/preflight.js';
import { EXTISM_ENV, WASI_PREVIEW_1 } from '../../../src/runtime/prepare-module.js';
import type { ModuleSummary } from '../../../src/wasm/summary.js';

/** Something about a manifest and its modules together, and the place in the manifest that it is about. */
export interface Mismatch {
  readonly severity: 'error' | 'warning';
  readonly steps: readonly PropertyKey[];
  readonly code?: string;
  readonly message: string;
}

/** What Cordon calls by itself. */
const HOOKS: readonly string[] = ['on_activate', 'on_deactivate', 'migrate', '_start'];
const FILES = /^(path_|fd_prestat)/;
const ENVIRON = /^environ_/;

/** Exports and imports that are described and not there, or otherwise; permissions that nothing in the modules uses. */
export function checkTogether(
  manifest: Manifest,
  main: ModuleSummary,
  all: readonly ModuleSummary[],
): Mismatch[] {
  return [
    ...checkExports(manifest, main),
    ...checkDescribedImports(manifest, all),
    ...checkPermissions(manifest, all),
  ];
}

/** Host functions that "imports" describes and no module imports, or imports with other types. */
function checkDescribedImports({ imports }: Manifest, all: readonly ModuleSummary[]): Mismatch[] {
  const found: Mismatch[] = [];
  for (const [name, { namespace, params, result }] of Object.entries(imports)) {
    const entry = all
      .flatMap((summary) => summary.imports)
      .find((one) => one.kind === 'function' && one.module === namespace && one.name === name);
    const steps = ['imports', name];
    if (entry === undefined) {
      const message = `the host function ${quote(name)} is described, and no module imports it from ${quote(namespace)}: leave it out`;
      found.push({ severity: 'warning', steps, message });
      continue;
    }
    if (entry.kind !== 'function') continue;
    const said = `(${params.map(wasmType).join(', ')}) -> (${result ? wasmType(result) : ''})`;
    const is = `(${entry.type.params.join(', ')}) -> (${entry.type.results.join(', ')})`;
    if (said === is) continue;
    const message = `the host function ${quote(name)} is described as ${said}, and the module imports it as ${is}: describe it as it is`;
    found.push({ severity: 'error', steps, code: 'ERR_IMPORT', message });
  }
  return found;
}

/** Text, bytes and JSON are offsets of blocks. */
function wasmType({ type }: ImportValue): string {
  return type === 'text' || type === 'bytes' || type === 'json' ? 'i64' : type;
}

function checkExports(manifest: Manifest, summary: ModuleSummary): Mismatch[] {
  const callable = callableExports(summary);
  const found: Mismatch[] = [];
  for (const name of Object.keys(manifest.exports)) {
    if (callable.has(name)) continue;
    const entry = summary.exports.find((one) => one.name === name);
    const near = nearestName(name, callable);
    const why =
      entry?.kind === 'function'
        ? `takes ${entry.type.params.length} parameters and gives ${entry.type.results.length} results; a host calls functions without parameters and with at most one result`
        : `is not among the functions of the module${near === undefined ? '' : `; did you mean ${quote(near)}?`}`;
    const steps = ['exports', name];
    found.push({ severity: 'error', steps, code: 'ERR_MANIFEST', message: `${quote(name)} ${why}` });
  }
  if (callable.size === 0) {
    const message = 'the module has no function that a host can call: export one without parameters';
    found.push({ severity: 'warning', steps: ['wasm'], message });
  }
  const described = Object.keys(manifest.exports);
  const silent = [...callable].filter((name) => !described.includes(name) && !HOOKS.includes(name));
  if (described.length > 0 && silent.length > 0) {
    const message = `the module also exports ${silent.slice(0, 10).map(quote).join(', ')}, which any caller can call: describe it here, or do not export it`;
    found.push({ severity: 'warning', steps: ['exports'], message });
  }
  return found;
}

function checkPermissions(
  { permissions, dependencies, optionalDependencies }: Manifest,
  all: readonly ModuleSummary[],
) {
  const imports = all.flatMap((summary) => summary.imports);
  const has = (module: string, name: string | RegExp): boolean =>
    imports.some(
      (one) => one.module === module && (typeof name === 'string' ? one.name === name : name.test(one.name)),
    );
  const found: Mismatch[] = [];
  const warn = (steps: readonly PropertyKey[], message: string): void => {
    found.push({ severity: 'warning', steps: ['permissions', ...steps], message });
  };
  const unused = 'asked for, and no module imports what it takes: leave it out';
  // The other way round is no slip: the PDKs of Go and Rust import it always.
  if (permissions.http.length > 0 && !has(EXTISM_ENV, 'http_request')) warn(['http'], `HTTP is ${unused}`);
  const mounts = [...Object.keys(permissions.fs.read), ...Object.keys(permissions.fs.write)];
  if (mounts.length > 0 && !has(WASI_PREVIEW_1, FILES)) warn(['fs'], `Folders are ${unused}`);
  if (permissions.env.length > 0 && !has(WASI_PREVIEW_1, ENVIRON)) warn(['env'], `Variables are ${unused}`);
  for (const [index, { name }] of permissions.hostFunctions.entries()) {
    if (!imports.some((one) => one.name === name)) {
      warn(['hostFunctions', index], `the host function ${quote(name)} is ${unused}`);
    }
  }
  const calls = imports.some(({ module, name }) => module === 'extism:host/user' && name === 'plugin_call');
  const callees = [
    ...permissions.plugins,
    ...Object.keys(dependencies),
    ...Object.keys(optionalDependencies),
  ];
  if (calls && callees.length === 0) {
    warn(['plugins'], 'the module can call plugins and asks for none: those calls will be refused');
  }
  if (!calls && permissions.plugins.length > 0) warn(['plugins'], `Calls of plugins are ${unused}`);
  return found;
}
