import { ByteWriter } from '../wasm/byte-writer.js';

/** What the name section calls the function that guests are called by, so that it can be left out of a guest's stack. */
export const COROUTINE_FRAME = 'cordon.coroutine';

/** Value types, and what a reference may be: see the binary format. */
const I32 = 0x7f;
const EXTERNREF = 0x6f;
const FUNCREF = 0x70;
const FUNC = 0x60;
/** Types of the module, by their index. */
const NUMBER = 0;
const NOTHING = 1;
const NEXT = 2;
const RUN = 3;
const FITS = 4;

/**
 * The module of coroutines:
 *
 * ```wat
 * (type $number (func (result i32))) (type $nothing (func))
 * (import "host" "next" (func $next (param externref i32) (result funcref)))
 * (func (export "run") (param $self externref) (param $guest funcref)
 *   (loop $again
 *     (if (ref.is_null (local.get $guest)) (then (return)))
 *     (local.get $self)
 *     (if (result i32) (ref.test (ref $number) (local.get $guest))
 *       (then (call_ref $number (ref.cast (ref $number) (local.get $guest))))
 *       (else (call_ref $nothing (ref.cast (ref $nothing) (local.get $guest))) (i32.const 0)))
 *     (local.set $guest (ref.null func))
 *     (local.set $guest (call $next))
 *     (br $again)))
 * (func (export "fits") (param $guest funcref) (result i32)
 *   (i32.or (ref.test (ref $number) (local.get $guest)) (ref.test (ref $nothing) (local.get $guest))))
 * ```
 *
 * The host suspends it in `next`, which hands over what a guest returned, and resumes it with the next function to call. The
 * last one is forgotten before: its instance may be gone by then, and has to be collected.
 */
export function compileCoroutine(): WebAssembly.Module {
  const writer = new ByteWriter(512);
  writer.code(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  writer.section(1, () => {
    writer.u32(5);
    writer.code(FUNC, 0, 1, I32);
    writer.code(FUNC, 0, 0);
    writer.code(FUNC, 2, EXTERNREF, I32, 1, FUNCREF);
    writer.code(FUNC, 2, EXTERNREF, FUNCREF, 0);
    writer.code(FUNC, 1, FUNCREF, 1, I32);
  });
  writer.section(2, () => {
    writer.u32(1);
    writer.name('host');
    writer.name('next');
    writer.code(0, NEXT);
  });
  writer.section(3, () => writer.code(2, RUN, FITS));
  writer.section(7, () => {
    writer.u32(2);
    writer.name('run');
    writer.code(0, 1);
    writer.name('fits');
    writer.code(0, 2);
  });
  writer.section(10, () => {
    writer.u32(2);
    body(writer, RUN_CODE);
    body(writer, FITS_CODE);
  });
  writer.section(0, () => {
    writer.name('name');
    const names = new ByteWriter(64);
    names.code(1, 1);
    names.name(COROUTINE_FRAME);
    writer.u8(1);
    writer.u32(names.length);
    writer.bytes(names.view());
  });
  return new WebAssembly.Module(writer.view().slice());
}

function body(writer: ByteWriter, code: readonly number[]): void {
  writer.u32(code.length + 1);
  writer.u8(0);
  writer.bytes(Uint8Array.from(code));
}

const GET_SELF = [0x20, 0];
const GET_GUEST = [0x20, 1];
const END = 0x0b;
const test = (type: number) => [0xfb, 0x14, type];
const callAs = (type: number) => [0xfb, 0x16, type, 0x14, type];

const RUN_CODE = [
  ...[0x03, 0x40],
  ...[...GET_GUEST, 0xd1, 0x04, 0x40, 0x0f, END],
  ...GET_SELF,
  ...[...GET_GUEST, ...test(NUMBER), 0x04, I32],
  ...[...GET_GUEST, ...callAs(NUMBER), 0x05],
  ...[...GET_GUEST, ...callAs(NOTHING), 0x41, 0, END],
  ...[0xd0, FUNCREF, 0x21, 1],
  ...[0x10, 0, 0x21, 1, 0x0c, 0, END],
  END,
];

const FITS_CODE = [0x20, 0, ...test(NUMBER), 0x20, 0, ...test(NOTHING), 0x72, END];
