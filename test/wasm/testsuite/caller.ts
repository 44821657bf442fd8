import { ByteWriter } from '../../../src/wasm/byte-writer.js';
import type { FunctionType } from '../../../src/wasm/type-section.js';

const SLOT = 16;
const RESULTS_AT = 4096;
const NUMBERS: Record<string, { code: number; load: number[]; store: number[] }> = {
  i32: { code: 0x7f, load: [0x28, 2, 0], store: [0x36, 2, 0] },
  i64: { code: 0x7e, load: [0x29, 3, 0], store: [0x37, 3, 0] },
  f32: { code: 0x7d, load: [0x2a, 2, 0], store: [0x38, 2, 0] },
  f64: { code: 0x7c, load: [0x2b, 3, 0], store: [0x39, 3, 0] },
  v128: { code: 0x7b, load: [0xfd, 0, 0, 0], store: [0xfd, 11, 0, 0] },
};
const REFERENCES: Record<string, number[]> = {
  funcref: [0x70],
  externref: [0x6f],
  anyref: [0x6e],
  eqref: [0x6d],
  i31ref: [0x6c],
  structref: [0x6b],
  arrayref: [0x6a],
  exnref: [0x69],
  nullref: [0x71],
  nullexternref: [0x72],
  nullfuncref: [0x73],
  nullexnref: [0x74],
  '(ref func)': [0x64, 0x70],
  '(ref extern)': [0x64, 0x6f],
  '(ref any)': [0x64, 0x6e],
  '(ref eq)': [0x64, 0x6d],
  '(ref i31)': [0x64, 0x6c],
  '(ref struct)': [0x64, 0x6b],
  '(ref array)': [0x64, 0x6a],
};

/**
 * A module that calls a function of the given type with operands from memory and leaves the bits of its results there:
 * JavaScript can hand over no v128 and keeps no NaN as it is. References come as parameters of `run`, and of a
 * reference that results it is noted whether it is null. `undefined` where the type cannot be written or compiled.
 */
export function makeCaller(type: FunctionType): WebAssembly.Module | undefined {
  const code = (name: string) => (NUMBERS[name] ? [NUMBERS[name].code] : REFERENCES[name]);
  const params = type.params.map(code);
  const results = type.results.map(code);
  if ([...params, ...results].some((encoded) => encoded === undefined)) return undefined;
  const w = new ByteWriter();
  w.code(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  w.section(1, () => {
    w.u8(2);
    w.u8(0x60);
    vector(w, params as number[][]);
    vector(w, results as number[][]);
    w.u8(0x60);
    vector(
      w,
      type.params.flatMap((name) => (REFERENCES[name] ? [REFERENCES[name]] : [])),
    );
    w.u8(0);
  });
  w.section(2, () => {
    w.u8(2);
    w.name('e');
    w.name('f');
    w.code(0, 0);
    w.name('e');
    w.name('m');
    w.code(2, 0, 1);
  });
  w.section(3, () => w.code(1, 1));
  w.section(7, () => {
    w.u8(1);
    w.name('run');
    w.code(0, 1);
  });
  const body = callerBody(type, results as number[][]);
  w.section(10, () => {
    w.u8(1);
    w.u32(body.length);
    w.bytes(body);
  });
  return WebAssembly.validate(w.view()) ? new WebAssembly.Module(w.view().slice()) : undefined;
}

function callerBody(type: FunctionType, results: number[][]): Uint8Array {
  const w = new ByteWriter();
  // A local for a result must have a default: nullable where the result is a reference.
  w.u32(results.length);
  for (const encoded of results) {
    w.u8(1);
    w.code(...(encoded[0] === 0x64 ? [0x63, ...encoded.slice(1)] : encoded));
  }
  let references = 0;
  for (const [i, name] of type.params.entries()) {
    const number = NUMBERS[name];
    if (number) {
      w.u8(0x41);
      w.s32(i * SLOT);
      w.code(...number.load);
    } else {
      w.u8(0x20);
      w.u32(references++);
    }
  }
  w.code(0x10, 0);
  for (let i = results.length - 1; i >= 0; i--) {
    w.u8(0x21);
    w.u32(references + i);
  }
  for (const [i, name] of type.results.entries()) {
    w.u8(0x41);
    w.s32(RESULTS_AT + i * SLOT);
    w.u8(0x20);
    w.u32(references + i);
    const number = NUMBERS[name];
    if (number) w.code(...number.store);
    else w.code(0xd1, 0x36, 2, 0);
  }
  w.u8(0x0b);
  return w.view();
}

function vector(w: ByteWriter, encoded: readonly number[][]): void {
  w.u32(encoded.length);
  for (const bytes of encoded) w.code(...bytes);
}

const memory = new WebAssembly.Memory({ initial: 1 });
const bytes = new Uint8Array(memory.buffer);

/** Calls an exported function through its caller; gives the bits of the results as text. */
export function callBits(
  caller: WebAssembly.Module,
  target: CallableFunction,
  type: FunctionType,
  operands: readonly (Uint8Array | { readonly reference: unknown })[],
): string {
  bytes.fill(0, 0, type.params.length * SLOT);
  bytes.fill(0, RESULTS_AT, RESULTS_AT + type.results.length * SLOT);
  const references: unknown[] = [];
  for (const [i, operand] of operands.entries()) {
    if (operand instanceof Uint8Array) bytes.set(operand, i * SLOT);
    else references.push(operand.reference);
  }
  const { run } = new WebAssembly.Instance(caller, { e: { f: target, m: memory } }).exports;
  (run as (...args: unknown[]) => void)(...references);
  return Buffer.from(bytes.subarray(RESULTS_AT, RESULTS_AT + type.results.length * SLOT)).toString('hex');
}
