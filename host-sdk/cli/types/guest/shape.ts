/** A value of a contract as languages without unions can have it. What JSON Schema says beyond that, such as limits, the host checks. */
export type Shape =
  | { readonly kind: 'text' | 'bytes' | 'boolean' | 'integer' | 'number' }
  /** Any JSON: what has no schema, and unions. */
  | { readonly kind: 'any' }
  | { readonly kind: 'list' | 'map' | 'optional'; readonly of: Shape }
  /** A text out of a few. */
  | { readonly kind: 'choice'; readonly choice: Choice }
  | { readonly kind: 'record'; readonly record: RecordType };

export interface Choice {
  readonly name: string;
  readonly doc: string | undefined;
  readonly values: readonly string[];
}

export interface RecordType {
  readonly name: string;
  readonly doc: string | undefined;
  /** Filled after the record is known by its name: records may hold themselves. */
  readonly fields: Field[];
}

export interface Field {
  /** As JSON has it. */
  readonly name: string;
  readonly doc: string | undefined;
  /** An optional shape where it may be absent or null. */
  readonly shape: Shape;
  /** Where it may not be absent. */
  readonly required: boolean;
}

export const TEXT: Shape = { kind: 'text' };
export const BYTES: Shape = { kind: 'bytes' };
export const ANY: Shape = { kind: 'any' };

/** Whether a value of the shape may be null. */
export function isOptional(shape: Shape): boolean {
  return shape.kind === 'optional' || shape.kind === 'any';
}

export function optional(of: Shape): Shape {
  return isOptional(of) ? of : { kind: 'optional', of };
}

/** How a value of the shape crosses by itself: text as it is, bytes as they are, else JSON. */
export function crossesAs(shape: Shape): 'text' | 'bytes' | 'json' {
  if (shape.kind === 'text' || shape.kind === 'choice') return 'text';
  return shape.kind === 'bytes' ? 'bytes' : 'json';
}
