import { cordonError } from '../../errors/cordon-error.js';
import type { LinearMemory } from '../../wasm/web-assembly.js';
import { Fault } from './fault.js';

/**
 * The guest's memory, with every address checked. The buffer is looked up at each access, because growing the memory
 * detaches the one before; nothing that is returned here may be kept past the call.
 */
export class GuestMemory {
  #memory: LinearMemory | undefined;

  /** @throws ERR_FEATURE for a shared memory, which another thread could change between a check and its use. */
  bind(memory: LinearMemory): void {
    if (!(memory.buffer instanceof ArrayBuffer)) {
      throw cordonError('ERR_FEATURE', 'WASI needs a memory of its own; this one is shared between threads');
    }
    this.#memory = memory;
  }

  /** Answers EFAULT unless `length` bytes at `address` are the guest's; so does everything while no memory is bound. */
  check(address: number, length: number): ArrayBuffer {
    const buffer = this.#memory?.buffer;
    // A sum of two unsigned 32-bit numbers is exact in a double: no wrap to think about.
    if (buffer === undefined || address + length > buffer.byteLength) throw new Fault('FAULT');
    return buffer;
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.check(address, length), address, length);
  }

  view(address: number, length: number): DataView {
    return new DataView(this.check(address, length), address, length);
  }

  setU32(address: number, value: number): void {
    this.view(address, 4).setUint32(0, value, true);
  }

  setU64(address: number, value: bigint): void {
    this.view(address, 8).setBigUint64(0, value, true);
  }
}
