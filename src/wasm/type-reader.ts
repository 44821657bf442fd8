import { BinaryReader } from './binary-reader.js';
import type { FeatureName } from './features.js';

/** A value type as the text format writes it: `i32`, `externref`, `(ref null 3)`. */
export type ValueType = string;

const NUMBER_TYPES: Readonly<Record<number, ValueType>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
  123: 'v128',
};

const HEAP_TYPES: Readonly<Record<number, { heap: string; nullable: ValueType; feature: FeatureName }>> = {
  112: { heap: 'func', nullable: 'funcref', feature: 'reference-types' },
  111: { heap: 'extern', nullable: 'externref', feature: 'reference-types' },
  110: { heap: 'any', nullable: 'anyref', feature: 'gc' },
  109: { heap: 'eq', nullable: 'eqref', feature: 'gc' },
  108: { heap: 'i31', nullable: 'i31ref', feature: 'gc' },
  107: { heap: 'struct', nullable: 'structref', feature: 'gc' },
  106: { heap: 'array', nullable: 'arrayref', feature: 'gc' },
  105: { heap: 'exn', nullable: 'exnref', feature: 'exnref' },
  113: { heap: 'none', nullable: 'nullref', feature: 'gc' },
  114: { heap: 'noextern', nullable: 'nullexternref', feature: 'gc' },
  115: { heap: 'nofunc', nullable: 'nullfuncref', feature: 'gc' },
  116: { heap: 'noexn', nullable: 'nullexnref', feature: 'exnref' },
};

const REF_NULL = 0x63;
const REF = 0x64;

/** Reads value types, and remembers which type codes it met, for the features. */
export class TypeReader extends BinaryReader {
  /** Type codes met; also 0x00 for a reference to a defined type. */
  readonly typeCodes: Uint8Array = new Uint8Array(128);

  /** One value type. `mark` is off where MVP modules have funcref anyway: the element type of a table. */
  valueType(): ValueType {
    const start = this.pos;
    const code = this.u8();
    const number = NUMBER_TYPES[code];
    if (number !== undefined) {
      this.typeCodes[code] = 1;
      return number;
    }
    if (code === REF_NULL || code === REF) {
      this.typeCodes[code] = 1;
      const heap = this.heapType();
      return code === REF ? `(ref ${heap})` : `(ref null ${heap})`;
    }
    const known = HEAP_TYPES[code];
    if (known === undefined) this.fail(`0x${code.toString(16)} is no value type`, start);
    this.typeCodes[code] = 1;
    return known.nullable;
  }

  /** A heap type: an abstract one by name, a defined one by index. */
  heapType(): string {
    const start = this.pos;
    const value = this.s33();
    if (value >= 0) {
      this.typeCodes[0] = 1;
      return String(value);
    }
    const known = value >= -64 ? HEAP_TYPES[value & 0x7f] : undefined;
    if (known === undefined) this.fail(`${value} is no heap type`, start);
    this.typeCodes[value & 0x7f] = 1;
    return known.heap;
  }

  /** The features that the types met so far belong to. */
  typeFeatures(into: Set<FeatureName>): void {
    const { typeCodes } = this;
    if (typeCodes[0x7b]) into.add('simd');
    if (typeCodes[REF] || typeCodes[REF_NULL] || typeCodes[0]) into.add('function-references');
    for (const [code, { feature }] of Object.entries(HEAP_TYPES))
      if (typeCodes[Number(code)]) into.add(feature);
  }
}
