import { Fault } from './fault.js';
import type { GuestMemory } from './guest-memory.js';

/** POSIX's IOV_MAX on Linux. */
const MAX_VECTORS = 1024;
const VECTOR_BYTES = 8;

/** 1 024 vectors may all name the same 64 MiB; a short count is a legal answer, hours of copying are not. */
export const MAX_TRANSFER_BYTES = 16 * 1024 * 1024;

/**
 * The buffers that a guest's iovec array names, at most `limit` bytes together; what goes past it is left out and the
 * guest sees a short count. EINVAL for more than 1 024 vectors, EFAULT for any that leaves the memory.
 */
export function readIovecs(memory: GuestMemory, address: number, count: number, limit: number): Uint8Array[] {
  if (count > MAX_VECTORS) throw new Fault('INVAL');
  const table = memory.view(address, count * VECTOR_BYTES);
  const buffers: Uint8Array[] = [];
  let left = limit;
  for (let offset = 0; offset < count * VECTOR_BYTES; offset += VECTOR_BYTES) {
    const bytes = memory.bytes(table.getUint32(offset, true), table.getUint32(offset + 4, true));
    const taken = Math.min(bytes.byteLength, left);
    if (taken > 0) buffers.push(bytes.subarray(0, taken));
    left -= taken;
  }
  return buffers;
}
