// @ts-check
// Builds the programs that measure Extism's Rust and Go SDKs, where `cargo` and `go` are there: `npm run bench:native`.
// Wasmtime takes a quarter of an hour on two cores. The results lie in the folder of BENCH_NATIVE, or in the system's temporary one.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = process.env.BENCH_NATIVE ?? join(tmpdir(), 'cordon-bench-native');
mkdirSync(folder, { recursive: true });

/**
 * True where the tool is there and the build succeeded.
 * @param {string} tool @param {string[]} args @param {string} cwd
 */
function build(tool, args, cwd) {
  // A copy: neither tool shall write its lockfiles and caches into the repository.
  const copy = join(folder, `${tool}-source`);
  cpSync(join(here, cwd), copy, { recursive: true });
  const { error, status } = spawnSync(tool, args, { cwd: copy, stdio: 'inherit' });
  if (error) console.log(`${tool}: not there, its rows are left out.`);
  else if (status !== 0) process.exitCode = 1;
  return !error && status === 0;
}

build('go', ['build', '-o', join(folder, 'go-bench'), '.'], 'go');
const target = join(folder, 'rust');
if (build('cargo', ['build', '--release', '--target-dir', target], 'rust')) {
  copyFileSync(join(target, 'release', 'cordon-bench-native'), join(folder, 'rust-bench'));
}
