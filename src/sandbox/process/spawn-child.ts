import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuestSpec } from '../protocol.js';
import type { ChildTerms } from './child-terms.js';

const ENTRY = fileURLToPath(new URL('./child-entry.js', import.meta.url));
const WINDOWS = process.platform === 'win32';
/** What a Node cannot do without: where the system's libraries are. Everything else of the environment stays here. */
const NEEDED = WINDOWS ? ['SystemRoot'] : ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];

/** Starts the child of one plugin. Its last descriptors are those of `CHILD_FD`. */
export function spawnChild(spec: GuestSpec, terms: ChildTerms, controlFd: number): ChildProcess {
  return spawn(process.execPath, [...nodeFlags(spec), ENTRY, JSON.stringify(terms)], {
    cwd: dirname(ENTRY),
    env: childEnv(),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', controlFd],
    // A group of its own: a signal to the terminal's group is the host's to deal with, and all of it can be killed.
    detached: !WINDOWS,
    windowsHide: true,
  });
}

function childEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of NEEDED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** None of the host's own flags: no inspector, no preloaded modules. */
function nodeFlags(spec: GuestSpec): string[] {
  return [
    '--no-warnings',
    '--no-addons',
    '--disallow-code-generation-from-strings',
    ...permissionFlags(spec),
  ];
}

/**
 * Node's permission model, as a second fence for JavaScript that a guest might get to run: no programs, no addons, no files
 * but Cordon's own code. Not with mounts: it refuses calls by descriptor, by which Cordon's WASI works.
 */
function permissionFlags(spec: GuestSpec): string[] {
  if (spec.wasi && spec.wasi.mounts.length > 0) return [];
  const flag = ['--permission', '--experimental-permission'].find((name) =>
    process.allowedNodeEnvironmentFlags.has(name),
  );
  if (!flag) return [];
  const readable = [...codeFolders(), '/proc/thread-self/schedstat'];
  return [flag, '--allow-worker', ...readable.map((path) => `--allow-fs-read=${path}`)];
}

/** Where the child's code is: this package, and Extism as it is found from here. Each named once: Node 20 dies of a path that it is given twice. */
function codeFolders(): string[] {
  // Of dist/src/sandbox/process.
  const root = join(dirname(ENTRY), ...Array<string>(4).fill('..'));
  const extism = fileURLToPath(import.meta.resolve('@extism/extism'));
  const folders = [root, `${extism.slice(0, extism.lastIndexOf('@extism'))}@extism/`];
  // Looking for a package, Node looks into the folders above one after the other.
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    folders.push(join(folder, 'node_modules', '@extism'));
  }
  return outermost(folders.map((folder) => (WINDOWS ? folder : join(folder, '/'))));
}

/** Those of some folders that are in none of the others. */
export function outermost(folders: readonly string[]): string[] {
  const all = [...new Set(folders)];
  return all.filter((folder) => !all.some((other) => other !== folder && folder.startsWith(other)));
}
