import {
  IMM,
  IMMEDIATES,
  OP,
  OPCODE_COUNT,
  PREFIX_ATOMIC,
  PREFIX_GC,
  PREFIX_MISC,
  PREFIX_SIMD,
} from './opcodes.js';
import { TypeReader } from './type-reader.js';

/**
 * Decodes one instruction at a time into its own fields, so that a walk over a body makes no garbage. After `next()`:
 * the bytes from `start` to `pos` are the instruction, and the fields below hold what its kind has.
 */
export class InstructionReader extends TypeReader {
  /** The flat number of `opcodes.ts`. */
  opcode = 0;
  /** Where the instruction begins. */
  start = 0;
  /** The first index: function, type, memory, label… For several labels the outermost, that is the largest. */
  index = 0;
  /**
   * Where the first index begins; its end is `pos` for instructions with one index only. For `br_table` where its first
   * label begins.
   */
  indexAt = 0;
  /**
   * The second index: table of `call_indirect`, source memory of `memory.copy`, length of `array.new_fixed`; for
   * `br_table` the number of its targets but the default one.
   */
  index2 = 0;
  /** For a block: the index of its type, or -1 where it has at most one result and no parameter. */
  blockType = -1;
  /** For a block without such an index: 1 where it has a result. */
  blockResults = 0;
  /** Whether a memory other than the first was addressed since construction. */
  otherMemory = false;
  /** Whether `call_indirect` had a table index that is not the single byte 0. */
  otherTable = false;

  next(): void {
    const start = this.pos;
    this.start = start;
    let opcode = this.u8();
    if (opcode >= 0xfb && opcode <= 0xfe) opcode = this.prefixed(opcode);
    this.opcode = opcode;
    switch (IMMEDIATES[opcode]) {
      case IMM.none:
        return;
      case IMM.index:
      case IMM.label:
        this.indexAt = this.pos;
        this.index = this.u32();
        return;
      case IMM.memory:
        this.memoryArgument();
        return;
      case IMM.i32:
        this.skipLeb(5);
        return;
      case IMM.block:
        this.blockType = this.readBlockType();
        return;
      default:
        this.rareImmediates(opcode);
    }
  }

  private rareImmediates(opcode: number): void {
    switch (IMMEDIATES[opcode]) {
      case IMM.indexPair: {
        this.indexAt = this.pos;
        this.index = this.u32();
        const second = this.pos;
        this.index2 = this.u32();
        // Before reference-types the table of call_indirect was one zero byte.
        if ((opcode === OP.callIndirect || opcode === OP.returnCallIndirect) && this.bytes[second] !== 0) {
          this.otherTable = true;
        }
        return;
      }
      case IMM.labelTable:
        this.index = this.labelTable();
        return;
      case IMM.tryTable:
        this.blockType = this.readBlockType();
        this.index = this.catches();
        return;
      case IMM.memoryLane:
        this.memoryArgument();
        this.skip(1);
        return;
      case IMM.i64:
        this.skipLeb(10);
        return;
      case IMM.bytes4:
        this.skip(4);
        return;
      case IMM.bytes8:
        this.skip(8);
        return;
      case IMM.bytes16:
        this.skip(16);
        return;
      case IMM.byte:
        this.skip(1);
        return;
      case IMM.selectTypes: {
        const count = this.count('types of a select');
        for (let i = 0; i < count; i++) this.valueType();
        return;
      }
      case IMM.heapType:
        this.heapType();
        return;
      case IMM.castBranch:
        this.skip(1);
        this.indexAt = this.pos;
        this.index = this.u32();
        this.heapType();
        this.heapType();
        return;
      default:
        this.fail(`unknown instruction 0x${this.bytes[this.start]!.toString(16)}`, this.start);
    }
  }

  private prefixed(prefix: number): number {
    const sub = this.u32();
    const base =
      prefix === 0xfb
        ? PREFIX_GC
        : prefix === 0xfc
          ? PREFIX_MISC
          : prefix === 0xfd
            ? PREFIX_SIMD
            : PREFIX_ATOMIC;
    const limit = prefix === 0xfd ? OPCODE_COUNT - PREFIX_SIMD : 0x100;
    if (sub >= limit || IMMEDIATES[base + sub] === IMM.unknown) {
      this.fail(`unknown instruction 0x${prefix.toString(16)} 0x${sub.toString(16)}`, this.start);
    }
    return base + sub;
  }

  private memoryArgument(): void {
    const alignment = this.u32();
    if (alignment & 0x40 && this.u32() !== 0) this.otherMemory = true;
    if (alignment >= 0x80) this.fail('an alignment is out of range', this.start);
    this.skipLeb(10);
  }

  private readBlockType(): number {
    const code = this.pos < this.end ? this.bytes[this.pos]! : 0;
    if (code === 0x40) {
      this.pos++;
      this.blockResults = 0;
      return -1;
    }
    // A type code is a single byte that is negative as a signed LEB128; an index is not.
    if (code & 0x40 && code < 0x80) {
      this.valueType();
      this.blockResults = 1;
      return -1;
    }
    const start = this.pos;
    const index = this.s33();
    if (index < 0) this.fail('a block has no known type', start);
    return index;
  }

  private labelTable(): number {
    const count = this.count('branch targets');
    this.index2 = count;
    this.indexAt = this.pos;
    let outermost = this.u32();
    for (let i = 0; i < count; i++) {
      const label = this.u32();
      if (label > outermost) outermost = label;
    }
    return outermost;
  }

  /** The catch clauses of a try_table; the outermost label, or -1 where there is none. */
  private catches(): number {
    const count = this.count('catch clauses');
    let outermost = -1;
    for (let i = 0; i < count; i++) {
      const kind = this.u8();
      if (kind > 3) this.fail(`${kind} is no kind of catch clause`, this.pos - 1);
      if (kind < 2) this.u32();
      const label = this.u32();
      if (label > outermost) outermost = label;
    }
    return outermost;
  }
}
