import { requireRight } from './access.js';
import type { WasiContext } from './context.js';
import { Fault } from './fault.js';
import { FILE_TYPE, type FileStat, type Folder } from './file-tree.js';
import { readPath } from './paths.js';
import { ENTRY_BYTES } from './quota.js';
import { RIGHT } from './rights.js';
import type { WasiFunctions } from './signatures.js';
import { walk } from './walk.js';

type Names = 'path_create_directory' | 'path_remove_directory' | 'path_unlink_file' | 'path_rename';

/** Functions that change which names there are. */
export function pathChanges({ memory, descriptors }: WasiContext): Pick<WasiFunctions, Names> {
  return {
    path_create_directory(fd, address, length) {
      const descriptor = descriptors.folder(fd);
      const { folder, mount } = descriptor;
      const path = readPath(memory, address, length);
      requireRight(descriptor, RIGHT.PATH_CREATE_DIRECTORY, path);
      walk(folder, path, (parent, name) => {
        if (name === undefined) throw new Fault('EXIST');
        mount.quota?.charge(ENTRY_BYTES);
        try {
          parent.createFolder(name);
        } catch (error) {
          mount.quota?.refund(ENTRY_BYTES);
          throw error;
        }
      });
    },
    path_remove_directory(fd, address, length) {
      const descriptor = descriptors.folder(fd);
      const { folder, mount } = descriptor;
      const path = readPath(memory, address, length);
      requireRight(descriptor, RIGHT.PATH_REMOVE_DIRECTORY, path);
      walk(folder, path, (parent, name) => {
        if (name === undefined) throw new Fault('INVAL');
        parent.removeFolder(name);
        mount.quota?.refund(ENTRY_BYTES);
      });
    },
    path_unlink_file(fd, address, length) {
      const descriptor = descriptors.folder(fd);
      const { folder, mount } = descriptor;
      const path = readPath(memory, address, length);
      requireRight(descriptor, RIGHT.PATH_UNLINK_FILE, path);
      walk(folder, path, (parent, name) => {
        if (name === undefined) throw new Fault('ISDIR');
        const stat = parent.statEntry(name);
        if (path.mustBeFolder) throw new Fault(stat.type === FILE_TYPE.folder ? 'ISDIR' : 'NOTDIR');
        const worth = mount.quota?.worth(stat) ?? 0;
        parent.removeFile(name);
        mount.quota?.refund(worth);
      });
    },
    path_rename(fromFd, fromAddress, fromLength, toFd, toAddress, toLength) {
      const from = descriptors.folder(fromFd);
      const to = descriptors.folder(toFd);
      const fromPath = readPath(memory, fromAddress, fromLength);
      const toPath = readPath(memory, toAddress, toLength);
      requireRight(from, RIGHT.PATH_RENAME_SOURCE, fromPath);
      requireRight(to, RIGHT.PATH_RENAME_TARGET, toPath);
      // As between two disks: programs then copy, and both mounts are theirs.
      if (from.mount !== to.mount) throw new Fault('XDEV');
      walk(from.folder, fromPath, (fromParent, name) => {
        walk(to.folder, toPath, (toParent, newName) => {
          if (name === undefined || newName === undefined) throw new Fault('INVAL');
          const moved = fromParent.statEntry(name);
          if ((fromPath.mustBeFolder || toPath.mustBeFolder) && moved.type !== FILE_TYPE.folder) {
            throw new Fault('NOTDIR');
          }
          const replaced = statIfThere(toParent, newName);
          const worth =
            replaced === undefined || isSame(moved, replaced) ? 0 : (to.mount.quota?.worth(replaced) ?? 0);
          fromParent.rename(name, toParent, newName);
          to.mount.quota?.refund(worth);
        });
      });
    },
  };
}

function statIfThere(parent: Folder, name: string): FileStat | undefined {
  try {
    return parent.statEntry(name);
  } catch {
    // Not there, or not to be looked at: the rename itself says which.
    return undefined;
  }
}

function isSame(one: FileStat, other: FileStat): boolean {
  return one.device === other.device && one.inode === other.inode;
}
