import type { FeatureName } from './features.js';
import type { TypeReader, ValueType } from './type-reader.js';
import type { FunctionType } from './type-section.js';

/** The size limits of a memory (pages of 64 KiB) or of a table (elements). */
export interface SizeLimits {
  readonly min: number;
  readonly max: number | undefined;
  /** Addressed by 64-bit numbers. */
  readonly is64: boolean;
}

export interface MemoryType extends SizeLimits {
  readonly shared: boolean;
}

export interface TableType extends SizeLimits {
  readonly element: ValueType;
}

export interface GlobalType {
  readonly value: ValueType;
  readonly mutable: boolean;
}

/** The type of something imported or exported. */
export type ExternalType =
  | { readonly kind: 'function'; readonly type: FunctionType }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'global'; readonly type: GlobalType }
  | { readonly kind: 'tag'; readonly type: FunctionType };

export const EXTERNAL_KINDS = ['function', 'table', 'memory', 'global', 'tag'] as const;

const HAS_MAX = 1;
const SHARED = 2;
const IS_64 = 4;

export function readMemoryType(reader: TypeReader, features: Set<FeatureName>): MemoryType {
  const at = reader.pos;
  const flags = reader.u8();
  if (flags & 8) reader.fail('custom page sizes are not supported', at);
  if (flags > 7) reader.fail(`${flags} are no flags of a memory`, at);
  const shared = (flags & SHARED) !== 0;
  if (shared) features.add('threads').add('shared-memory');
  return { ...readSizeLimits(reader, flags, features), shared };
}

export function readTableLimits(reader: TypeReader, features: Set<FeatureName>): SizeLimits {
  const at = reader.pos;
  const flags = reader.u8();
  if (flags & ~(HAS_MAX | IS_64)) reader.fail(`${flags} are no flags of a table`, at);
  return readSizeLimits(reader, flags, features);
}

function readSizeLimits(reader: TypeReader, flags: number, features: Set<FeatureName>): SizeLimits {
  const is64 = (flags & IS_64) !== 0;
  if (is64) features.add('memory64');
  const min = is64 ? reader.u64() : reader.u32();
  const max = flags & HAS_MAX ? (is64 ? reader.u64() : reader.u32()) : undefined;
  return { min, max, is64 };
}

export function readGlobalType(reader: TypeReader): GlobalType {
  const value = reader.valueType();
  const at = reader.pos;
  const flags = reader.u8();
  if (flags > 1) reader.fail(`${flags} is no mutability of a global`, at);
  return { value, mutable: flags === 1 };
}
