import type { FeatureName } from './features.js';

/**
 * Every instruction of WebAssembly 3.0 that V8 has on Node 20 to 26, the legacy exception instructions included, by a
 * flat number: one-byte opcodes as they are, those behind a prefix in a range of their own. Source: WebAssembly core
 * specification 3.0, section 5.4, and the exception-handling proposal's legacy document. A hole is an unknown opcode,
 * which is refused; whoever fills one adds its row in the tests first.
 */
export const PREFIX_GC = 0x100;
export const PREFIX_MISC = 0x200;
export const PREFIX_ATOMIC = 0x300;
export const PREFIX_SIMD = 0x400;
export const OPCODE_COUNT = 0x600;

/** The opcodes that the passes treat specially. */
export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  tryTable: 0x1f,
  memoryGrow: 0x40,
  refFunc: 0xd2,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  arrayNew: PREFIX_GC + 0x06,
  arrayNewDefault: PREFIX_GC + 0x07,
  arrayNewFixed: PREFIX_GC + 0x08,
  arrayNewData: PREFIX_GC + 0x09,
  arrayNewElem: PREFIX_GC + 0x0a,
  arrayFill: PREFIX_GC + 0x10,
  arrayCopy: PREFIX_GC + 0x11,
  arrayInitData: PREFIX_GC + 0x12,
  arrayInitElem: PREFIX_GC + 0x13,
  brOnCast: PREFIX_GC + 0x18,
  brOnCastFail: PREFIX_GC + 0x19,
  memoryInit: PREFIX_MISC + 0x08,
  memoryCopy: PREFIX_MISC + 0x0a,
  memoryFill: PREFIX_MISC + 0x0b,
  tableInit: PREFIX_MISC + 0x0c,
  tableCopy: PREFIX_MISC + 0x0e,
  tableGrow: PREFIX_MISC + 0x0f,
  tableFill: PREFIX_MISC + 0x11,
} as const;

/** What follows an opcode. */
export const IMM = {
  unknown: 0,
  none: 1,
  block: 2,
  index: 3,
  indexPair: 4,
  label: 5,
  labelTable: 6,
  tryTable: 7,
  memory: 8,
  memoryLane: 9,
  i32: 10,
  i64: 11,
  bytes4: 12,
  bytes8: 13,
  bytes16: 14,
  byte: 15,
  selectTypes: 16,
  heapType: 17,
  castBranch: 18,
} as const;

/** {@link IMM} by opcode. */
export const IMMEDIATES = new Uint8Array(OPCODE_COUNT);
/** The feature that an opcode belongs to; absent for those of the first version. */
export const OPCODE_FEATURE: (FeatureName | undefined)[] = new Array(OPCODE_COUNT).fill(undefined);

function define(
  immediate: number,
  feature: FeatureName | undefined,
  ...ranges: (number | [number, number])[]
) {
  for (const range of ranges) {
    const [from, to] = typeof range === 'number' ? [range, range] : range;
    for (let opcode = from; opcode <= to; opcode++) {
      IMMEDIATES[opcode] = immediate;
      OPCODE_FEATURE[opcode] = feature;
    }
  }
}

define(IMM.none, undefined, [0x00, 0x01], 0x05, 0x0b, 0x0f, [0x1a, 0x1b], [0x45, 0xbf]);
define(IMM.block, undefined, [0x02, 0x04]);
define(IMM.label, undefined, [0x0c, 0x0d]);
define(IMM.labelTable, undefined, 0x0e);
define(IMM.index, undefined, 0x10, [0x20, 0x24], [0x3f, 0x40]);
define(IMM.indexPair, undefined, 0x11);
define(IMM.memory, undefined, [0x28, 0x3e]);
define(IMM.i32, undefined, 0x41);
define(IMM.i64, undefined, 0x42);
define(IMM.bytes4, undefined, 0x43);
define(IMM.bytes8, undefined, 0x44);

define(IMM.block, 'legacy-exceptions', 0x06);
define(IMM.index, 'legacy-exceptions', 0x07);
define(IMM.label, 'legacy-exceptions', 0x09, 0x18);
define(IMM.none, 'legacy-exceptions', 0x19);
define(IMM.index, 'exception-handling', 0x08);
define(IMM.none, 'exnref', 0x0a);
define(IMM.tryTable, 'exnref', 0x1f);
define(IMM.index, 'tail-call', 0x12);
define(IMM.indexPair, 'tail-call', 0x13);
define(IMM.index, 'function-references', 0x14, 0x15);
define(IMM.none, 'function-references', 0xd4);
define(IMM.label, 'function-references', 0xd5, 0xd6);
define(IMM.selectTypes, 'reference-types', 0x1c);
define(IMM.index, 'reference-types', [0x25, 0x26], 0xd2);
define(IMM.heapType, 'reference-types', 0xd0);
define(IMM.none, 'reference-types', 0xd1);
define(IMM.none, 'sign-extension', [0xc0, 0xc4]);
define(IMM.none, 'gc', 0xd3);

const gc = (sub: number) => PREFIX_GC + sub;
define(IMM.index, 'gc', [gc(0x00), gc(0x01)], [gc(0x06), gc(0x07)], [gc(0x0b), gc(0x0e)], gc(0x10));
define(IMM.indexPair, 'gc', [gc(0x02), gc(0x05)], [gc(0x08), gc(0x0a)], [gc(0x11), gc(0x13)]);
define(IMM.none, 'gc', gc(0x0f), [gc(0x1a), gc(0x1e)]);
define(IMM.heapType, 'gc', [gc(0x14), gc(0x17)]);
define(IMM.castBranch, 'gc', gc(0x18), gc(0x19));

const misc = (sub: number) => PREFIX_MISC + sub;
define(IMM.none, 'nontrapping-float-to-int', [misc(0), misc(7)]);
define(IMM.indexPair, 'bulk-memory', misc(0x08), misc(0x0a), misc(0x0c), misc(0x0e));
define(IMM.index, 'bulk-memory', misc(0x09), misc(0x0b), misc(0x0d));
define(IMM.index, 'reference-types', [misc(0x0f), misc(0x11)]);

const atomic = (sub: number) => PREFIX_ATOMIC + sub;
define(IMM.memory, 'threads', [atomic(0x00), atomic(0x02)], [atomic(0x10), atomic(0x4e)]);
define(IMM.byte, 'threads', atomic(0x03));

const simd = (sub: number) => PREFIX_SIMD + sub;
define(IMM.memory, 'simd', [simd(0x00), simd(0x0b)], simd(0x5c), simd(0x5d));
define(IMM.bytes16, 'simd', simd(0x0c), simd(0x0d));
define(IMM.byte, 'simd', [simd(0x15), simd(0x22)]);
define(IMM.memoryLane, 'simd', [simd(0x54), simd(0x5b)]);
define(IMM.none, 'simd', [simd(0x0e), simd(0x14)], [simd(0x23), simd(0x53)], [simd(0x5e), simd(0xff)]);
define(
  IMM.unknown,
  undefined,
  ...[0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0].map(simd),
  ...[0xd2, 0xd3, 0xd4, 0xe2, 0xee].map(simd),
);
define(IMM.none, 'relaxed-simd', [simd(0x100), simd(0x113)]);
