import { requireRight } from './access.js';
import type { WasiContext } from './context.js';
import type { FolderDescriptor } from './descriptors.js';
import { Fault } from './fault.js';
import { FILE_TYPE, type FileType } from './file-tree.js';
import { RIGHT } from './rights.js';
import type { WasiFunctions } from './signatures.js';

/** Names that an instance may have listed at a time; a directory with more answers EOVERFLOW. */
export const MAX_LISTED_NAMES = 32_768;
const DIRENT_BYTES = 24;

/**
 * The names are read once, at cookie 0, and a cookie is a place among them: what is created or removed meanwhile moves
 * no other entry. The last entry may be cut off where the guest's buffer ends; it asks for that one again.
 */
export function folderListing({ memory, descriptors }: WasiContext): Pick<WasiFunctions, 'fd_readdir'> {
  function list(descriptor: FolderDescriptor): readonly string[] {
    let listed = 0;
    for (const other of descriptors.all()) {
      if (other.kind === 'folder' && other !== descriptor) listed += other.listing?.length ?? 0;
    }
    return ['.', '..', ...descriptor.folder.names(Math.max(0, MAX_LISTED_NAMES - listed))];
  }

  return {
    fd_readdir(fd, address, length, cookie, result) {
      const descriptor = descriptors.folder(fd);
      requireRight(descriptor, RIGHT.FD_READDIR);
      memory.check(result, 4);
      const buffer = memory.bytes(address, length);
      if (cookie === 0n || descriptor.listing === undefined) descriptor.listing = list(descriptor);
      const names = descriptor.listing;
      let used = 0;
      for (let index = Number(cookie); index < names.length && used < length; index++) {
        const entry = encodeEntry(descriptor, names[index]!, index + 1);
        if (entry === undefined) continue;
        const part = entry.subarray(0, length - used);
        buffer.set(part, used);
        used += part.byteLength;
      }
      memory.setU32(result, used);
    },
  };
}

/** Preview 1's `dirent` and the name; undefined for an entry that is gone. */
function encodeEntry(descriptor: FolderDescriptor, name: string, next: number): Buffer | undefined {
  const identity = identify(descriptor, name);
  if (identity === undefined) return undefined;
  const nameBytes = Buffer.from(name);
  const entry = Buffer.alloc(DIRENT_BYTES + nameBytes.byteLength);
  entry.writeBigUInt64LE(BigInt(next), 0);
  entry.writeBigUInt64LE(identity.inode, 8);
  entry.writeUInt32LE(nameBytes.byteLength, 16);
  entry.writeUInt8(identity.type, 20);
  entry.set(nameBytes, DIRENT_BYTES);
  return entry;
}

function identify(descriptor: FolderDescriptor, name: string): { inode: bigint; type: FileType } | undefined {
  // What is above the directory is not the guest's to know, so `..` is answered like `.`.
  if (name === '.' || name === '..') return { inode: descriptor.folder.stat().inode, type: FILE_TYPE.folder };
  try {
    return descriptor.folder.statEntry(name);
  } catch (error) {
    const absent =
      error instanceof Fault ? error.errno === 'NOENT' : error instanceof Error && 'code' in error;
    if (absent) return undefined;
    throw error;
  }
}
