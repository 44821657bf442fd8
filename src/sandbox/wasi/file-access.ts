import { requireRight } from './access.js';
import type { WasiContext } from './context.js';
import type { FileDescriptor } from './descriptors.js';
import { Fault } from './fault.js';
import { MAX_TRANSFER_BYTES, readIovecs } from './iovecs.js';
import { RIGHT } from './rights.js';
import type { WasiFunctions } from './signatures.js';

/** What one `fd_write` takes of standard output: it can make as many lines as it has bytes. */
const MAX_STREAM_BYTES = 64 * 1024;
export const FDFLAG_APPEND = 1;

type Names = 'fd_read' | 'fd_pread' | 'fd_write' | 'fd_pwrite' | 'fd_seek' | 'fd_tell';

export function fileAccess(context: WasiContext): Pick<WasiFunctions, Names> {
  const { memory, descriptors } = context;

  function readAt(descriptor: FileDescriptor, iovecs: number, count: number, position: number): number {
    let total = 0;
    for (const buffer of readIovecs(memory, iovecs, count, MAX_TRANSFER_BYTES)) {
      const read = descriptor.file.read(buffer, position + total);
      total += read;
      if (read < buffer.byteLength) break;
    }
    return total;
  }

  function writeAt(descriptor: FileDescriptor, iovecs: number, count: number, position: number): number {
    let total = 0;
    for (const buffer of readIovecs(memory, iovecs, count, MAX_TRANSFER_BYTES)) {
      try {
        const written = descriptor.file.write(buffer, position + total);
        total += written;
        if (written < buffer.byteLength) break;
      } catch (error) {
        // What is written is written; the guest learns the reason when it comes with the rest.
        if (total === 0 || !(error instanceof Fault)) throw error;
        break;
      }
    }
    return total;
  }

  return {
    fd_read(fd, iovecs, count, result) {
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === 'folder') throw new Fault('ISDIR');
      requireRight(descriptor, RIGHT.FD_READ);
      memory.check(result, 4);
      if (descriptor.kind === 'stream') {
        readIovecs(memory, iovecs, count, 0);
        memory.setU32(result, 0);
        return;
      }
      const total = readAt(descriptor, iovecs, count, descriptor.position);
      descriptor.position += total;
      memory.setU32(result, total);
    },
    fd_pread(fd, iovecs, count, offset, result) {
      const descriptor = descriptors.file(fd);
      requireRight(descriptor, RIGHT.FD_READ | RIGHT.FD_SEEK);
      memory.check(result, 4);
      memory.setU32(result, readAt(descriptor, iovecs, count, position(offset)));
    },
    fd_write(fd, iovecs, count, result) {
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === 'folder') throw new Fault('ISDIR');
      requireRight(descriptor, RIGHT.FD_WRITE);
      memory.check(result, 4);
      if (descriptor.kind === 'stream') {
        const stream = descriptor.stream === 'stderr' ? context.stderr : context.stdout;
        let total = 0;
        for (const buffer of readIovecs(memory, iovecs, count, MAX_STREAM_BYTES)) {
          stream.write(buffer);
          total += buffer.byteLength;
        }
        memory.setU32(result, total);
        return;
      }
      const start = descriptor.flags & FDFLAG_APPEND ? descriptor.file.size() : descriptor.position;
      const total = writeAt(descriptor, iovecs, count, start);
      descriptor.position = start + total;
      memory.setU32(result, total);
    },
    fd_pwrite(fd, iovecs, count, offset, result) {
      const descriptor = descriptors.file(fd);
      requireRight(descriptor, RIGHT.FD_WRITE | RIGHT.FD_SEEK);
      memory.check(result, 4);
      memory.setU32(result, writeAt(descriptor, iovecs, count, position(offset)));
    },
    fd_seek(fd, delta, whence, result) {
      const descriptor = descriptors.file(fd);
      const offset = BigInt.asIntN(64, delta);
      const onlyTells = offset === 0n && whence === 1;
      requireRight(descriptor, onlyTells ? RIGHT.FD_TELL : RIGHT.FD_SEEK);
      memory.check(result, 8);
      const target = BigInt(startOf(descriptor, whence)) + offset;
      if (target < 0n) throw new Fault('INVAL');
      descriptor.position = position(target);
      memory.setU64(result, target);
    },
    fd_tell(fd, result) {
      const descriptor = descriptors.file(fd);
      requireRight(descriptor, RIGHT.FD_TELL);
      memory.setU64(result, BigInt(descriptor.position));
    },
  };
}

function startOf(descriptor: FileDescriptor, whence: number): number {
  if (whence === 0) return 0;
  if (whence === 1) return descriptor.position;
  if (whence === 2) return descriptor.file.size();
  throw new Fault('INVAL');
}

/** Half of what a double counts exactly, so that adding a transfer's length stays exact too. */
const MAX_POSITION = 2n ** 52n;

/** A file offset as a number; EOVERFLOW past 2^52. */
export function position(offset: bigint): number {
  if (offset > MAX_POSITION) throw new Fault('OVERFLOW');
  return Number(offset);
}
