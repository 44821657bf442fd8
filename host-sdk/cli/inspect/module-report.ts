import { CordonError } from '../../../src/errors/cordon-error.js';
import { callableExports } from '../../../src/runtime/preflight.js';
import { EXTISM_ENV, WASI_PREVIEW_1 } from '../../../src/runtime/prepare-module.js';
import { BinaryReader } from '../../../src/wasm/binary-reader.js';
import type { ExternalType } from '../../../src/wasm/external-types.js';
import { defaultFeatures, type FeatureName } from '../../../src/wasm/features.js';
import { DEFAULT_STRUCTURAL_LIMITS } from '../../../src/wasm/limits.js';
import { rewriteModule } from '../../../src/wasm/rewrite.js';
import { readSections, SECTION } from '../../../src/wasm/sections.js';
import { type ModuleSummary, summarizeModule } from '../../../src/wasm/summary.js';

const MAX_MEMORY = 4 * 1024 ** 3;
const STARTERS: readonly string[] = ['_initialize', '_start', 'hs_init', '__wasm_call_ctors'];
const SECTION_NAMES = new Map(Object.entries(SECTION).map(([name, id]) => [id as number, name]));

/** What a module is, as data for people and programs. */
export interface ModuleReport {
  readonly bytes: number;
  readonly imports: readonly { readonly module: string; readonly name: string; readonly type: string }[];
  readonly exports: readonly { readonly name: string; readonly type: string; readonly callable: boolean }[];
  /** In pages of 64 KiB; no `max` where the module sets none. */
  readonly memories: readonly { readonly min: number; readonly max?: number; readonly shared: boolean }[];
  /** Beyond the first version of WebAssembly. */
  readonly features: readonly { readonly name: FeatureName; readonly allowed: boolean }[];
  readonly functions: number;
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
  /** What runs before any call. */
  readonly startup: readonly string[];
  /** What it needs from its host, by what it imports; `http`, `fs` and `env` also have to be asked for. */
  readonly needs: {
    readonly hostFunctions: readonly string[];
    readonly http: boolean;
    readonly wasi: boolean;
    readonly fs: boolean;
    readonly env: boolean;
    readonly plugins: boolean;
  };
  /** Whether instructions can be counted, and what that adds in bytes; else why not. */
  readonly metering:
    | { readonly possible: true; readonly addedBytes: number }
    | { readonly possible: false; readonly reason: string };
  readonly producers: readonly string[];
  /** The manifest inside the module, as text. */
  readonly manifest?: string;
}

/** Reads a module without running any of it. @throws ERR_BYTECODE */
export function moduleReport(bytes: Uint8Array): ModuleReport {
  const summary = summarizeModule(bytes);
  const callable = callableExports(summary);
  const allowed = defaultFeatures();
  return {
    bytes: bytes.length,
    imports: summary.imports.map((entry) => ({
      module: entry.module,
      name: entry.name,
      type: typeText(entry),
    })),
    exports: summary.exports.map((entry) => ({
      name: entry.name,
      type: typeText(entry),
      callable: entry.kind === 'function' && callable.has(entry.name),
    })),
    memories: summary.memories.map(({ min, max, shared }) => ({
      min,
      ...(max !== undefined && { max }),
      shared,
    })),
    features: [...summary.features].sort().map((name) => ({ name, allowed: allowed.includes(name) })),
    functions: summary.functionCount - summary.importedFunctionCount,
    sections: sectionSizes(bytes),
    startup: [
      ...(summary.start ? ['(start)'] : []),
      ...STARTERS.filter((name) =>
        summary.exports.some((one) => one.name === name && one.kind === 'function'),
      ),
    ],
    needs: needsOf(summary),
    metering: meteringOf(bytes),
    producers: summary.producers.map(({ field, name, version }) => `${field} ${name} ${version}`.trim()),
    ...(summary.manifest !== undefined && { manifest: summary.manifest }),
  };
}

function needsOf({ imports }: ModuleSummary): ModuleReport['needs'] {
  const wasi = imports.filter(({ module }) => module === WASI_PREVIEW_1);
  const own = imports.filter(
    ({ module, kind }) => kind === 'function' && module !== EXTISM_ENV && module !== WASI_PREVIEW_1,
  );
  return {
    hostFunctions: [...new Set(own.map(({ name }) => name).filter((name) => name !== 'plugin_call'))].sort(),
    http: imports.some(({ module, name }) => module === EXTISM_ENV && name === 'http_request'),
    wasi: wasi.length > 0,
    fs: wasi.some(({ name }) => name === 'path_open'),
    env: wasi.some(({ name }) => name === 'environ_get'),
    plugins: own.some(({ name }) => name === 'plugin_call'),
  };
}

function meteringOf(bytes: Uint8Array): ModuleReport['metering'] {
  try {
    const options = { maxMemoryBytes: MAX_MEMORY, maxTableElements: 10_000_000 };
    const metered = rewriteModule(bytes, { ...options, metering: true });
    return { possible: true, addedBytes: metered.bytes.length - bytes.length };
  } catch (error) {
    if (!(error instanceof CordonError)) throw error;
    return { possible: false, reason: error.message };
  }
}

/** Content and head of each section, the largest first. */
function sectionSizes(bytes: Uint8Array): ModuleReport['sections'] {
  let before = 8;
  return readSections(new BinaryReader(bytes), DEFAULT_STRUCTURAL_LIMITS)
    .map(({ id, name, end }) => {
      const size = end - before;
      before = end;
      return { name: id === SECTION.custom ? `custom "${name}"` : SECTION_NAMES.get(id)!, bytes: size };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

function typeText(entry: ExternalType): string {
  switch (entry.kind) {
    case 'function':
    case 'tag':
      return `(${entry.type.params.join(', ')}) -> (${entry.type.results.join(', ')})`;
    case 'global':
      return `global ${entry.type.mutable ? 'mut ' : ''}${entry.type.value}`;
    default: {
      const { min, max } = entry.type;
      return `${entry.kind} ${min}${max === undefined ? '' : `..${max}`}`;
    }
  }
}
