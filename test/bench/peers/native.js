// @ts-check
// Extism's Rust SDK (Wasmtime) and Go SDK (wazero) on the same guests, where `npm run bench:native` has built them: each is
// a process that is asked over its standard input, measures in itself, and answers with microseconds.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { echo, fresh } from '../guests.js';

const folder = process.env.BENCH_NATIVE ?? join(tmpdir(), 'cordon-bench-native');

/** @param {import('../bench.js').Bench} bench */
export function native(bench) {
  return { wasmtime: program(bench, 'rust-bench', 'Rust SDK'), wazero: program(bench, 'go-bench', 'Go SDK') };
}

/**
 * @param {import('../bench.js').Bench} bench @param {string} file @param {string} name
 * @returns {((what: 'echo' | 'load' | 'fresh', size?: number) => import('../bench.js').Variant) | undefined}
 */
function program(bench, file, name) {
  const path = join(folder, file);
  if (!existsSync(path)) {
    bench.note(`Extism's ${name}: not built (\`npm run bench:native\`)`);
    return undefined;
  }
  const guests = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
  writeFileSync(join(guests, 'echo.wasm'), echo);
  writeFileSync(join(guests, 'fresh.wasm'), fresh);
  const child = spawn(path, [join(guests, 'echo.wasm'), join(guests, 'fresh.wasm')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  bench.after(() => {
    child.kill();
    rmSync(guests, { recursive: true });
  });
  return (what, size = 0) =>
    async () => {
      child.stdin.write(`${what} ${size} ${bench.ms}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${file} has ended.`);
      return Number(value);
    };
}
