import { FILE_TYPE, type FileStat } from './file-tree.js';

interface Times {
  accessed: bigint;
  modified: bigint;
  changed: bigint;
}

export interface ScratchFileNode extends Times {
  readonly type: typeof FILE_TYPE.file;
  readonly inode: bigint;
  links: number;
  /** The allocation; `size` bytes of it are the file. */
  bytes: Uint8Array;
  size: number;
}

export interface ScratchFolderNode extends Times {
  readonly type: typeof FILE_TYPE.folder;
  readonly inode: bigint;
  /** The root is its own parent; a removed directory has none. */
  parent: ScratchFolderNode | undefined;
  readonly entries: Map<string, ScratchNode>;
}

export type ScratchNode = ScratchFileNode | ScratchFolderNode;

/** Makes the nodes of one in-memory mount: it numbers them and knows the time. */
export class ScratchNodes {
  readonly #now: () => bigint;
  #last = 0n;

  constructor(now: () => bigint) {
    this.#now = now;
  }

  now(): bigint {
    return this.#now();
  }

  file(): ScratchFileNode {
    return { type: FILE_TYPE.file, links: 1, bytes: new Uint8Array(0), size: 0, ...this.#identity() };
  }

  folder(parent: ScratchFolderNode | undefined): ScratchFolderNode {
    const node: ScratchFolderNode = {
      type: FILE_TYPE.folder,
      parent,
      entries: new Map(),
      ...this.#identity(),
    };
    node.parent ??= node;
    return node;
  }

  touch(node: ScratchNode): void {
    node.modified = this.#now();
    node.changed = node.modified;
  }

  #identity(): Times & { inode: bigint } {
    const now = this.#now();
    return { inode: ++this.#last, accessed: now, modified: now, changed: now };
  }
}

export function scratchStat(node: ScratchNode): FileStat {
  return {
    device: 0n,
    inode: node.inode,
    type: node.type,
    links: BigInt(node.type === FILE_TYPE.file ? node.links : 1),
    size: BigInt(node.type === FILE_TYPE.file ? node.size : 0),
    accessed: node.accessed,
    modified: node.modified,
    changed: node.changed,
  };
}
