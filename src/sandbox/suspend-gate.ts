import { linkable } from '../kernel/kernel.js';
import { ByteWriter } from '../wasm/byte-writer.js';
import type { AskingImport, WasmType } from './asking-import.js';

/** Can WebAssembly be suspended here (JavaScript Promise Integration)? Node 24 and later. */
export const canSuspend = typeof WebAssembly.Suspending === 'function';

/** How a guest waits for its host. */
export type WaitMode = 'block' | 'suspend';

/** What a gate calls. */
export interface GateHost {
  /** Asks, and blocks the thread until the answer is there. */
  block(asking: AskingImport, args: unknown[]): unknown;
  /** Asks; the guest is suspended until the promise, which never rejects, is settled. What is no promise it gets at once. */
  suspend(asking: AskingImport, args: unknown[]): unknown;
  /** The guest was suspended and goes on: the place to end its run by a trap. */
  resumed(): void;
}

/** Stands between a guest and the functions by which it asks its host. */
export class SuspendGate {
  /** In the order of the asking functions; each carries a `bind` that returns itself. */
  readonly functions: readonly CallableFunction[];
  readonly #mode: WebAssembly.Global;
  #isSuspending = false;

  constructor(functions: readonly CallableFunction[], mode: WebAssembly.Global) {
    this.functions = functions;
    this.#mode = mode;
  }

  /** How the guest waits from now on. `suspend` only where it was entered by `WebAssembly.promising`. */
  wait(mode: WaitMode): void {
    const isSuspending = mode === 'suspend';
    // Setting a global from outside costs as much as a short call.
    if (isSuspending === this.#isSuspending) return;
    this.#isSuspending = isSuspending;
    this.#mode.value = isSuspending ? 1 : 0;
  }
}

/**
 * Links a gate, a tiny WebAssembly module, because only WebAssembly can do two things here: choose for each call whether to
 * suspend (a suspending function traps where no `promising` is on the stack, as in start-up and in calls inside of a
 * blocked thread), and end a run after it was resumed by a trap, which a guest cannot catch, rather than by an exception
 * of JavaScript, which it can.
 */
export function openGate(
  module: WebAssembly.Module,
  asking: readonly AskingImport[],
  host: GateHost,
): SuspendGate {
  const block: Record<string, CallableFunction> = {};
  const suspend: Record<string, CallableFunction> = {};
  for (const [index, one] of asking.entries()) {
    block[index] = (...args: unknown[]) => host.block(one, args);
    suspend[index] = new WebAssembly.Suspending!((...args: unknown[]) => host.suspend(one, args));
  }
  const { exports } = new WebAssembly.Instance(module, {
    block,
    suspend,
    host: { resumed: () => host.resumed() },
  });
  const functions = asking.map((_, index) => linkable(exports[index] as CallableFunction));
  return new SuspendGate(functions, exports.mode as WebAssembly.Global);
}

const TYPES: Readonly<Record<WasmType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 };
const FUNCTION = 0;
const GLOBAL = 3;

/**
 * The module of a gate for functions of these types. For each there is an export, named by its index:
 * `if (mode) { suspend(…); resumed() } else block(…)`.
 */
export function compileGate(asking: readonly Pick<AskingImport, 'params' | 'result'>[]): WebAssembly.Module {
  const count = asking.length;
  const writer = new ByteWriter();
  const list = (each: (index: number) => void): void => {
    writer.u32(count);
    for (let index = 0; index < count; index++) each(index);
  };
  writer.code(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  // Type i is that of function i, and the last one that of `resumed`.
  writer.section(SECTION.type, () => {
    writer.u32(count + 1);
    for (const { params, result } of asking) {
      writer.code(0x60);
      types(writer, params);
      types(writer, result === undefined ? [] : [result]);
    }
    writer.code(0x60, 0, 0);
  });
  writer.section(SECTION.import, () => {
    writer.u32(2 * count + 1);
    for (const namespace of ['block', 'suspend']) {
      for (let index = 0; index < count; index++) importFunction(writer, namespace, String(index), index);
    }
    importFunction(writer, 'host', 'resumed', count);
  });
  writer.section(SECTION.function, () => list((index) => writer.u32(index)));
  writer.section(SECTION.global, () => writer.code(1, TYPES.i32, 1, 0x41, 0, 0x0b));
  writer.section(SECTION.export, () => {
    writer.u32(count + 1);
    writer.name('mode');
    writer.code(GLOBAL, 0);
    for (let index = 0; index < count; index++) {
      writer.name(String(index));
      writer.code(FUNCTION);
      writer.u32(2 * count + 1 + index);
    }
  });
  writer.section(SECTION.code, () => list((index) => body(writer, asking[index]!, index, count)));
  return new WebAssembly.Module(writer.view().slice());
}

function types(writer: ByteWriter, list: readonly WasmType[]): void {
  writer.u32(list.length);
  for (const type of list) writer.code(TYPES[type]);
}

function importFunction(writer: ByteWriter, namespace: string, name: string, type: number): void {
  writer.name(namespace);
  writer.name(name);
  writer.code(FUNCTION);
  writer.u32(type);
}

function body(
  writer: ByteWriter,
  { params, result }: Pick<AskingImport, 'params' | 'result'>,
  index: number,
  count: number,
): void {
  const code = new ByteWriter(64);
  const call = (callee: number): void => {
    for (let at = 0; at < params.length; at++) {
      code.code(0x20);
      code.u32(at);
    }
    code.code(0x10);
    code.u32(callee);
  };
  // No locals; `mode`; `if` with the function's result.
  code.code(0, 0x23, 0, 0x04, result === undefined ? 0x40 : TYPES[result]);
  call(count + index);
  code.code(0x10);
  code.u32(2 * count);
  code.code(0x05);
  call(index);
  code.code(0x0b, 0x0b);
  writer.u32(code.length);
  writer.bytes(code.view());
}
