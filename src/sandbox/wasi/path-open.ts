import { assertWritable, pathBelow, requireRight } from './access.js';
import type { WasiContext } from './context.js';
import type { FolderDescriptor } from './descriptors.js';
import { Fault } from './fault.js';
import { FILE_TYPE, type FileType, type Folder } from './file-tree.js';
import { MountedFile } from './mounted-file.js';
import { type GuestPath, readPath } from './paths.js';
import { ENTRY_BYTES } from './quota.js';
import { FILE_RIGHTS, FILE_WRITE_RIGHTS, FOLDER_RIGHTS, RIGHT, type Rights } from './rights.js';
import type { WasiFunctions } from './signatures.js';
import { walk } from './walk.js';

const OFLAG = { create: 1, folder: 2, exclusive: 4, truncate: 8 } as const;
const ALL_OFLAGS = 15;
const FOLLOW = 1;
/** append, dsync, nonblock, rsync, sync */
const ALL_FDFLAGS = 31;
const SYNC_FDFLAGS = 2 | 8 | 16;

/** What one `path_open` asks for, taken apart. */
interface Request {
  readonly path: GuestPath;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  /** Only a directory will do. */
  readonly folderOnly: boolean;
  readonly wantsRead: boolean;
  readonly wantsWrite: boolean;
  readonly rights: Rights;
  readonly flags: number;
}

export function pathOpen(context: WasiContext): Pick<WasiFunctions, 'path_open'> {
  const { memory, descriptors, fileBytes } = context;

  function openFolder(
    base: FolderDescriptor,
    request: Request,
    parent: Folder,
    name: string | undefined,
  ): number {
    if (request.create && request.exclusive) throw new Fault('EXIST');
    if (request.create || request.truncate || (request.wantsWrite && !request.folderOnly))
      throw new Fault('ISDIR');
    return descriptors.add({
      kind: 'folder',
      folder: name === undefined ? parent.again() : parent.folder(name),
      mount: base.mount,
      path: pathBelow(base, request.path),
      preopen: false,
      listing: undefined,
      rights: { base: request.rights.base & FOLDER_RIGHTS, inheriting: request.rights.inheriting },
      flags: request.flags,
    });
  }

  function openFile(base: FolderDescriptor, request: Request, parent: Folder, name: string): number {
    const { quota } = base.mount;
    if (request.create) quota?.measure();
    const { file, created } = parent.openFile(name, {
      read: request.wantsRead || !request.wantsWrite,
      write: request.wantsWrite || request.truncate,
      create: request.create,
      exclusive: request.create && request.exclusive,
      sync: (request.flags & SYNC_FDFLAGS) !== 0,
    });
    try {
      if (created) quota?.charge(ENTRY_BYTES);
    } catch (error) {
      file.close();
      parent.removeFile(name);
      throw error;
    }
    const mounted = new MountedFile(file, quota, fileBytes);
    try {
      if (request.truncate && !created) mounted.resize(0);
    } catch (error) {
      mounted.close();
      throw error;
    }
    return descriptors.add({
      kind: 'file',
      file: mounted,
      mount: base.mount,
      path: pathBelow(base, request.path),
      position: 0,
      rights: {
        base: request.rights.base & (request.wantsWrite ? FILE_RIGHTS : FILE_RIGHTS & ~FILE_WRITE_RIGHTS),
        inheriting: 0n,
      },
      flags: request.flags,
    });
  }

  return {
    path_open(fd, lookup, address, length, oflags, base, inheriting, fdflags, result) {
      const descriptor = descriptors.folder(fd);
      memory.check(result, 4);
      const path = readPath(memory, address, length);
      const request = readRequest(descriptor, path, oflags, { base, inheriting }, fdflags);
      const open = (parent: Folder, name: string | undefined): number => {
        const type = name === undefined ? FILE_TYPE.folder : typeIfThere(parent, name);
        // A guest that asks not to follow a link wants to know, and is not refused anything.
        if (type === FILE_TYPE.symlink && (lookup & FOLLOW) === 0 && !request.exclusive)
          throw new Fault('LOOP');
        return name === undefined || request.folderOnly || type === FILE_TYPE.folder
          ? openFolder(descriptor, request, parent, name)
          : openFile(descriptor, request, parent, name);
      };
      const opened = descriptors.withRoom(() => walk(descriptor.folder, path, open));
      memory.setU32(result, opened);
    },
  };
}

/**
 * Rights that go beyond what the directory can hand on are dropped without a word, as today's runtimes do: libraries
 * ask for all there are, Go for the right to set a size of what it only reads. Reading and writing are meant, though,
 * and refused where they cannot be had; without writing, the other rights to change a file go too.
 */
function readRequest(
  descriptor: FolderDescriptor,
  path: GuestPath,
  oflags: number,
  asked: Rights,
  fdflags: number,
): Request {
  if (oflags > ALL_OFLAGS || fdflags > ALL_FDFLAGS) throw new Fault('INVAL');
  const create = (oflags & OFLAG.create) !== 0;
  const truncate = (oflags & OFLAG.truncate) !== 0;
  const folderOnly = (oflags & OFLAG.folder) !== 0 || path.mustBeFolder;
  if (create && folderOnly) throw new Fault(path.mustBeFolder ? 'ISDIR' : 'INVAL');
  const wantsWrite = (asked.base & RIGHT.FD_WRITE) !== 0n;
  requireRight(descriptor, RIGHT.PATH_OPEN, path);
  if (create) requireRight(descriptor, RIGHT.PATH_CREATE_FILE, path);
  if (truncate) requireRight(descriptor, RIGHT.PATH_FILESTAT_SET_SIZE, path);
  if (wantsWrite && !folderOnly) assertWritable(descriptor, path);
  const meant = asked.base & (RIGHT.FD_READ | RIGHT.FD_WRITE);
  if (!folderOnly && (meant & ~descriptor.rights.inheriting) !== 0n) throw new Fault('NOTCAPABLE');
  return {
    path,
    create,
    exclusive: (oflags & OFLAG.exclusive) !== 0,
    truncate,
    folderOnly,
    wantsRead: (asked.base & RIGHT.FD_READ) !== 0n,
    wantsWrite,
    rights: {
      base: asked.base & descriptor.rights.inheriting,
      inheriting: asked.inheriting & descriptor.rights.inheriting,
    },
    flags: fdflags,
  };
}

function typeIfThere(parent: Folder, name: string): FileType | undefined {
  try {
    return parent.statEntry(name).type;
  } catch {
    // Absent, or not to be looked at: opening it says which.
    return undefined;
  }
}
