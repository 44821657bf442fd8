import type { WasiContext } from './context.js';
import { Fault, refusePath } from './fault.js';
import { FILE_TYPE } from './file-tree.js';
import { readPath } from './paths.js';
import type { WasiFunctions } from './signatures.js';
import { walk } from './walk.js';

type Names =
  | 'path_link'
  | 'path_symlink'
  | 'path_readlink'
  | 'sock_accept'
  | 'sock_recv'
  | 'sock_send'
  | 'sock_shutdown';

/** What no grant can allow: links of either kind, and sockets. */
export function notGranted({ memory, descriptors }: WasiContext): Pick<WasiFunctions, Names> {
  const refuseSocket = (): never => {
    throw new Fault('NOTCAPABLE', {
      kind: 'env',
      reason: 'socket',
      message: 'Sockets are not offered to plugins; HTTP goes through the host, under permissions.http',
    });
  };
  return {
    path_link(fromFd, _flags, from, fromLength, toFd, to, toLength) {
      descriptors.folder(fromFd);
      descriptors.folder(toFd);
      memory.check(from, fromLength);
      memory.check(to, toLength);
      throw refusePath('NOTCAPABLE', 'hard-link', 'Plugins make no hard links');
    },
    path_symlink(target, targetLength, fd, path, length) {
      descriptors.folder(fd);
      memory.check(target, targetLength);
      memory.check(path, length);
      throw refusePath('NOTCAPABLE', 'symlink', 'Plugins make no symbolic links');
    },
    path_readlink(fd, path, length, buffer, bufferLength, used) {
      const { folder } = descriptors.folder(fd);
      memory.check(buffer, bufferLength);
      memory.check(used, 4);
      const type = walk(folder, readPath(memory, path, length), (parent, name) =>
        name === undefined ? FILE_TYPE.folder : parent.statEntry(name).type,
      );
      // `realpath` asks this of every component and takes EINVAL for "no link, go on".
      if (type !== FILE_TYPE.symlink) throw new Fault('INVAL');
      throw refusePath('NOTCAPABLE', 'symlink', 'Plugins do not read symbolic links');
    },
    sock_accept: refuseSocket,
    sock_recv: refuseSocket,
    sock_send: refuseSocket,
    sock_shutdown: refuseSocket,
  };
}
