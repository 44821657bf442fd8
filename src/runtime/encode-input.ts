import { cordonError } from '../errors/cordon-error.js';
import { thrownText } from '../errors/thrown-text.js';
import type { InputMemory } from './input-memory.js';

/** An input as it is sent: exactly the caller's bytes, owned by the call, and their number. */
export interface EncodedInput {
  readonly value: Uint8Array | string;
  readonly byteLength: number;
}

/**
 * From this size on the copy lies in shared memory: the thread reads it where it is, and it is still there if the call
 * has to be sent to another thread. Below, allocating shared memory costs more than it saves.
 */
const SHARED_BYTES = 16 * 1024;

const EMPTY: EncodedInput = { value: '', byteLength: 0 };

/**
 * Text goes as UTF-8, bytes as they are, every other value as JSON; `undefined` is the empty input. Bytes are copied:
 * the caller may use its buffer again at once, and a view on a pooled buffer never takes its neighbours along.
 * @throws ERR_INPUT for what is not JSON
 */
export function encodeInput(
  plugin: string,
  fn: string,
  input: unknown,
  memory: InputMemory,
  maxBytes = Number.POSITIVE_INFINITY,
): EncodedInput {
  if (input === undefined) return EMPTY;
  if (typeof input === 'string') return text(input, memory, maxBytes);
  if (ArrayBuffer.isView(input) || input instanceof ArrayBuffer || input instanceof SharedArrayBuffer) {
    try {
      return bytes(bytesOf(input), memory, maxBytes);
    } catch (cause) {
      throw gone(plugin, fn, cause);
    }
  }
  return text(toJson(plugin, fn, input), memory, maxBytes);
}

/** Bytes that nobody else has, because a guest sent them: small ones go as they are. */
export function ownInput(input: Uint8Array, memory: InputMemory, maxBytes: number): EncodedInput {
  const { byteLength } = input;
  const isWhole = byteLength === input.buffer.byteLength;
  return isWhole && byteLength < SHARED_BYTES ? { value: input, byteLength } : bytes(input, memory, maxBytes);
}

const encoder = new TextEncoder();

/** What is larger than the plugin may take is only measured: it is refused, and needs no copy for that. */
function text(input: string, memory: InputMemory, maxBytes: number): EncodedInput {
  if (input.length >= SHARED_BYTES && input.length <= maxBytes) {
    // A text of ASCII is as long as its bytes. Measuring it first would take three times as long as encoding it.
    const value = memory.take(input.length);
    if (encoder.encodeInto(input, value).read === input.length) return { value, byteLength: input.length };
    memory.giveBack(value);
  }
  const byteLength = Buffer.byteLength(input);
  if (byteLength < SHARED_BYTES || byteLength > maxBytes) return { value: input, byteLength };
  const value = memory.take(byteLength);
  encoder.encodeInto(input, value);
  return { value, byteLength };
}

function bytes(input: Uint8Array, memory: InputMemory, maxBytes: number): EncodedInput {
  const { byteLength } = input;
  if (byteLength > maxBytes) return { value: input, byteLength };
  const value = byteLength < SHARED_BYTES ? new Uint8Array(byteLength) : memory.take(byteLength);
  value.set(input);
  return { value, byteLength };
}

function bytesOf(input: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (input instanceof Uint8Array) return input;
  if (!ArrayBuffer.isView(input)) return new Uint8Array(input);
  return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
}

function gone(plugin: string, fn: string, cause: unknown): Error {
  const why = thrownText(cause);
  return cordonError(
    'ERR_INPUT',
    `The input of ${JSON.stringify(fn)} of ${plugin} cannot be read: ${why}. Pass bytes that are still there, text or a JSON value.`,
    { plugin, cause },
  );
}

function toJson(plugin: string, fn: string, input: unknown): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(input);
  } catch (error) {
    cause = error;
  }
  if (json !== undefined) return json;
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  throw cordonError(
    'ERR_INPUT',
    `The input of ${JSON.stringify(fn)} of ${plugin} cannot be written as JSON${why}. Pass text, a Uint8Array or a JSON value.`,
    { plugin, cause },
  );
}
