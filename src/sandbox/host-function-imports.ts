import { isHeavyJson } from '../manifest/json-weight.js';
import { type AskingImport, wasmSignature } from './asking-import.js';
import type { GuestContext } from './guest-context.js';
import type { HostValueType } from './host-value.js';
import type { HostFunctionImport } from './protocol.js';
import { rawFunctionImport } from './raw-function-import.js';

/** The host functions of a guest, as functions that WebAssembly can import. */
export function hostFunctionImports(guest: GuestContext): Record<string, Record<string, AskingImport>> {
  const imports: Record<string, Record<string, AskingImport>> = {};
  for (const [index, declared] of guest.spec.hostFunctions.entries()) {
    imports[declared.module] ??= {};
    imports[declared.module]![declared.name] = declared.raw
      ? rawFunctionImport(guest, index, declared)
      : hostFunctionImport(guest, index, declared);
  }
  return imports;
}

function hostFunctionImport(
  guest: GuestContext,
  index: number,
  { name, params, result, refused }: HostFunctionImport,
): AskingImport {
  return {
    ...wasmSignature(params, result),
    isRefused: refused !== undefined,
    ask(args) {
      if (refused !== undefined) {
        guest.stopFor('host-function', {
          code: 'ERR_PERMISSION',
          message: refused,
          details: { hostFunction: name },
        });
      }
      for (let i = 0; i < params.length; i++) args[i] = toHost(guest, name, params[i]!, args[i]);
      return { kind: 'host-function', index, args };
    },
    answer: (value) => toGuest(guest, result, value),
  };
}

/** An argument as the host sees it. Offset 0 is an empty block to Extism's PDKs. */
function toHost(guest: GuestContext, name: string, type: HostValueType, raw: unknown): unknown {
  const most = guest.spec.limits.memoryBytes;
  switch (type) {
    case 'bytes':
      return raw === 0n ? new Uint8Array() : guest.readBytes(raw as bigint, name, most);
    case 'text':
      return raw === 0n ? '' : guest.readText(raw as bigint, name, most);
    case 'json':
      return raw === 0n ? '' : readJson(guest, name, raw as bigint);
    default:
      return raw;
  }
}

/** The host has already checked that the value fits the declared type. */
function toGuest(guest: GuestContext, type: HostValueType | 'void', value: unknown): unknown {
  switch (type) {
    case 'void':
      return undefined;
    case 'bytes':
    case 'text':
    case 'json':
      return value === undefined ? 0n : guest.store(value as string | Uint8Array);
    case 'i64':
      return BigInt.asIntN(64, value as bigint);
    default:
      return value;
  }
}

/** JSON is parsed by the application's thread: what would cost it gigabytes does not get there. */
function readJson(guest: GuestContext, name: string, offset: bigint): string {
  const text = guest.readText(offset, name, guest.spec.limits.memoryBytes);
  if (!isHeavyJson(text)) return text;
  return guest.stopFor('host-function', {
    code: 'ERR_HOST_FUNCTION',
    message: `The JSON that ${guest.spec.plugin} handed to the host function "${name}" has more than a million values.`,
    details: { hostFunction: name, characters: text.length },
  });
}
