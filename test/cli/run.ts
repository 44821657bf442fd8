import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built program. */
export const program = fileURLToPath(new URL('../../dist/host-sdk/cli/cordon.js', import.meta.url));

/** The folder that the examples are in. */
export const examples = fileURLToPath(new URL('../../guest-examples', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built `cordon` in this folder until it ends by itself. */
export function cordon(
  argv: readonly string[],
  folder: string = examples,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...argv], {
      cwd: folder,
      env: { ...process.env, ...env },
      timeout: 30_000,
    });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (part: string) => {
        text[name] += part;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
}
