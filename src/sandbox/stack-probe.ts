import { ByteWriter } from '../wasm/byte-writer.js';

/** Values that each level keeps while it calls the next: its frame has 8 bytes for each. */
const VALUES = 512;
/** A level takes at least so many bytes of the stack: what is kept across a call is nowhere else. */
const LEVEL_BYTES = VALUES * 8;

const I32 = 0x7f;
const I64 = 0x7e;
const OP = {
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  call: 0x10,
  get: 0x20,
  i32: 0x41,
  i64: 0x42,
  sub32: 0x6b,
  sub64: 0x7d,
};
const SECTION = { type: 1, function: 3, export: 7, code: 10 };

/**
 * Makes a function that overflows the stack here and now, with V8's own `RangeError`, unless so many bytes of it are left.
 *
 * JavaScript can only find that out by filling the stack: 512 KiB as the arguments of a call take 30 µs. This is a function
 * of WebAssembly with a large frame that calls itself: V8 reserves the frame and looks whether it fits, but writes nothing to
 * it, and 512 KiB take 0.5 µs.
 */
export function stackProbe(bytes: number): () => void {
  const levels = Math.ceil(bytes / LEVEL_BYTES);
  return () => {
    descend(levels, 0);
  };
}

/**
 * `descend(levels, never) = never ? <keeps VALUES results of itself while it calls itself> : levels ? descend(levels - 1, never) : 0`.
 * No compiler can know that `never` is 0, so the frame has room for what would be kept.
 */
function compile(): WebAssembly.Module {
  const code = new ByteWriter(8 * VALUES);
  const callItself = (...levels: number[]): void => code.code(...levels, OP.call, 0);
  // No locals.
  code.code(0, OP.get, 1, OP.if, I64);
  for (let value = 0; value <= VALUES; value++) callItself(OP.i32, 0, OP.i32, 0);
  // Not to be taken in another order, as sums could.
  for (let value = 0; value < VALUES; value++) code.code(OP.sub64);
  code.code(OP.else, OP.get, 0, OP.if, I64);
  callItself(OP.get, 0, OP.i32, 1, OP.sub32, OP.get, 1);
  code.code(OP.else, OP.i64, 0, OP.end, OP.end, OP.end);

  const writer = new ByteWriter(8 * VALUES);
  writer.code(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  writer.section(SECTION.type, () => writer.code(1, 0x60, 2, I32, I32, 1, I64));
  writer.section(SECTION.function, () => writer.code(1, 0));
  writer.section(SECTION.export, () => {
    writer.code(1);
    writer.name('descend');
    writer.code(0, 0);
  });
  writer.section(SECTION.code, () => {
    writer.code(1);
    writer.u32(code.length);
    writer.bytes(code.view());
  });
  return new WebAssembly.Module(writer.view().slice());
}

const descend = new WebAssembly.Instance(compile()).exports['descend'] as (
  levels: number,
  never: 0,
) => bigint;
// V8 compiles it at its first call, which is better made where the stack is not deep.
descend(1, 0);
