import type { Injection } from './injection.js';
import type { InstructionReader } from './instruction-reader.js';
import type { Metering } from './metering.js';
import type { ModuleStructure } from './module-structure.js';
import { OP } from './opcodes.js';
import { CODE, WordCode } from './word-code.js';

/** 16 bytes of linear memory cost one unit. */
const BYTES_BITS = 4;
/** A page has 2^12 times 16 bytes. */
const PAGE_BITS = 12;
/** No charge is larger, so that the counter cannot wrap. */
const MAX_CHARGE = 2 ** 30;
/** V8's arrays end below. */
const MAX_ARRAY = 2 ** 28;

/**
 * Functions that charge a bulk instruction by its length, which is always its last operand: they take it, charge it
 * and give it back. A length beyond the memory or table is charged as that size, because then the instruction traps.
 */
export class BulkCharges {
  private readonly charges = new Map<string, number>();
  private readonly structure: ModuleStructure;
  private readonly injection: Injection;
  private readonly metering: Metering;
  private readonly longestData: number;

  constructor(structure: ModuleStructure, injection: Injection, metering: Metering) {
    this.structure = structure;
    this.injection = injection;
    this.metering = metering;
    this.longestData = structure.dataSegments.reduce((longest, length) => Math.max(longest, length), 0);
  }

  /** The function to call in front of the instruction that `reader` is at, or -1 where its cost is fixed. */
  before(reader: InstructionReader): number {
    const { memories, tables, elements } = this.structure;
    switch (reader.opcode) {
      case OP.memoryFill:
        return this.memory(reader.index);
      case OP.memoryCopy:
        // The length has 64 bits only if both memories have.
        return this.memory(memories[reader.index]!.is64 ? reader.index2 : reader.index);
      case OP.memoryInit:
        return this.fixed('bytes', this.longestData, BYTES_BITS);
      case OP.tableFill:
        return this.table(reader.index);
      case OP.tableCopy:
        return this.table(tables[reader.index]!.is64 ? reader.index2 : reader.index);
      case OP.tableInit:
      case OP.arrayNewElem:
      case OP.arrayInitElem:
        return this.fixed('elements', elements, 0);
      case OP.arrayNewData:
      case OP.arrayInitData:
        return this.fixed('data', this.longestData, 0);
      case OP.arrayNew:
      case OP.arrayNewDefault:
      case OP.arrayFill:
      case OP.arrayCopy:
        return this.fixed('array', MAX_ARRAY, 0);
      default:
        return -1;
    }
  }

  private memory(index: number): number {
    const { is64 } = this.structure.memories[index]!;
    return this.charge(
      `memory ${index}`,
      is64,
      (code) => {
        code.operand();
        code.shrU(BYTES_BITS);
      },
      (code) => {
        code.memorySize(index);
        code.shl(PAGE_BITS);
      },
    );
  }

  private table(index: number): number {
    const { is64 } = this.structure.tables[index]!;
    return this.charge(
      `table ${index}`,
      is64,
      (code) => code.operand(),
      (code) => code.tableSize(index),
    );
  }

  private fixed(name: string, longest: number, bits: number): number {
    return this.charge(
      name,
      false,
      (code) => {
        code.operand();
        if (bits > 0) code.shrU(bits);
      },
      (code) => code.constant(Math.min(MAX_CHARGE, longest >>> bits)),
    );
  }

  private charge(
    name: string,
    is64: boolean,
    units: (code: WordCode) => void,
    bound: (code: WordCode) => void,
  ): number {
    const known = this.charges.get(name);
    if (known !== undefined) return known;
    const word = WordCode.type(is64);
    const type = this.injection.type([word], [word]);
    const made = this.injection.function(`cordon:charge ${name}`, type, (w) => {
      const code = new WordCode(w, is64);
      w.u8(0);
      this.metering.charge(w, () => {
        const bounded = () =>
          code.min(
            () => units(code),
            () => bound(code),
          );
        if (is64) code.min(bounded, () => code.constant(MAX_CHARGE));
        else bounded();
        code.toI32();
      });
      code.operand();
      w.u8(CODE.end);
    });
    this.charges.set(name, made);
    return made;
  }
}
