import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { type Anchor, hardLinkRefused, symlinkRefused } from './anchor.js';
import { DescriptorAnchor, hasDescriptorPaths } from './descriptor-anchor.js';
import { Fault, quoted } from './fault.js';
import {
  FILE_TYPE,
  type FileStat,
  type Folder,
  MAX_DEPTH,
  type NewTimes,
  type OpenFile,
  type OpenHow,
} from './file-tree.js';
import { HostFile, inSeconds } from './host-file.js';
import { hostOpen } from './host-open.js';
import { fromHostStat } from './host-stat.js';
import { PathAnchor } from './path-anchor.js';

/** How a swap can make a name vanish and reappear between two looks; after that many it is no accident. */
const CREATE_ATTEMPTS = 3;

/** A directory on the host's disk. */
export class HostFolder implements Folder {
  readonly depth: number;
  readonly #anchor: Anchor;

  private constructor(anchor: Anchor, depth: number) {
    this.#anchor = anchor;
    this.depth = depth;
  }

  static root(hostPath: string, byDescriptor = hasDescriptorPaths()): HostFolder {
    return new HostFolder(byDescriptor ? DescriptorAnchor.root(hostPath) : PathAnchor.root(hostPath), 0);
  }

  stat(): FileStat {
    return fromHostStat(this.#anchor.stat());
  }

  statEntry(name: string): FileStat {
    return fromHostStat(lstatSync(this.#anchor.entry(name), { bigint: true }));
  }

  folder(name: string): Folder {
    this.#assertDepth();
    return new HostFolder(this.#anchor.child(name), this.depth + 1);
  }

  again(): Folder {
    return new HostFolder(this.#anchor.again(), this.depth);
  }

  openFile(name: string, how: OpenHow): { file: OpenFile; created: boolean } {
    const access = how.write ? (how.read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
    const flags = access | (how.sync ? (constants.O_SYNC ?? 0) : 0);
    for (let attempt = 1; ; attempt++) {
      const fd = how.exclusive ? undefined : this.#openExisting(name, flags, how.create);
      if (fd !== undefined) return { file: checkedFile(fd, name, how.write), created: false };
      try {
        // O_EXCL creates or fails: it follows nothing and opens nothing that was there.
        const created = hostOpen(this.#anchor.entry(name), flags | constants.O_CREAT | constants.O_EXCL);
        return { file: new HostFile(created), created: true };
      } catch (error) {
        const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
        if (!exists || how.exclusive || attempt === CREATE_ATTEMPTS) throw error;
      }
    }
  }

  createFolder(name: string): void {
    this.#assertDepth();
    mkdirSync(this.#anchor.entry(name));
  }

  removeFolder(name: string): void {
    rmdirSync(this.#anchor.entry(name));
  }

  removeFile(name: string): void {
    // Linux says EISDIR by itself; elsewhere unlinking a directory is EPERM, or even done.
    if (this.statEntry(name).type === FILE_TYPE.folder) throw new Fault('ISDIR');
    unlinkSync(this.#anchor.entry(name));
  }

  rename(name: string, to: Folder, newName: string): void {
    if (!(to instanceof HostFolder)) throw new Fault('XDEV');
    // A relative link means another file from another place, and other programs of the host may follow it.
    if (this.statEntry(name).type === FILE_TYPE.symlink) throw symlinkRefused(name);
    renameSync(this.#anchor.entry(name), to.#anchor.entry(newName));
  }

  setTimes(times: NewTimes): void {
    const now = this.stat();
    utimesSync(
      this.#anchor.self(),
      inSeconds(times.accessed ?? now.accessed),
      inSeconds(times.modified ?? now.modified),
    );
  }

  names(limit: number): string[] {
    const names: string[] = [];
    const reader = opendirSync(this.#anchor.self());
    try {
      for (let entry = reader.readSync(); entry !== null; entry = reader.readSync()) {
        // Node puts U+FFFD where a name is not UTF-8; such a file has no name that a guest could say.
        if (entry.name.includes('\ufffd')) continue;
        if (names.length === limit) throw new Fault('OVERFLOW');
        names.push(entry.name);
      }
    } finally {
      reader.closeSync();
    }
    return names;
  }

  close(): void {
    this.#anchor.close();
  }

  #assertDepth(): void {
    if (this.depth >= MAX_DEPTH) throw new Fault('NAMETOOLONG');
  }

  #openExisting(name: string, flags: number, orCreate: boolean): number | undefined {
    try {
      return this.#anchor.openExisting(name, flags);
    } catch (error) {
      const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (orCreate && absent) return undefined;
      throw error;
    }
  }
}

function checkedFile(fd: number, name: string, forWriting: boolean): HostFile {
  const stat = fstatSync(fd, { bigint: true });
  if (!forWriting || stat.nlink <= 1n) return new HostFile(fd);
  closeSync(fd);
  throw hardLinkRefused(quoted(name), stat.nlink);
}
