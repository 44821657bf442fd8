import { Fault } from './fault.js';
import {
  FILE_TYPE,
  type FileStat,
  type Folder,
  MAX_DEPTH,
  type NewTimes,
  type OpenFile,
  type OpenHow,
} from './file-tree.js';
import { ScratchFile } from './scratch-file.js';
import { type ScratchFolderNode, type ScratchNode, ScratchNodes, scratchStat } from './scratch-nodes.js';

/** A directory that lives in memory and ends with its instance. */
export class ScratchFolder implements Folder {
  readonly depth: number;
  readonly #node: ScratchFolderNode;
  readonly #nodes: ScratchNodes;

  private constructor(node: ScratchFolderNode, nodes: ScratchNodes, depth: number) {
    this.#node = node;
    this.#nodes = nodes;
    this.depth = depth;
  }

  /** `now` answers nanoseconds since 1970. */
  static root(now: () => bigint): ScratchFolder {
    const nodes = new ScratchNodes(now);
    return new ScratchFolder(nodes.folder(undefined), nodes, 0);
  }

  stat(): FileStat {
    return scratchStat(this.#node);
  }

  statEntry(name: string): FileStat {
    return scratchStat(this.#entry(name));
  }

  folder(name: string): Folder {
    this.#assertDepth();
    const node = this.#entry(name);
    if (node.type !== FILE_TYPE.folder) throw new Fault('NOTDIR');
    return new ScratchFolder(node, this.#nodes, this.depth + 1);
  }

  again(): Folder {
    return this;
  }

  openFile(name: string, how: OpenHow): { file: OpenFile; created: boolean } {
    const found = this.#node.entries.get(name);
    if (found === undefined) {
      if (!how.create) throw new Fault('NOENT');
      const node = this.#nodes.file();
      this.#add(name, node);
      return { file: new ScratchFile(node, this.#nodes), created: true };
    }
    if (how.exclusive) throw new Fault('EXIST');
    if (found.type === FILE_TYPE.folder) throw new Fault('ISDIR');
    return { file: new ScratchFile(found, this.#nodes), created: false };
  }

  createFolder(name: string): void {
    this.#assertDepth();
    if (this.#node.entries.has(name)) throw new Fault('EXIST');
    this.#add(name, this.#nodes.folder(this.#node));
  }

  removeFolder(name: string): void {
    const node = this.#entry(name);
    if (node.type !== FILE_TYPE.folder) throw new Fault('NOTDIR');
    if (node.entries.size > 0) throw new Fault('NOTEMPTY');
    this.#drop(name);
  }

  removeFile(name: string): void {
    if (this.#entry(name).type === FILE_TYPE.folder) throw new Fault('ISDIR');
    this.#drop(name);
  }

  rename(name: string, to: Folder, newName: string): void {
    if (!(to instanceof ScratchFolder)) throw new Fault('XDEV');
    const node = this.#entry(name);
    if (to.#node.parent === undefined) throw new Fault('NOENT');
    const replaced = to.#node.entries.get(newName);
    if (replaced === node) return;
    if (node.type === FILE_TYPE.folder && isWithin(to.#node, node)) throw new Fault('INVAL');
    if (replaced !== undefined) {
      if (node.type === FILE_TYPE.folder) to.removeFolder(newName);
      else to.removeFile(newName);
    }
    this.#node.entries.delete(name);
    this.#nodes.touch(this.#node);
    to.#add(newName, node);
    if (node.type === FILE_TYPE.folder) node.parent = to.#node;
  }

  setTimes(times: NewTimes): void {
    this.#node.accessed = times.accessed ?? this.#node.accessed;
    this.#node.modified = times.modified ?? this.#node.modified;
    this.#node.changed = this.#nodes.now();
  }

  names(limit: number): string[] {
    if (this.#node.entries.size > limit) throw new Fault('OVERFLOW');
    return [...this.#node.entries.keys()];
  }

  close(): void {}

  #entry(name: string): ScratchNode {
    const node = this.#node.entries.get(name);
    if (node === undefined) throw new Fault('NOENT');
    return node;
  }

  #add(name: string, node: ScratchNode): void {
    if (this.#node.parent === undefined) throw new Fault('NOENT');
    this.#node.entries.set(name, node);
    this.#nodes.touch(this.#node);
  }

  #drop(name: string): void {
    const node = this.#entry(name);
    if (node.type === FILE_TYPE.folder) node.parent = undefined;
    else node.links = 0;
    this.#node.entries.delete(name);
    this.#nodes.touch(this.#node);
  }

  #assertDepth(): void {
    if (this.depth >= MAX_DEPTH) throw new Fault('NAMETOOLONG');
  }
}

function isWithin(folder: ScratchFolderNode, outer: ScratchFolderNode): boolean {
  let at: ScratchFolderNode | undefined = folder;
  while (at !== undefined && at !== outer) at = at.parent === at ? undefined : at.parent;
  return at === outer;
}
