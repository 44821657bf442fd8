import { ByteWriter } from '../../src/wasm/byte-writer.js';
import { readBodyHeader } from '../../src/wasm/function-body.js';
import { InstructionReader } from '../../src/wasm/instruction-reader.js';
import { DEFAULT_STRUCTURAL_LIMITS } from '../../src/wasm/limits.js';
import { readStructure } from '../../src/wasm/module-structure.js';
import { OP } from '../../src/wasm/opcodes.js';
import { SECTION } from '../../src/wasm/sections.js';

const MARKERS: readonly number[] = [
  ...[OP.nop, OP.block, OP.loop, OP.else, OP.end, OP.try, OP.catch, OP.catchAll, OP.delegate, OP.tryTable],
];

/**
 * The simplest metering there is, to compare with: in front of every instruction that costs something, 1 is added to an
 * exported i64 global `count`. The module must have global and export sections.
 */
export function countNaively(bytes: Uint8Array): Uint8Array {
  const structure = readStructure(bytes, DEFAULT_STRUCTURAL_LIMITS);
  const counter = structure.globals.length;
  const w = new ByteWriter(bytes.length * 4);
  w.bytes(bytes, 0, 8);
  for (const { id, start, end } of structure.sections) {
    if (id === SECTION.custom) continue;
    const reader = new InstructionReader(bytes, start, end);
    w.section(id, () => {
      if (id === SECTION.global || id === SECTION.export) {
        w.u32(reader.u32() + 1);
        w.bytes(bytes, reader.pos, end);
        if (id === SECTION.global) w.code(0x7e, 1, 0x42, 0, 0x0b);
        else {
          w.name('count');
          w.u8(3);
          w.u32(counter);
        }
      } else if (id === SECTION.code) {
        const count = reader.u32();
        w.u32(count);
        for (let i = 0; i < count; i++) {
          const size = reader.u32();
          const bodyStart = reader.pos;
          reader.end = bodyStart + size;
          const body = new ByteWriter(size * 8);
          const { codeAt } = readBodyHeader(reader, DEFAULT_STRUCTURAL_LIMITS, 0);
          body.bytes(bytes, bodyStart, codeAt);
          while (reader.pos < reader.end) {
            reader.next();
            if (!MARKERS.includes(reader.opcode)) {
              body.u8(0x23);
              body.u32(counter);
              body.code(0x42, 1, 0x7c, 0x24);
              body.u32(counter);
            }
            body.bytes(bytes, reader.start, reader.pos);
          }
          reader.end = end;
          w.u32(body.length);
          w.bytes(body.view());
        }
      } else w.bytes(bytes, start, end);
    });
  }
  return w.view();
}
