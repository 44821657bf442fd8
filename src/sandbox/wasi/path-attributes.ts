import { requireRight } from './access.js';
import { symlinkRefused } from './anchor.js';
import type { WasiContext } from './context.js';
import { Fault } from './fault.js';
import { newTimes, putFileStat } from './file-attributes.js';
import { FILE_TYPE, type FileStat, type Folder, type NewTimes } from './file-tree.js';
import { readPath } from './paths.js';
import { RIGHT } from './rights.js';
import type { WasiFunctions } from './signatures.js';
import { walk } from './walk.js';

const FOLLOW = 1;
const FILESTAT_BYTES = 64;

type Names = 'path_filestat_get' | 'path_filestat_set_times';

export function pathAttributes(context: WasiContext): Pick<WasiFunctions, Names> {
  const { memory, descriptors } = context;
  return {
    path_filestat_get(fd, lookup, address, length, result) {
      const descriptor = descriptors.folder(fd);
      memory.check(result, FILESTAT_BYTES);
      const path = readPath(memory, address, length);
      requireRight(descriptor, RIGHT.PATH_FILESTAT_GET, path);
      const stat = walk(descriptor.folder, path, (parent, name): FileStat => {
        if (name === undefined) return parent.stat();
        const found = parent.statEntry(name);
        const follows = (lookup & FOLLOW) !== 0 || path.mustBeFolder;
        if (found.type === FILE_TYPE.symlink && follows) throw symlinkRefused(name);
        if (found.type !== FILE_TYPE.folder && path.mustBeFolder) throw new Fault('NOTDIR');
        return found;
      });
      putFileStat(memory, result, descriptor.mount.device, stat);
    },
    path_filestat_set_times(fd, _lookup, address, length, accessed, modified, flags) {
      const descriptor = descriptors.folder(fd);
      const path = readPath(memory, address, length);
      requireRight(descriptor, RIGHT.PATH_FILESTAT_SET_TIMES, path);
      const times = newTimes(context, accessed, modified, flags);
      walk(descriptor.folder, path, (parent, name) => {
        if (name === undefined) parent.setTimes(times);
        else setEntryTimes(parent, name, path.mustBeFolder, times);
      });
    },
  };
}

/** Through an open file or directory, so that no link is ever followed to the one that is changed. */
function setEntryTimes(parent: Folder, name: string, mustBeFolder: boolean, times: NewTimes): void {
  if (mustBeFolder || parent.statEntry(name).type === FILE_TYPE.folder) {
    const folder = parent.folder(name);
    try {
      folder.setTimes(times);
    } finally {
      folder.close();
    }
    return;
  }
  // For writing, because that is what a file with a second name must not be opened for.
  const how = { read: false, write: true, create: false, exclusive: false, sync: false };
  const { file } = parent.openFile(name, how);
  try {
    file.setTimes(times);
  } finally {
    file.close();
  }
}
