import { bytecodeError } from './bytecode-error.js';
import type { ExportEntry, ModuleStructure } from './module-structure.js';

/** The module that the hooks are imported from. Guests may not import from it. */
export const METER_MODULE = 'cordon:meter';
/** `() -> i32`: what fuel to add; zero or less stops the guest. */
export const OUT_OF_FUEL = 'out_of_fuel';
/** `(memoryIndex: i32, pages: i32) -> i32`: 0 refuses the growth. */
export const MAY_GROW = 'may_grow';
/** The counter: a mutable i32 global. */
export const FUEL_EXPORT = 'cordon:fuel';
/** Guests may not export or import anything whose name begins so. */
export const RESERVED_PREFIX = 'cordon:';

/** The names under which every memory is exported, so that the host sees those that the guest keeps to itself. */
export function memoryExportName(index: number): string {
  return `cordon:memory:${index}`;
}

/** The exports that a loader runs by itself, by their names in a module. */
const START_EXPORTS = {
  _initialize: 'initialize',
  _start: 'start',
  hs_init: 'hsInit',
  __wasm_call_ctors: 'ctors',
} as const;

/** The start-up functions of a module under their new, reserved names; absent where the module has none. */
export interface StartExports {
  readonly initialize?: string;
  readonly start?: string;
  readonly hsInit?: string;
  readonly ctors?: string;
}

/** The new name of an export that loaders run by themselves, `undefined` for any other. */
export function reservedStartName({ name, kind }: ExportEntry): string | undefined {
  return kind === 'function' && Object.hasOwn(START_EXPORTS, name) ? RESERVED_PREFIX + name : undefined;
}

export function startExports(structure: ModuleStructure): StartExports {
  const found: Record<string, string> = {};
  for (const entry of structure.exports) {
    const renamed = reservedStartName(entry);
    if (renamed !== undefined) found[START_EXPORTS[entry.name as keyof typeof START_EXPORTS]] = renamed;
  }
  return found;
}

/**
 * Refuses guests that reach for what is Cordon's: with an import of the counter a guest could refill its own fuel.
 *
 * @throws `ERR_BYTECODE`
 */
export function refuseReservedNames(structure: ModuleStructure, renameTargets: readonly string[]): void {
  for (const { module, name, moduleSpan } of structure.imports) {
    if (module === METER_MODULE || renameTargets.includes(module) || name.startsWith(RESERVED_PREFIX)) {
      throw bytecodeError(`it imports "${module}" "${name}", which is reserved for Cordon`, moduleSpan.at);
    }
  }
  for (const { name, nameSpan } of structure.exports) {
    if (name.startsWith(RESERVED_PREFIX)) {
      throw bytecodeError(
        `it exports "${name}", and names with "${RESERVED_PREFIX}" are reserved`,
        nameSpan.at,
      );
    }
  }
}
