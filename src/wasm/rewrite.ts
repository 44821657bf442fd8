import { assembleModule } from './assemble-module.js';
import {
  memoryMaximum,
  refuseLargeMinima,
  type SizeCaps,
  tableMaximum,
  writeSizeLimits,
} from './cap-memory.js';
import { Injection } from './injection.js';
import { DEFAULT_STRUCTURAL_LIMITS, type StructuralLimits } from './limits.js';
import type { ModuleStructure } from './module-structure.js';
import { OP } from './opcodes.js';
import {
  FUEL_EXPORT,
  MAY_GROW,
  memoryExportName,
  OUT_OF_FUEL,
  refuseReservedNames,
  reservedStartName,
  type StartExports,
  startExports,
} from './reserved-names.js';
import { rewriteCode } from './rewrite-code.js';
import type { Patch } from './section-copy.js';
import { readModule } from './summary.js';
import { validateModule } from './validate-module.js';

export interface RewriteOptions extends SizeCaps {
  /** Count instructions, so that fuel can be limited and the guest be stopped in place. */
  readonly metering: boolean;
  /** Other names for modules that are imported from. The guest itself may not import from the new names. */
  readonly renameImportModules?: Readonly<Record<string, string>>;
  /** What differs from {@link DEFAULT_STRUCTURAL_LIMITS}. */
  readonly limits?: Partial<StructuralLimits>;
}

export interface RewriteResult {
  readonly bytes: Uint8Array;
  /** The new, reserved names of the exports that loaders run by themselves. */
  readonly startExports: StartExports;
  /** The name of the exported counter, a mutable i32 global; absent without metering. */
  readonly fuelExport?: string;
  /** The reserved names under which all memories are exported, by memory index. */
  readonly memoryExports: readonly string[];
  /** Which functions of the module `cordon:meter` the rewritten module imports. */
  readonly hooks: { readonly outOfFuel: boolean; readonly mayGrow: boolean };
}

/**
 * Makes a module that behaves as the original within the limits, and cannot exceed them. It reads, checks the structural
 * limits and lets V8 validate the original first, so nothing need be called before it.
 *
 * The rewritten module imports from `cordon:meter` what `hooks` says: `out_of_fuel() -> i32` gives fuel to add, zero or
 * less stops the guest by a trap; `may_grow(memoryIndex: i32, pages: i32) -> i32` is asked before a memory grows by
 * `pages` within its maximum, and refuses with 0, on which the guest's `memory.grow` gives -1.
 *
 * @throws `ERR_BYTECODE`: no valid module, above a structural limit, reserved names used, tables too large.
 * @throws `ERR_MEMORY`: the memories begin above `maxMemoryBytes`; `details.limit` and `details.observed`.
 */
export function rewriteModule(bytes: Uint8Array, options: RewriteOptions): RewriteResult {
  const { limits, structure, opcodes, renames } = readFit(bytes, options);
  const injection = new Injection(structure, options, {
    metering: options.metering,
    memoryGrow: opcodes[OP.memoryGrow] === 1,
    tableGrow: opcodes[OP.tableGrow] === 1,
  });
  const code = rewriteCode(structure, limits, options, injection);
  return {
    bytes: assembleModule(structure, injection, plannedPatches(structure, options, renames), code),
    startExports: startExports(structure),
    ...(options.metering ? { fuelExport: FUEL_EXPORT } : {}),
    memoryExports: structure.memories.map((_, index) => memoryExportName(index)),
    hooks: { outOfFuel: injection.hook(OUT_OF_FUEL) >= 0, mayGrow: injection.hook(MAY_GROW) >= 0 },
  };
}

/**
 * Throws what {@link rewriteModule} would throw, and rewrites nothing: for bytes whose rewritten form is known already.
 *
 * @throws `ERR_BYTECODE`, `ERR_MEMORY`
 */
export function refuseUnfit(bytes: Uint8Array, options: RewriteOptions): void {
  readFit(bytes, options);
}

function readFit(bytes: Uint8Array, options: RewriteOptions) {
  const limits = { ...DEFAULT_STRUCTURAL_LIMITS, ...options.limits };
  const [structure, { opcodes }] = readModule(bytes, limits);
  const renames = options.renameImportModules ?? {};
  refuseReservedNames(structure, Object.values(renames));
  refuseLargeMinima(structure, options);
  validateModule(bytes);
  return { limits, structure, opcodes, renames };
}

/** What changes within the sections besides function indices: import modules, sizes, names of start-up exports. */
function plannedPatches(
  structure: ModuleStructure,
  caps: SizeCaps,
  renames: Readonly<Record<string, string>>,
): Patch[] {
  const { bytes } = structure;
  const list: Patch[] = [];
  for (const { module, moduleSpan } of structure.imports) {
    if (Object.hasOwn(renames, module)) list.push({ ...moduleSpan, write: (w) => w.name(renames[module]!) });
  }
  for (const memory of structure.memories) {
    const max = memoryMaximum(memory, caps);
    list.push({ ...memory.span, write: (w) => writeSizeLimits(w, bytes[memory.span.at]!, memory, max) });
  }
  for (const table of structure.tables) {
    const max = tableMaximum(table, caps);
    list.push({ ...table.span, write: (w) => writeSizeLimits(w, bytes[table.span.at]!, table, max) });
  }
  for (const entry of structure.exports) {
    const renamed = reservedStartName(entry);
    if (renamed !== undefined) list.push({ ...entry.nameSpan, write: (w) => w.name(renamed) });
  }
  return list;
}
