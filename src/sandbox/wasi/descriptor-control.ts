import { requireRight } from './access.js';
import type { WasiContext } from './context.js';
import type { Descriptor, FolderDescriptor } from './descriptors.js';
import { Fault } from './fault.js';
import { FDFLAG_APPEND } from './file-access.js';
import { FILE_TYPE, type FileType } from './file-tree.js';
import { RIGHT } from './rights.js';
import type { WasiFunctions } from './signatures.js';

const FDFLAG_NONBLOCK = 4;
const FDSTAT_BYTES = 24;
const PRESTAT_BYTES = 8;

type Names =
  | 'fd_close'
  | 'fd_renumber'
  | 'fd_fdstat_get'
  | 'fd_fdstat_set_flags'
  | 'fd_fdstat_set_rights'
  | 'fd_prestat_get'
  | 'fd_prestat_dir_name';

export function descriptorControl({ memory, descriptors }: WasiContext): Pick<WasiFunctions, Names> {
  function preopen(fd: number): FolderDescriptor {
    const descriptor = descriptors.get(fd);
    // Guests count up from 3 until EBADF to find their mounts.
    if (descriptor.kind !== 'folder' || !descriptor.preopen) throw new Fault('BADF');
    return descriptor;
  }

  return {
    fd_close: (fd) => descriptors.close(fd),
    fd_renumber: (from, to) => descriptors.renumber(from, to),
    fd_fdstat_get(fd, result) {
      const descriptor = descriptors.get(fd);
      const view = memory.view(result, FDSTAT_BYTES);
      view.setBigUint64(0, 0n, true);
      view.setUint8(0, fileType(descriptor));
      view.setUint16(2, descriptor.flags, true);
      view.setBigUint64(8, descriptor.rights.base, true);
      view.setBigUint64(16, descriptor.rights.inheriting, true);
    },
    fd_fdstat_set_flags(fd, flags) {
      const descriptor = descriptors.get(fd);
      requireRight(descriptor, RIGHT.FD_FDSTAT_SET_FLAGS);
      const changeable = FDFLAG_APPEND | FDFLAG_NONBLOCK;
      if ((flags & ~changeable) !== (descriptor.flags & ~changeable)) throw new Fault('NOTSUP');
      descriptor.flags = flags;
    },
    // Rights only ever shrink.
    fd_fdstat_set_rights(fd, base, inheriting) {
      const descriptor = descriptors.get(fd);
      const { rights } = descriptor;
      if ((base & ~rights.base) !== 0n || (inheriting & ~rights.inheriting) !== 0n)
        throw new Fault('NOTCAPABLE');
      descriptor.rights = { base, inheriting };
    },
    fd_prestat_get(fd, result) {
      const { mount } = preopen(fd);
      const view = memory.view(result, PRESTAT_BYTES);
      view.setUint32(0, 0, true);
      view.setUint32(4, Buffer.byteLength(mount.guestPath), true);
    },
    fd_prestat_dir_name(fd, address, length) {
      const name = Buffer.from(preopen(fd).mount.guestPath);
      if (name.byteLength > length) throw new Fault('NAMETOOLONG');
      memory.bytes(address, name.byteLength).set(name);
    },
  };
}

function fileType(descriptor: Descriptor): FileType {
  if (descriptor.kind === 'stream') return FILE_TYPE.characterDevice;
  return descriptor.kind === 'folder' ? FILE_TYPE.folder : FILE_TYPE.file;
}
