import { scanCode } from './code-scan.js';
import {
  type CustomSection,
  customSections,
  manifestText,
  type Producer,
  readProducers,
  readTargetFeatures,
} from './custom-sections.js';
import type { ExternalType, MemoryType, TableType } from './external-types.js';
import type { FeatureName } from './features.js';
import { DEFAULT_STRUCTURAL_LIMITS, type StructuralLimits } from './limits.js';
import { type ModuleStructure, readStructure } from './module-structure.js';
import { OP } from './opcodes.js';
import type { FunctionType } from './type-section.js';

export type ModuleImport = ExternalType & { readonly module: string; readonly name: string };
export type ModuleExport = ExternalType & { readonly name: string };

/** What a module is and asks for, read from its bytes without compiling or running any of it. */
export interface ModuleSummary {
  readonly imports: readonly ModuleImport[];
  readonly exports: readonly ModuleExport[];
  /** All memories, imported ones first; sizes are pages of 64 KiB. */
  readonly memories: readonly (MemoryType & { readonly imported: boolean })[];
  /** All tables, imported ones first; sizes are elements. */
  readonly tables: readonly (TableType & { readonly imported: boolean })[];
  /** Whether a function runs at instantiation. */
  readonly start: boolean;
  /** All functions; those of its own are `functionCount - importedFunctionCount`. */
  readonly functionCount: number;
  readonly importedFunctionCount: number;
  readonly globalCount: number;
  readonly codeBytes: number;
  readonly dataSegments: number;
  readonly dataBytes: number;
  readonly elementSegments: number;
  readonly elements: number;
  readonly customSections: readonly CustomSection[];
  readonly producers: readonly Producer[];
  /** What the linker wrote into `target_features`, with prefix: `+simd128`. Not checked; see `features`. */
  readonly targetFeatures: readonly string[];
  /** The manifest inside the module: the text of its `cordon.manifest` section. */
  readonly manifest: string | undefined;
  /** The proposals beyond the first version that the module uses, found in its sections and code. */
  readonly features: ReadonlySet<FeatureName>;
  /** Whether the code has a `memory.grow`. */
  readonly growsMemory: boolean;
  /** Whether the code has a `table.grow`. */
  readonly growsTables: boolean;
}

/**
 * Reads a module: linear in its size, memory a small multiple of it, and safe for any bytes. It does not check types;
 * that is {@link validateModule}'s, which should come afterwards, because these limits protect V8 as well.
 *
 * @param limits what differs from {@link DEFAULT_STRUCTURAL_LIMITS}
 * @throws `ERR_BYTECODE` with `details.offset` for what is no module, is unknown or exceeds a limit
 */
export function summarizeModule(bytes: Uint8Array, limits: Partial<StructuralLimits> = {}): ModuleSummary {
  return summarizeStructure(...readModule(bytes, limits));
}

/** The structure of a module whose code was scanned, with what the scan found. */
export function readModule(
  bytes: Uint8Array,
  limits: Partial<StructuralLimits>,
): [ModuleStructure, ReturnType<typeof scanCode>] {
  const all = { ...DEFAULT_STRUCTURAL_LIMITS, ...limits };
  const structure = readStructure(bytes, all);
  return [structure, scanCode(structure, all)];
}

function summarizeStructure(
  structure: ModuleStructure,
  { codeBytes, opcodes }: ReturnType<typeof scanCode>,
): ModuleSummary {
  const { bytes, sections, dataSegments } = structure;
  return {
    imports: structure.imports.map(({ moduleSpan: _, ...entry }) => entry),
    exports: structure.exports.map(({ name, kind, index }) => ({
      name,
      ...exported(structure, kind, index),
    })),
    memories: structure.memories.map(({ span: _, ...memory }) => memory),
    tables: structure.tables.map(({ span: _, ...table }) => table),
    start: structure.start !== undefined,
    functionCount: structure.functions.length,
    importedFunctionCount: structure.importedFunctions,
    globalCount: structure.globals.length,
    codeBytes,
    dataSegments: dataSegments.length,
    dataBytes: dataSegments.reduce((sum, length) => sum + length, 0),
    elementSegments: structure.elementSegments,
    elements: structure.elements,
    customSections: customSections(bytes, sections),
    producers: readProducers(bytes, sections),
    targetFeatures: readTargetFeatures(bytes, sections),
    manifest: manifestText(bytes, sections),
    features: structure.features,
    growsMemory: opcodes[OP.memoryGrow] === 1,
    growsTables: opcodes[OP.tableGrow] === 1,
  };
}

function exported(structure: ModuleStructure, kind: ModuleExport['kind'], index: number): ExternalType {
  switch (kind) {
    case 'function':
      return { kind, type: signature(structure.types[structure.functions[index]!] as FunctionType) };
    case 'tag':
      return { kind, type: signature(structure.tags[index]!) };
    case 'global':
      return { kind, type: structure.globals[index]! };
    case 'memory': {
      const { min, max, is64, shared } = structure.memories[index]!;
      return { kind, type: { min, max, is64, shared } };
    }
    case 'table': {
      const { min, max, is64, element } = structure.tables[index]!;
      return { kind, type: { min, max, is64, element } };
    }
  }
}

function signature({ params, results }: FunctionType): FunctionType {
  return { params, results };
}
