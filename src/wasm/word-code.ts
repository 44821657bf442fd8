import type { ByteWriter } from './byte-writer.js';
import { I32, I64 } from './injection.js';

/** The opcodes that injected functions are made of. */
export const CODE = {
  unreachable: 0x00,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  i32Const: 0x41,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32LeS: 0x4c,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Shl: 0x74,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  empty: 0x40,
} as const;

/**
 * Writes code over one operand that has 32 or 64 bits, by what addresses the memory or table: the parameter of the
 * functions that stand in front of `memory.grow` and the bulk instructions, always local 0.
 */
export class WordCode {
  readonly w: ByteWriter;
  readonly is64: boolean;

  constructor(w: ByteWriter, is64: boolean) {
    this.w = w;
    this.is64 = is64;
  }

  static type(is64: boolean): number {
    return is64 ? I64 : I32;
  }

  private op(op32: number, op64: number): void {
    this.w.u8(this.is64 ? op64 : op32);
  }

  operand(): void {
    this.w.code(CODE.localGet, 0);
  }

  constant(value: number): void {
    this.op(0x41, 0x42);
    if (this.is64) this.w.s64(value);
    else this.w.s32(value);
  }

  eqz(): void {
    this.op(0x45, 0x50);
  }

  ltU(): void {
    this.op(0x49, 0x54);
  }

  gtU(): void {
    this.op(0x4b, 0x56);
  }

  sub(): void {
    this.op(0x6b, 0x7d);
  }

  shl(bits: number): void {
    this.constant(bits);
    this.op(0x74, 0x86);
  }

  shrU(bits: number): void {
    this.constant(bits);
    this.op(0x76, 0x88);
  }

  /** Leaves the operand with an i32 below it turned to its width. */
  fromI32(): void {
    if (this.is64) this.w.u8(CODE.i64ExtendI32U);
  }

  toI32(): void {
    if (this.is64) this.w.u8(CODE.i32WrapI64);
  }

  memorySize(memory: number): void {
    this.w.u8(CODE.memorySize);
    this.w.u32(memory);
  }

  tableSize(table: number): void {
    this.w.code(0xfc, 0x10);
    this.w.u32(table);
  }

  /** The smaller of two unsigned values, each of which is pushed twice. */
  min(a: () => void, b: () => void): void {
    a();
    b();
    a();
    b();
    this.ltU();
    this.w.u8(CODE.select);
  }

  /** Returns `value`, or the operand itself, when the i32 on the stack is not 0. */
  returnIf(value: number | 'operand'): void {
    this.w.code(CODE.if, CODE.empty);
    if (value === 'operand') this.operand();
    else this.constant(value);
    this.w.code(CODE.return, CODE.end);
  }
}
