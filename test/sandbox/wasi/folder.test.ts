import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrnoName } from '../../../src/sandbox/wasi/errno.js';
import { errnoOfSystemError } from '../../../src/sandbox/wasi/errno.js';
import { Fault } from '../../../src/sandbox/wasi/fault.js';
import { FILE_TYPE, type Folder, MAX_DEPTH } from '../../../src/sandbox/wasi/file-tree.js';
import { HostFolder } from '../../../src/sandbox/wasi/host-folder.js';
import { ScratchFolder } from '../../../src/sandbox/wasi/scratch-folder.js';
import { TemporaryFolder } from './temporary-folder.js';

const CREATE = { read: true, write: true, create: true, exclusive: false, sync: false };
const OPEN = { ...CREATE, create: false };
const READ = { ...OPEN, write: false };

function errnoOf(action: () => unknown): ErrnoName | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof Fault ? error.errno : errnoOfSystemError(error);
  }
  return 'SUCCESS';
}

function put(folder: Folder, name: string, text: string): void {
  const { file } = folder.openFile(name, CREATE);
  file.write(Buffer.from(text), 0);
  file.close();
}

function get(folder: Folder, name: string): string {
  const { file } = folder.openFile(name, READ);
  const buffer = Buffer.alloc(64);
  const length = file.read(buffer, 0);
  file.close();
  return buffer.toString('utf8', 0, length);
}

const byDescriptor = process.platform === 'linux';

describe.each([
  ...(byDescriptor ? (['a host directory by descriptor'] as const) : []),
  'a host directory by path',
  'a scratch directory',
] as const)('%s', (kind) => {
  let temporary: TemporaryFolder;
  let root: Folder;

  beforeEach(() => {
    temporary = new TemporaryFolder();
    root =
      kind === 'a scratch directory'
        ? ScratchFolder.root(() => 77n)
        : HostFolder.root(temporary.path, kind === 'a host directory by descriptor');
  });
  afterEach(() => {
    root.close();
    temporary[Symbol.dispose]();
  });

  it('creates, reads, lists and removes files', () => {
    expect(errnoOf(() => root.openFile('a', OPEN))).toBe('NOENT');
    put(root, 'a', 'hello');
    put(root, 'b', '');
    expect(get(root, 'a')).toBe('hello');
    expect(root.names(2).sort()).toEqual(['a', 'b']);
    expect(errnoOf(() => root.names(1))).toBe('OVERFLOW');
    expect(root.statEntry('a')).toMatchObject({ type: FILE_TYPE.file, size: 5n, links: 1n });
    root.removeFile('a');
    expect(errnoOf(() => root.statEntry('a'))).toBe('NOENT');
    expect(errnoOf(() => root.removeFile('a'))).toBe('NOENT');
  });

  it('says whether a file was created, and creates exclusively', () => {
    const first = root.openFile('a', CREATE);
    const second = root.openFile('a', CREATE);
    expect([first.created, second.created]).toEqual([true, false]);
    expect(errnoOf(() => root.openFile('a', { ...CREATE, exclusive: true }))).toBe('EXIST');
    first.file.close();
    second.file.close();
  });

  it('cuts and extends a file with zeros', () => {
    const { file } = root.openFile('a', CREATE);
    file.write(Buffer.from('abcdef'), 0);
    file.resize(2);
    file.resize(4);
    file.write(Buffer.from('z'), 5);
    const buffer = Buffer.alloc(16);
    expect(buffer.subarray(0, file.read(buffer, 0)).toString()).toBe('ab\0\0\0z');
    expect(file.read(buffer, 6)).toBe(0);
    expect(file.read(buffer, 1000)).toBe(0);
    file.resize(0);
    expect(file.stat().size).toBe(0n);
    file.close();
  });

  it('makes, enters and removes directories', () => {
    root.createFolder('d');
    expect(errnoOf(() => root.createFolder('d'))).toBe('EXIST');
    expect(errnoOf(() => root.folder('x'))).toBe('NOENT');
    const inner = root.folder('d');
    expect(inner.stat().type).toBe(FILE_TYPE.folder);
    expect(inner.depth).toBe(1);
    put(inner, 'f', 'x');
    expect(errnoOf(() => root.removeFolder('d'))).toBe('NOTEMPTY');
    expect(errnoOf(() => root.removeFile('d'))).toBe('ISDIR');
    expect(errnoOf(() => root.openFile('d', OPEN))).toBe('ISDIR');
    expect(errnoOf(() => inner.folder('f'))).toBe('NOTDIR');
    expect(errnoOf(() => inner.removeFolder('f'))).toBe('NOTDIR');
    inner.removeFile('f');
    root.removeFolder('d');
    expect(errnoOf(() => inner.openFile('f', CREATE))).toMatch(/NOENT|STALE/);
    inner.close();
  });

  it('renames within itself, over files and empty directories only', () => {
    put(root, 'a', 'A');
    put(root, 'b', 'B');
    root.createFolder('d');
    root.createFolder('e');
    const d = root.folder('d');
    root.rename('a', root, 'b');
    expect(get(root, 'b')).toBe('A');
    root.rename('b', d, 'c');
    expect(get(d, 'c')).toBe('A');
    expect(errnoOf(() => root.rename('e', root, 'd'))).toBe('NOTEMPTY');
    expect(errnoOf(() => root.rename('d', root, 'e'))).toBe('SUCCESS');
    put(root, 'f', 'F');
    expect(errnoOf(() => root.rename('e', root, 'f'))).toBe('NOTDIR');
    expect(errnoOf(() => root.rename('f', root, 'e'))).toMatch(/ISDIR|EXIST/);
    const e = root.folder('e');
    expect(errnoOf(() => root.rename('e', e, 'inside'))).toBe('INVAL');
    expect(errnoOf(() => root.rename('nothing', root, 'x'))).toBe('NOENT');
    root.rename('f', root, 'f');
    expect(get(root, 'f')).toBe('F');
    d.close();
    e.close();
  });

  it('sets the times that are given and keeps the others', () => {
    put(root, 'a', 'x');
    const { file } = root.openFile('a', OPEN);
    file.setTimes({ accessed: 1_000_000_000n, modified: 2_000_000_000n });
    file.setTimes({ modified: 3_000_000_000n });
    expect(file.stat()).toMatchObject({ accessed: 1_000_000_000n, modified: 3_000_000_000n });
    file.close();
    root.createFolder('d');
    const d = root.folder('d');
    d.setTimes({ accessed: 4_000_000_000n, modified: 5_000_000_000n });
    expect(d.stat()).toMatchObject({ accessed: 4_000_000_000n, modified: 5_000_000_000n });
    d.close();
  });

  it('neither makes nor enters directories past the deepest level', () => {
    let folder = root;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      folder.createFolder('d');
      const next = folder.folder('d');
      if (folder !== root) folder.close();
      folder = next;
    }
    expect(errnoOf(() => folder.createFolder('d'))).toBe('NAMETOOLONG');
    expect(errnoOf(() => folder.folder('d'))).toBe('NAMETOOLONG');
    put(folder, 'f', 'deep');
    expect(get(folder, 'f')).toBe('deep');
    folder.close();
  });

  it('opens a second handle on itself', () => {
    put(root, 'a', 'x');
    const again = root.again();
    expect(again.names(9)).toEqual(['a']);
    expect(again.stat().inode).toBe(root.stat().inode);
    again.close();
  });
});

describe('a host directory by path', () => {
  it('notices that a directory above it is another one now', () => {
    using temporary = new TemporaryFolder();
    using outside = new TemporaryFolder();
    mkdirSync(temporary.at('d/e'), { recursive: true });
    writeFileSync(outside.at('secret'), 'secret');
    mkdirSync(outside.at('e'));
    writeFileSync(outside.at('e/secret'), 'secret');
    const e = HostFolder.root(temporary.path, false).folder('d').folder('e');
    rmSync(temporary.at('d'), { recursive: true });
    symlinkSync(outside.path, temporary.at('d'));
    expect(errnoOf(() => e.openFile('secret', READ))).toBe('STALE');
    expect(errnoOf(() => e.names(9))).toBe('STALE');
  });

  it('refuses links and directories instead of files', () => {
    using temporary = new TemporaryFolder();
    writeFileSync(temporary.at('f'), 'x');
    symlinkSync('f', temporary.at('link'));
    symlinkSync('.', temporary.at('dirlink'));
    const root = HostFolder.root(temporary.path, false);
    expect(errnoOf(() => root.openFile('link', READ))).toBe('LOOP');
    expect(errnoOf(() => root.openFile('link', CREATE))).toBe('LOOP');
    expect(errnoOf(() => root.folder('dirlink'))).toBe('LOOP');
    expect(errnoOf(() => root.rename('link', root, 'other'))).toBe('LOOP');
  });
});
