import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { program } from './run.js';

/** A `cordon` that runs on, and what it has printed so far. It is gone after the test. */
export function started(argv: readonly string[], folder: string) {
  const child = spawn(process.execPath, [program, ...argv], { cwd: folder });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      for (const look of waiting) look();
    });
  }
  const prints = (what: string, times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (text.split(what).length <= times) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { child, prints, text: () => text };
}
