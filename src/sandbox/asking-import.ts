import type { HostValueType } from './host-value.js';
import type { Ask } from './protocol.js';

/** A value type of WebAssembly that crosses between a guest and its host. */
export type WasmType = 'i32' | 'i64' | 'f32' | 'f64';

/**
 * A function that a guest imports and by which it asks its host. Split where the guest waits, because it may wait in two
 * ways: its thread waits with it, or the guest is suspended and the thread goes on with others.
 */
export interface AskingImport {
  readonly params: readonly WasmType[];
  readonly result: WasmType | undefined;
  /** Calling it always ends the run; its types are not known then. */
  readonly isRefused?: boolean;
  /** All of it, where the thread waits with the guest and the host is not needed for that. */
  block?(args: unknown[]): unknown;
  /** Reads the arguments, and may keep the list. May end the run. Undefined where there is an answer without asking. */
  ask(args: unknown[]): Ask | undefined;
  /** What the guest gets for the host's answer. May end the run. */
  answer(value: unknown): unknown;
}

/** By namespace and name, as the module imports them. */
export type AskingImports = Readonly<Record<string, Readonly<Record<string, AskingImport>>>>;

/** The types that a guest sees: blocks are offsets to it. */
export function wasmSignature(
  params: readonly HostValueType[],
  result: HostValueType | 'void',
): Pick<AskingImport, 'params' | 'result'> {
  return { params: params.map(wasmType), result: result === 'void' ? undefined : wasmType(result) };
}

function wasmType(type: HostValueType): WasmType {
  return type === 'bytes' || type === 'text' || type === 'json' ? 'i64' : type;
}
