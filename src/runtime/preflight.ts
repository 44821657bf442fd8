import type { HostFunction } from '../bridge/host-function.js';
import { cordonError } from '../errors/cordon-error.js';
import { quote, quoteAll } from '../log/quote.js';
import { HOST_FUNCTION_NAMESPACE } from '../manifest/imports-schema.js';
import type { Manifest } from '../manifest/manifest.js';
import { ownValue } from '../manifest/own-value.js';
import { explainRefusal, type Grant } from '../policy/grants.js';
import { wasmSignature } from '../sandbox/asking-import.js';
import type { HostValueType } from '../sandbox/host-value.js';
import type { HostFunctionImport } from '../sandbox/protocol.js';
import { wasiSignature } from '../sandbox/wasi/signatures.js';
import type { ModuleImport, ModuleSummary } from '../wasm/summary.js';
import { EXTISM_ENV, WASI_PREVIEW_1 } from './prepare-module.js';

/** What `extism:host/env` has, with types as `checkType` prints them. */
const ENV_FUNCTIONS: Readonly<Record<string, string>> = {
  alloc: '(i64) -> (i64)',
  free: '(i64) -> ()',
  length: '(i64) -> (i64)',
  length_unsafe: '(i64) -> (i64)',
  load_u8: '(i64) -> (i32)',
  load_u64: '(i64) -> (i64)',
  store_u8: '(i64, i32) -> ()',
  store_u64: '(i64, i64) -> ()',
  input_offset: '() -> (i64)',
  input_length: '() -> (i64)',
  input_load_u8: '(i64) -> (i32)',
  input_load_u64: '(i64) -> (i64)',
  output_set: '(i64, i64) -> ()',
  error_set: '(i64) -> ()',
  error_get: '() -> (i64)',
  config_get: '(i64) -> (i64)',
  var_get: '(i64) -> (i64)',
  var_set: '(i64, i64) -> ()',
  http_request: '(i64, i64) -> (i64)',
  http_status_code: '() -> (i32)',
  http_headers: '() -> (i64)',
  get_log_level: '() -> (i32)',
  log_trace: '(i64) -> ()',
  log_debug: '(i64) -> ()',
  log_info: '(i64) -> ()',
  log_warn: '(i64) -> ()',
  log_error: '(i64) -> ()',
};

/** What the guest's imports come to: the host functions to link, and whether WASI is among them. */
export interface ResolvedImports {
  readonly hostFunctions: readonly (HostFunctionImport & { readonly definition: HostFunction })[];
  readonly wasi: boolean;
}

type HostFunctions = Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;

/**
 * Holds every import of the modules against what the host has and the plugin was granted, before anything is
 * instantiated.
 * @throws ERR_IMPORT for what nobody provides, ERR_PERMISSION for what was not granted
 */
export function resolveImports(
  manifest: Manifest,
  modules: readonly { readonly name: string; readonly summary: ModuleSummary }[],
  hostFunctions: HostFunctions,
  grant: Grant,
): ResolvedImports {
  const linked = new Set(modules.map(({ name }) => name));
  const wanted = new Map<string, HostFunctionImport & { readonly definition: HostFunction }>();
  let wasi = false;
  for (const { summary } of modules) {
    for (const entry of summary.imports) {
      if (linked.has(entry.module) && modules.length > 1) continue;
      if (entry.kind !== 'function') throw notProvided(manifest, entry, 'the host provides functions only');
      if (entry.module === WASI_PREVIEW_1) {
        checkWasi(manifest, entry);
        wasi = true;
      } else if (entry.module === EXTISM_ENV) checkEnv(manifest, entry);
      else if (
        isPluginCall(entry) &&
        !ownValue(ownValue(hostFunctions, HOST_FUNCTION_NAMESPACE), 'plugin_call')?.raw
      )
        checkType(manifest, entry, PLUGIN_CALL);
      else {
        const key = `${entry.module}\0${entry.name}`;
        if (!wanted.has(key)) wanted.set(key, hostFunction(manifest, entry, hostFunctions, grant));
      }
    }
  }
  return { hostFunctions: [...wanted.values()], wasi };
}

const isPluginCall = ({ module, name }: ModuleImport): boolean =>
  module === HOST_FUNCTION_NAMESPACE && name === 'plugin_call';
const PLUGIN_CALL = { params: ['bytes', 'bytes', 'bytes'], result: 'bytes' } as const;

function checkEnv(manifest: Manifest, entry: ModuleImport): void {
  const expected = ownValue(ENV_FUNCTIONS, entry.name);
  if (expected === undefined) throw notProvided(manifest, entry, `"${EXTISM_ENV}" has no such function`);
  expectType(manifest, entry, expected);
}

function checkWasi(manifest: Manifest, entry: ModuleImport): void {
  const signature = wasiSignature(entry.name);
  if (!signature) throw notProvided(manifest, entry, 'WASI preview 1 has no such function');
  expectType(manifest, entry, `(${signature.params.join(', ')}) -> (${signature.results.join(', ')})`);
}

function hostFunction(
  manifest: Manifest,
  entry: ModuleImport,
  hostFunctions: HostFunctions,
  grant: Grant,
): HostFunctionImport & { readonly definition: HostFunction } {
  const { module, name } = entry;
  const definition = ownValue(ownValue(hostFunctions, module), name);
  if (definition?.raw) return rawFunction(manifest, entry, definition);
  const asked = manifest.permissions.hostFunctions.find((request) => request.name === name);
  if (!definition) {
    if (asked?.optional) return refusedImport(entry, `The host has no host function "${name}".`);
    throw notProvided(
      manifest,
      entry,
      'register it in the option hostFunctions, or build the guest without it',
    );
  }
  const declared = { module, name, params: definition.params, result: definition.result, definition };
  checkType(manifest, entry, definition);
  checkDescription(manifest, entry, definition);
  if (grant.hostFunctions.includes(name)) return declared;
  const { message } = explainRefusal(grant, 'hostFunctions', name);
  if (asked?.optional) {
    return { ...declared, refused: `${manifest.name} may not call host function "${name}": ${message}.` };
  }
  throw cordonError(
    'ERR_PERMISSION',
    `${manifest.name}@${manifest.version} imports host function "${name}" and may not: ${message}.`,
    { plugin: manifest.name, version: manifest.version, details: { hostFunction: name } },
  );
}

/** It takes whatever the guest gives: there is no type to hold the import against, and who hands it over means it. */
function rawFunction(
  manifest: Manifest,
  entry: ModuleImport,
  given: HostFunction,
): HostFunctionImport & { readonly definition: HostFunction } {
  if (entry.kind !== 'function') throw notProvided(manifest, entry, 'the host provides functions only');
  const { params, results } = entry.type;
  const odd = [...params, ...results].find((type) => !isNumber(type));
  if (odd !== undefined || results.length > 1) {
    const why = odd === undefined ? `${results.length} results` : `a value of type ${odd}`;
    throw notProvided(manifest, entry, `a host function cannot have ${why}`);
  }
  const types = { params: params.filter(isNumber), result: results.find(isNumber) ?? 'void' } as const;
  return {
    ...{ module: entry.module, name: entry.name, raw: true as const, ...types },
    definition: { ...given, ...types },
  };
}

function isNumber(type: string): type is 'i32' | 'i64' | 'f32' | 'f64' {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64';
}

/** An optional host function that is not there still has to link: whatever its type, calling it is refused. */
function refusedImport(
  { module, name }: ModuleImport,
  refused: string,
): HostFunctionImport & { readonly definition: HostFunction } {
  const definition: HostFunction = { kind: 'host-function', params: [], result: 'void', handler: () => {} };
  return { module, name, params: [], result: 'void', refused, definition };
}

function checkType(
  manifest: Manifest,
  entry: ModuleImport,
  shape: { readonly params: readonly HostValueType[]; readonly result: HostValueType | 'void' },
): void {
  const { params, result = '' } = wasmSignature(shape.params, shape.result);
  expectType(manifest, entry, `(${params.join(', ')}) -> (${result})`);
}

/** `text` and `json` are the same to WebAssembly, and not to those who read it. */
function checkDescription(manifest: Manifest, entry: ModuleImport, definition: HostFunction): void {
  const described = ownValue(manifest.imports, entry.name);
  if (described === undefined || described.namespace !== entry.module) return;
  const said = `(${described.params.map(({ type }) => type).join(', ')}) -> ${described.result?.type ?? 'void'}`;
  const has = `(${definition.params.join(', ')}) -> ${definition.result}`;
  if (said !== has)
    throw unfit(manifest, entry, `"imports" of the manifest says ${said}, the host has ${has}`);
}

function expectType(manifest: Manifest, entry: ModuleImport, expected: string): void {
  if (entry.kind !== 'function') return;
  const found = `(${entry.type.params.join(', ')}) -> (${entry.type.results.join(', ')})`;
  if (expected === found) return;
  throw unfit(manifest, entry, `the guest expects ${found}, the host has ${expected}`);
}

function notProvided(manifest: Manifest, entry: ModuleImport, why: string): Error {
  return importError(manifest, entry, `which nobody provides: ${why}`);
}

function unfit(manifest: Manifest, entry: ModuleImport, why: string): Error {
  return importError(manifest, entry, `which has another type: ${why}`);
}

function importError(manifest: Manifest, { module, name, kind }: ModuleImport, problem: string): Error {
  return cordonError(
    'ERR_IMPORT',
    `${manifest.name}@${manifest.version} imports the ${kind} ${quote(name)} of ${quote(module)}, ${problem}.`,
    { plugin: manifest.name, version: manifest.version, details: { module, name, kind } },
  );
}

/** Guest functions that start a module; callers reach them only where WASI left one for them. */
const START_UP = new Set(['_initialize', 'hs_init', '__wasm_call_ctors']);

/** Exports that can be called: functions without parameters and with at most one number as their result. */
export function callableExports(summary: ModuleSummary): Set<string> {
  const names = new Set<string>();
  for (const entry of summary.exports) {
    if (entry.kind !== 'function' || START_UP.has(entry.name) || entry.name.startsWith('cordon:')) continue;
    const { params, results } = entry.type;
    if (params.length === 0 && results.length <= 1) names.add(entry.name);
  }
  return names;
}

/** @throws ERR_MANIFEST where the manifest describes an export that the module does not have */
export function checkExports(manifest: Manifest, callable: ReadonlySet<string>): void {
  checkContributions(manifest, callable);
  const missing = Object.keys(manifest.exports).filter((name) => !callable.has(name));
  if (missing.length === 0) return;
  throw cordonError(
    'ERR_MANIFEST',
    `The manifest of ${manifest.name}@${manifest.version} describes exports that its module does not have: ${quoteAll(missing)}. The module's functions without parameters: ${quoteAll(callable)}.`,
    { plugin: manifest.name, version: manifest.version, details: { missing, exports: [...callable] } },
  );
}

/** @throws ERR_MANIFEST where it contributes an export that the module does not have */
function checkContributions(manifest: Manifest, callable: ReadonlySet<string>): void {
  for (const [point, entries] of Object.entries(manifest.contributes)) {
    const missing = entries.find((entry) => !callable.has(entry.export))?.export;
    if (missing === undefined) continue;
    throw cordonError(
      'ERR_MANIFEST',
      `The manifest of ${manifest.name}@${manifest.version} contributes ${quote(missing)} to ${quote(point)}, and its module has no such export. The module's functions without parameters: ${quoteAll(callable)}.`,
      {
        plugin: manifest.name,
        version: manifest.version,
        details: { extensionPoint: point, missing: [missing], exports: [...callable] },
      },
    );
  }
}
