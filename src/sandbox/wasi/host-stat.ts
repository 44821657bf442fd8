import type { BigIntStats } from 'node:fs';
import { FILE_TYPE, type FileStat, type FileType } from './file-tree.js';

function typeOf(stat: BigIntStats): FileType {
  if (stat.isFile()) return FILE_TYPE.file;
  if (stat.isDirectory()) return FILE_TYPE.folder;
  if (stat.isSymbolicLink()) return FILE_TYPE.symlink;
  if (stat.isCharacterDevice()) return FILE_TYPE.characterDevice;
  if (stat.isBlockDevice()) return FILE_TYPE.blockDevice;
  if (stat.isSocket()) return FILE_TYPE.socketStream;
  return FILE_TYPE.unknown;
}

export function fromHostStat(stat: BigIntStats): FileStat {
  return {
    device: stat.dev,
    inode: stat.ino,
    type: typeOf(stat),
    links: stat.nlink,
    size: stat.size,
    accessed: stat.atimeNs,
    modified: stat.mtimeNs,
    changed: stat.ctimeNs,
  };
}
