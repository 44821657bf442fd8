import { Fault, quoted, refusePath } from './fault.js';
import type { GuestMemory } from './guest-memory.js';

/** Linux's PATH_MAX and NAME_MAX, in bytes. */
const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/** A guest's path, taken apart. */
export interface GuestPath {
  readonly text: string;
  /** Without empty ones and `.`; `..` is kept, because what is before it must be there and be a directory. */
  readonly components: readonly string[];
  /** It ends in `/` or `/.`: only a directory will do. */
  readonly mustBeFolder: boolean;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads and checks a path: ENAMETOOLONG, EILSEQ (not UTF-8), EINVAL (a NUL), ENOENT (empty), ENOTCAPABLE (absolute). */
export function readPath(memory: GuestMemory, address: number, length: number): GuestPath {
  const bytes = memory.bytes(address, length);
  if (length > MAX_PATH_BYTES) throw new Fault('NAMETOOLONG');
  return parsePath(decodePath(bytes));
}

function decodePath(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Fault('ILSEQ');
  }
}

export function parsePath(text: string, platform: NodeJS.Platform = process.platform): GuestPath {
  if (text === '') throw new Fault('NOENT');
  if (text.includes('\0')) throw new Fault('INVAL');
  if (text.startsWith('/')) {
    throw refusePath(
      'NOTCAPABLE',
      'escape',
      `The path ${quoted(text)} is absolute; WASI paths start at a mount`,
    );
  }
  const parts = text.split('/');
  const components = parts.filter((part) => part !== '' && part !== '.');
  for (const name of components) {
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new Fault('NAMETOOLONG');
    if (platform === 'win32' && !isPlainWindowsName(name)) {
      throw refusePath('NOTCAPABLE', 'special-file', `${quoted(name)} is not a plain file name on Windows`);
    }
  }
  const last = parts.at(-1);
  return { text, components, mustBeFolder: last === '' || last === '.' };
}

/** Backslashes, drives, streams (`a:b`), devices (`NUL`, `COM1.txt`), and the trailing dots and spaces that Windows drops. */
function isPlainWindowsName(name: string): boolean {
  if (name === '..') return true;
  if (/[\\/:*?"<>|\u0000-\u001f]/.test(name) || /[. ]$/.test(name)) return false;
  return !/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i.test(name);
}
