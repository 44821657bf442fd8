import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = join(root, 'guest-examples');
const withTests = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'test.js')));

/** Runs the folder's own tests where it lies. */
function nodeTest(folder: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    // What vitest tells its workers must not reach the runner.
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
    const child = spawn(process.execPath, ['--test', 'test.js'], { cwd: folder, env, timeout: 60_000 });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('close', (code) => resolve({ code, output }));
  });
}

describe('an example that is copied out of the repository', () => {
  let outside: string;
  beforeAll(() => {
    outside = mkdtempSync(join(tmpdir(), 'copied-out-'));
    mkdirSync(join(outside, 'node_modules'));
    symlinkSync(root, join(outside, 'node_modules', 'cordon'), 'dir');
  });
  afterAll(() => rmSync(outside, { recursive: true }));

  it.each(withTests)(
    '%s passes its own tests, which it names in its package.json',
    async (name) => {
      const folder = join(outside, name);
      cpSync(join(examples, name), folder, {
        recursive: true,
        filter: (path) => basename(path) !== 'target',
      });
      expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts.test).toBe('node --test');
      const { code, output } = await nodeTest(folder);
      expect(output).toMatch(/(# |ℹ )pass [1-9]/);
      expect(code, output).toBe(0);
    },
    60_000,
  );
});
