import { bytecodeError } from './bytecode-error.js';

/**
 * How large each part of a module may be, whatever its total size. They bound what V8 spends on a module before it
 * runs (2 million nested blocks or 50 000 locals in many functions cost it gigabytes) and are above what compilers emit:
 * each default is at least three times the largest value found in the modules that docs/reference/binary-pass.md
 * names, but for data segments, where one of them comes close to what V8 itself takes.
 * They do not bound memory, tables' sizes or time at run time.
 */
export interface StructuralLimits {
  /** Function, struct and array types. */
  readonly types: number;
  /** Parameters and results of all function types together. */
  readonly typeParts: number;
  readonly imports: number;
  /** Functions of the module's own. */
  readonly functions: number;
  /** Tables, imported ones included. */
  readonly tables: number;
  /** Memories, imported ones included. */
  readonly memories: number;
  /** Globals of the module's own. */
  readonly globals: number;
  readonly tags: number;
  readonly exports: number;
  readonly elementSegments: number;
  /** References to functions outside the code: entries of element segments, `ref.func` in initialisers, exports. */
  readonly elements: number;
  readonly dataSegments: number;
  readonly customSections: number;
  /** Parameters and locals of one function together. At most 49 999: V8 takes 50 000, and metering needs one. */
  readonly localsPerFunction: number;
  /** Blocks inside each other within one function. */
  readonly nesting: number;
  /** The bytes of one function's body. V8 takes 7 654 321. */
  readonly bodyBytes: number;
  /**
   * The locals and stack values that are there when a block begins, plus 32, summed over the blocks of one function:
   * what V8 keeps for them while it compiles, at 20 to 45 bytes each. Without it one function of 3.6 MB took V8 11 GB and 42 s, which nothing
   * can interrupt.
   */
  readonly controlState: number;
  /**
   * The values that calls, blocks and branches take and give, per byte of code: what V8 has to check before it runs
   * anything. A call of two bytes can carry 2 000.
   */
  readonly operandsPerCodeByte: number;
}

export const DEFAULT_STRUCTURAL_LIMITS: StructuralLimits = Object.freeze({
  types: 100_000,
  typeParts: 1_000_000,
  imports: 10_000,
  functions: 250_000,
  tables: 64,
  memories: 16,
  globals: 100_000,
  tags: 1_000,
  exports: 50_000,
  elementSegments: 100_000,
  elements: 1_000_000,
  dataSegments: 100_000,
  customSections: 1_000,
  localsPerFunction: 10_000,
  nesting: 10_000,
  bodyBytes: 4 * 1024 * 1024,
  controlState: 4_000_000,
  operandsPerCodeByte: 8,
});

/** @throws `ERR_BYTECODE` with both numbers when `observed` is above the limit called `name`. */
export function enforce(
  limits: StructuralLimits,
  name: keyof StructuralLimits,
  observed: number,
  offset: number,
): void {
  const limit = limits[name];
  if (observed <= limit) return;
  throw bytecodeError(`${observed} exceeds the structural limit \`${name}\` of ${limit}`, offset, {
    limit,
    observed,
    limitName: name,
  });
}
