import { requireRight } from './access.js';
import type { WasiContext } from './context.js';
import { Fault } from './fault.js';
import { position } from './file-access.js';
import { FILE_TYPE, type FileStat, type NewTimes } from './file-tree.js';
import type { GuestMemory } from './guest-memory.js';
import { RIGHT } from './rights.js';
import type { WasiFunctions } from './signatures.js';

const FILESTAT_BYTES = 64;
const LAST_ADVICE = 5;
const TIME = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const;

type Names =
  | 'fd_filestat_get'
  | 'fd_filestat_set_size'
  | 'fd_filestat_set_times'
  | 'fd_allocate'
  | 'fd_advise'
  | 'fd_sync'
  | 'fd_datasync';

export function fileAttributes(context: WasiContext): Pick<WasiFunctions, Names> {
  const { memory, descriptors } = context;

  function sync(fd: number, right: bigint): void {
    const descriptor = descriptors.get(fd);
    if (descriptor.kind === 'stream') throw new Fault('INVAL');
    requireRight(descriptor, right);
    const writes = (descriptor.rights.base & RIGHT.FD_WRITE) !== 0n;
    if (descriptor.kind === 'file' && writes) descriptor.file.sync();
  }

  return {
    fd_filestat_get(fd, result) {
      const descriptor = descriptors.get(fd);
      requireRight(descriptor, RIGHT.FD_FILESTAT_GET);
      memory.check(result, FILESTAT_BYTES);
      if (descriptor.kind === 'stream') putFileStat(memory, result, 0n, STREAM_STAT);
      else {
        const stat = descriptor.kind === 'file' ? descriptor.file.stat() : descriptor.folder.stat();
        putFileStat(memory, result, descriptor.mount.device, stat);
      }
    },
    fd_filestat_set_size(fd, size) {
      const descriptor = descriptors.file(fd);
      requireRight(descriptor, RIGHT.FD_FILESTAT_SET_SIZE);
      descriptor.file.resize(position(size));
    },
    fd_filestat_set_times(fd, accessed, modified, flags) {
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === 'stream') throw new Fault('NOTCAPABLE');
      requireRight(descriptor, RIGHT.FD_FILESTAT_SET_TIMES);
      const times = newTimes(context, accessed, modified, flags);
      if (descriptor.kind === 'file') descriptor.file.setTimes(times);
      else descriptor.folder.setTimes(times);
    },
    // It makes the file long enough. Blocks are not reserved: a full disk may still say ENOSPC later.
    fd_allocate(fd, offset, length) {
      const descriptor = descriptors.file(fd);
      requireRight(descriptor, RIGHT.FD_ALLOCATE);
      if (length === 0n) throw new Fault('INVAL');
      const end = position(offset) + position(length);
      if (end > descriptor.file.size()) descriptor.file.resize(end);
    },
    fd_advise(fd, _offset, _length, advice) {
      const descriptor = descriptors.file(fd);
      requireRight(descriptor, RIGHT.FD_ADVISE);
      if (advice > LAST_ADVICE) throw new Fault('INVAL');
    },
    fd_sync: (fd) => sync(fd, RIGHT.FD_SYNC),
    fd_datasync: (fd) => sync(fd, RIGHT.FD_DATASYNC),
  };
}

const STREAM_STAT: FileStat = {
  device: 0n,
  inode: 0n,
  type: FILE_TYPE.characterDevice,
  links: 1n,
  size: 0n,
  accessed: 0n,
  modified: 0n,
  changed: 0n,
};

/** Preview 1's `filestat`. */
export function putFileStat(memory: GuestMemory, address: number, device: bigint, stat: FileStat): void {
  const view = memory.view(address, FILESTAT_BYTES);
  view.setBigUint64(0, device, true);
  view.setBigUint64(8, stat.inode, true);
  view.setBigUint64(16, BigInt(stat.type), true);
  view.setBigUint64(24, stat.links, true);
  view.setBigUint64(32, stat.size, true);
  view.setBigUint64(40, stat.accessed, true);
  view.setBigUint64(48, stat.modified, true);
  view.setBigUint64(56, stat.changed, true);
}

/** The times that `fstflags` choose; EINVAL where they ask for a given time and for now. */
export function newTimes(context: WasiContext, accessed: bigint, modified: bigint, flags: number): NewTimes {
  const both = TIME.accessed | TIME.accessedNow;
  const bothModified = TIME.modified | TIME.modifiedNow;
  if ((flags & both) === both || (flags & bothModified) === bothModified || flags > (both | bothModified)) {
    throw new Fault('INVAL');
  }
  const now = context.clock.realtimeNs();
  return {
    ...(flags & both ? { accessed: flags & TIME.accessed ? accessed : now } : {}),
    ...(flags & bothModified ? { modified: flags & TIME.modified ? modified : now } : {}),
  };
}
