import { cordonError } from '../../errors/cordon-error.js';
import type { WasiContext } from './context.js';
import type { GuestMemory } from './guest-memory.js';
import type { WasiFunctions } from './signatures.js';

/** What a program gets as arguments, and as environment, together with their NULs. */
export const MAX_ARGS_BYTES = 64 * 1024;
export const MAX_ENVIRON_BYTES = 128 * 1024;

type Names = 'args_get' | 'args_sizes_get' | 'environ_get' | 'environ_sizes_get';

export function argsAndEnviron({
  memory,
  args,
  environ,
  onEnviron,
}: WasiContext): Pick<WasiFunctions, Names> {
  return {
    args_get: (pointers, buffer) => putStrings(memory, args, pointers, buffer),
    args_sizes_get: (count, bytes) => putSizes(memory, args, count, bytes),
    environ_get(pointers, buffer) {
      onEnviron();
      putStrings(memory, environ, pointers, buffer);
    },
    environ_sizes_get(count, bytes) {
      onEnviron();
      putSizes(memory, environ, count, bytes);
    },
  };
}

/** @throws ERR_OPTIONS for a NUL or more than 64 KiB. */
export function encodeArgs(args: readonly string[]): Uint8Array[] {
  for (const arg of args) if (arg.includes('\0')) throw stringError('argument', arg);
  return encode(args, 'arguments', MAX_ARGS_BYTES);
}

/** @throws ERR_OPTIONS for a name with `=`, a NUL, or more than 128 KiB. */
export function encodeEnviron(env: Readonly<Record<string, string>>): Uint8Array[] {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (name === '' || /[=\0]/.test(name) || value.includes('\0'))
      throw stringError('environment variable', name);
    lines.push(`${name}=${value}`);
  }
  return encode(lines, 'environment variables', MAX_ENVIRON_BYTES);
}

function encode(strings: readonly string[], what: string, limit: number): Uint8Array[] {
  const encoded = strings.map((text) => Buffer.from(`${text}\0`));
  const observed = totalBytes(encoded);
  if (observed <= limit) return encoded;
  throw cordonError('ERR_OPTIONS', `The ${what} of a plugin have ${observed} bytes; ${limit} are allowed`, {
    details: { limit, observed },
  });
}

function stringError(what: string, text: string): Error {
  return cordonError('ERR_OPTIONS', `Not usable as an ${what}: ${JSON.stringify(text)}`, {
    details: { [what]: text },
  });
}

function totalBytes(strings: readonly Uint8Array[]): number {
  return strings.reduce((sum, bytes) => sum + bytes.byteLength, 0);
}

function putSizes(memory: GuestMemory, strings: readonly Uint8Array[], count: number, bytes: number): void {
  memory.check(count, 4);
  memory.setU32(bytes, totalBytes(strings));
  memory.setU32(count, strings.length);
}

function putStrings(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  pointers: number,
  buffer: number,
): void {
  const table = memory.view(pointers, strings.length * 4);
  const target = memory.bytes(buffer, totalBytes(strings));
  let offset = 0;
  for (const [index, bytes] of strings.entries()) {
    table.setUint32(index * 4, buffer + offset, true);
    target.set(bytes, offset);
    offset += bytes.byteLength;
  }
}
