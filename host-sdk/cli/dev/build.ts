import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Console } from '../console.js';

/** The command that builds a plugin: the script `build` of its package.json, where it has one. */
export async function buildCommandOf(folder: string): Promise<string | undefined> {
  try {
    const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      scripts?: Record<string, unknown>;
    };
    return typeof scripts?.build === 'string' ? scripts.build : undefined;
  } catch {
    return undefined;
  }
}

/** Runs it as npm would, with what it prints on standard error. Answers whether it went well. */
export function build(io: Console, command: string, folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, {
      cwd: folder,
      shell: true,
      env: { ...process.env, PATH: [...binariesFor(folder), process.env.PATH].join(delimiter) },
      // A group of its own: the shell's children end with it.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, signal);
        else child.kill(signal);
      } catch {
        // It has ended by itself.
      }
    };
    const stop = (): void => end('SIGTERM');
    // Where nobody waits any longer for a build that does not stop.
    const kill = (): void => end('SIGKILL');
    process.once('exit', kill);
    io.signal.addEventListener('abort', stop, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => io.err(text));
    }
    const ended = (ok: boolean): void => {
      io.signal.removeEventListener('abort', stop);
      process.off('exit', kill);
      resolve(ok);
    };
    child.once('error', (error) => {
      io.err(`${error.message}\n`);
      ended(false);
    });
    child.once('close', (code) => ended(code === 0));
  });
}

/** `node_modules/.bin` of the folder and of all above it. */
function binariesFor(folder: string): string[] {
  const above = dirname(folder);
  const own = join(folder, 'node_modules', '.bin');
  return above === folder ? [own] : [own, ...binariesFor(above)];
}
