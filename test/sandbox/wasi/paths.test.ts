import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../src/sandbox/wasi/fault.js';
import { parsePath } from '../../../src/sandbox/wasi/paths.js';
import { ScratchFolder } from '../../../src/sandbox/wasi/scratch-folder.js';
import { walk } from '../../../src/sandbox/wasi/walk.js';

function errnoOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error.errno;
    throw error;
  }
  return 'SUCCESS';
}

describe('paths', () => {
  it.each(['a\\b', 'C:', 'a:stream', 'nul', 'COM1.txt', 'con', 'a.', 'a ', 'a?', 'LPT¹'])(
    'with the name %j are refused on Windows and taken elsewhere',
    (name) => {
      expect(errnoOf(() => parsePath(`dir/${name}`, 'win32'))).toBe('NOTCAPABLE');
      expect(errnoOf(() => parsePath(`dir/${name}`, 'linux'))).toBe('SUCCESS');
    },
  );

  it('with plain names are taken on Windows', () => {
    expect(parsePath('../console/nullable.txt', 'win32').components).toEqual([
      '..',
      'console',
      'nullable.txt',
    ]);
  });

  it('lead where their parts lead, and never above their start', () => {
    const root = ScratchFolder.root(() => 0n);
    root.createFolder('a');
    const a = root.folder('a');
    a.createFolder('b');
    const known = new Map([
      ['', root.stat().inode],
      ['a', a.stat().inode],
      ['a/b', a.statEntry('b').inode],
    ]);
    const part = fc.constantFrom('a', 'b', '..', '.', '', 'missing');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const text = parts.join('/');
        fc.pre(text !== '' && !text.startsWith('/'));
        const found = errnoOrInode(() =>
          walk(root, parsePath(text, 'linux'), (folder, name) =>
            name === undefined ? folder.stat().inode : folder.statEntry(name).inode,
          ),
        );
        expect(found).toBe(expected(parts, known));
      }),
    );
  });
});

function errnoOrInode(action: () => bigint): bigint | string {
  let inode: bigint | undefined;
  const errno = errnoOf(() => {
    inode = action();
  });
  return inode ?? errno;
}

/** The same by hand: a list of names that is pushed and popped. */
function expected(parts: string[], known: Map<string, bigint>): bigint | string {
  const at: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return 'NOTCAPABLE';
    } else {
      at.push(part);
      if (!known.has(at.join('/'))) return 'NOENT';
    }
  }
  return known.get(at.join('/')) ?? 'NOENT';
}
