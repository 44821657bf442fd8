import { type AskingImport, wasmSignature } from './asking-import.js';
import type { GuestContext } from './guest-context.js';
import type { HostFunctionImport, RawAnswer } from './protocol.js';

/**
 * A host function that reads the guest's blocks itself, makes new ones, and sets vars and the error text, as host
 * functions of Extism's SDK do. The host works on what it was told of the waiting guest; here what it did is done.
 */
export function rawFunctionImport(
  guest: GuestContext,
  index: number,
  { params, result }: HostFunctionImport,
): AskingImport {
  const { kernel, vars } = guest;
  return {
    ...wasmSignature(params, result),
    ask: (args) => ({
      kind: 'raw-function',
      index,
      args,
      memory: kernel.sharedBuffer,
      top: kernel.top,
      room: guest.blockRoom,
      logLevel: guest.logLevel,
      vars: vars.changes(),
      varBytes: vars.byteLength,
    }),
    answer(value) {
      const answer = value as RawAnswer;
      for (const block of answer.blocks) if (kernel.push(block) === 0) noRoom(guest, block.byteLength);
      for (const [name, value] of answer.vars) {
        if (value === undefined) vars.delete(name);
        else vars.set(name, value);
      }
      guest.logLevel = answer.logLevel;
      if (answer.error !== undefined) kernel.setError(guest.store(answer.error));
      return result === 'void' ? undefined : answer.result;
    },
  };
}

function noRoom(guest: GuestContext, wanted: number): never {
  const { memoryBytes } = guest.spec.limits;
  return guest.stopFor('memory', {
    code: 'ERR_MEMORY',
    message: `A host function of ${guest.spec.plugin} made a block of ${wanted} bytes, and limits.memoryBytes (${memoryBytes}) leaves no room for it.`,
    details: { limit: memoryBytes, wanted },
  });
}
