import { cordonError } from '../errors/cordon-error.js';
import type { ByteWriter } from './byte-writer.js';
import { bytecodeError } from './bytecode-error.js';
import type { SizeLimits } from './external-types.js';
import type { ModuleStructure } from './module-structure.js';

export const PAGE_BYTES = 65_536;
/** What a memory with 32-bit addresses can have. */
const MAX_PAGES_32 = 65_536;
/** What V8 takes as the maximum of a memory with 64-bit addresses: 16 GiB. */
const MAX_PAGES_64 = 262_144;
/** What a table with 32-bit addresses can have; V8 ends at 10 million. */
const MAX_ELEMENTS = 0xffff_ffff;

/** The bounds that a rewrite imposes on a module. */
export interface SizeCaps {
  /** All linear memories of the module together, in bytes. `Infinity` leaves what V8 allows. */
  readonly maxMemoryBytes: number;
  /** All tables of the module together, in elements. `Infinity` leaves what V8 allows. */
  readonly maxTableElements: number;
}

/**
 * Refuses a module that asks for too much from the beginning; V8 would reserve it at instantiation, and tables at once.
 *
 * @throws `ERR_MEMORY` when the memories' minima together exceed `maxMemoryBytes`. @throws `ERR_BYTECODE` when the
 * tables' minima together exceed `maxTableElements`. Both have `details.limit` and `details.observed`.
 */
export function refuseLargeMinima(structure: ModuleStructure, caps: SizeCaps): void {
  const bytes = structure.memories.reduce((sum, memory) => sum + memory.min * PAGE_BYTES, 0);
  if (bytes > caps.maxMemoryBytes) {
    throw cordonError(
      'ERR_MEMORY',
      `The module declares ${bytes} bytes of memory to begin with, the limit \`memoryBytes\` is ${caps.maxMemoryBytes}; raise the limit or build the guest with a smaller initial memory.`,
      {
        details: {
          limit: caps.maxMemoryBytes,
          observed: bytes,
          memories: structure.memories.map(({ min }) => min * PAGE_BYTES),
        },
      },
    );
  }
  const elements = initialElements(structure);
  if (elements > caps.maxTableElements) {
    throw bytecodeError(
      `its tables have ${elements} elements to begin with, at most ${caps.maxTableElements} are allowed`,
      structure.tables[0]!.span.at,
      { limit: caps.maxTableElements, observed: elements, limitName: 'maxTableElements' },
    );
  }
}

export function initialElements(structure: ModuleStructure): number {
  return structure.tables.reduce((sum, table) => sum + table.min, 0);
}

/** The maximum, in pages, that a memory has after the rewrite. */
export function memoryMaximum(memory: SizeLimits, caps: SizeCaps): number {
  const cap = Math.floor(caps.maxMemoryBytes / PAGE_BYTES);
  return Math.min(memory.max ?? cap, cap, memory.is64 ? MAX_PAGES_64 : MAX_PAGES_32);
}

/**
 * The maximum, in elements, that a table has after the rewrite. Each table gets the whole cap, so that a table still
 * fits the import of another rewritten module; that they stay below it together is for the budget of `table.grow`.
 */
export function tableMaximum(table: SizeLimits, caps: SizeCaps): number {
  return Math.min(table.max ?? MAX_ELEMENTS, caps.maxTableElements, MAX_ELEMENTS);
}

/** Writes the flags and sizes of a memory or table anew. */
export function writeSizeLimits(writer: ByteWriter, flags: number, limits: SizeLimits, max: number): void {
  writer.u8(flags | 1);
  writer.u64(limits.min);
  writer.u64(max);
}
