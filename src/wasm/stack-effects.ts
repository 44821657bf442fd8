import { OPCODE_COUNT, PREFIX_ATOMIC, PREFIX_GC, PREFIX_MISC, PREFIX_SIMD } from './opcodes.js';

/** The effect depends on the types of the module, or the instruction opens, closes or leaves a block. */
export const TYPED = 127;

/**
 * By how many values each instruction changes the height of the operand stack. Nothing here checks types: the height is
 * known so that what V8 keeps for it can be bounded before V8 sees the module.
 */
export const STACK_EFFECTS = new Int8Array(OPCODE_COUNT).fill(TYPED);

function define(effect: number, ...ranges: (number | [number, number])[]): void {
  for (const range of ranges) {
    const [from, to] = typeof range === 'number' ? [range, range] : range;
    STACK_EFFECTS.fill(effect, from, to + 1);
  }
}

function shifted(base: number, ...ranges: (number | [number, number])[]): (number | [number, number])[] {
  return ranges.map((range) =>
    typeof range === 'number' ? base + range : [base + range[0], base + range[1]],
  );
}

// Constants, local.get, global.get, memory.size, ref.null and ref.func push.
define(1, 0x20, 0x23, 0x3f, [0x41, 0x44], 0xd0, 0xd2);
// Loads, unary operations and conversions replace one value; nop and local.tee change nothing.
define(0, 0x01, 0x22, 0x25, [0x28, 0x35], 0x40, 0x45, 0x50, 0xd1, 0xd4);
define(0, [0x67, 0x69], [0x79, 0x7b], [0x8b, 0x91], [0x99, 0x9f], [0xa7, 0xc4]);
// Binary operations and comparisons, drop and the setting of variables.
define(-1, 0x1a, 0x21, 0x24, [0x46, 0x4f], [0x51, 0x66], [0x6a, 0x78], [0x7c, 0x8a], [0x92, 0x98]);
define(-1, [0xa0, 0xa6], 0xd3);
// Stores, table.set and select.
define(-2, 0x1b, 0x1c, 0x26, [0x36, 0x3e]);

define(0, ...shifted(PREFIX_MISC, [0x00, 0x07], 0x09, 0x0d));
define(-3, ...shifted(PREFIX_MISC, 0x08, [0x0a, 0x0c], 0x0e, 0x11));
define(-1, ...shifted(PREFIX_MISC, 0x0f));
define(1, ...shifted(PREFIX_MISC, 0x10));

define(0, ...shifted(PREFIX_ATOMIC, 0x03, [0x10, 0x16]));
define(-1, ...shifted(PREFIX_ATOMIC, 0x00, [0x1e, 0x47]));
define(-2, ...shifted(PREFIX_ATOMIC, [0x01, 0x02], [0x17, 0x1d], [0x48, 0x4e]));

define(0, ...shifted(PREFIX_GC, [0x02, 0x04], 0x07, 0x0f, [0x14, 0x17], [0x1a, 0x1e]));
define(1, ...shifted(PREFIX_GC, 0x01));
define(-1, ...shifted(PREFIX_GC, 0x06, [0x09, 0x0d]));
define(-2, ...shifted(PREFIX_GC, 0x05));
define(-3, ...shifted(PREFIX_GC, 0x0e));
define(-4, ...shifted(PREFIX_GC, 0x10, [0x12, 0x13]));
define(-5, ...shifted(PREFIX_GC, 0x11));

// Most vector instructions have two operands; what has one or three is corrected below.
define(-1, ...shifted(PREFIX_SIMD, [0x0d, 0xff], [0x100, 0x113]));
define(1, ...shifted(PREFIX_SIMD, 0x0c));
define(0, ...shifted(PREFIX_SIMD, [0x00, 0x0a], [0x0f, 0x16], 0x18, 0x19, 0x1b, 0x1d, 0x1f, 0x21));
define(0, ...shifted(PREFIX_SIMD, 0x4d, 0x53, [0x5c, 0x64], [0x67, 0x6a], [0x74, 0x75], 0x7a, [0x7c, 0x7f]));
define(
  0,
  ...shifted(PREFIX_SIMD, [0x80, 0x81], [0x83, 0x84], [0x87, 0x8a], 0x94, [0xa0, 0xa1], [0xa3, 0xa4]),
);
define(
  0,
  ...shifted(PREFIX_SIMD, [0xa7, 0xaa], [0xc0, 0xc1], [0xc3, 0xc4], [0xc7, 0xca], [0xe0, 0xe1], 0xe3),
);
define(0, ...shifted(PREFIX_SIMD, [0xec, 0xed], 0xef, [0xf8, 0xff], [0x101, 0x104]));
define(-2, ...shifted(PREFIX_SIMD, 0x0b, 0x52, [0x58, 0x5b], [0x105, 0x10c], 0x113));
