import { execFileSync, spawnSync } from 'node:child_process';

// CLANG names another clang. It needs the wasm32 target and its lld; the clang of Xcode has neither.
const names = process.env.CLANG ? [process.env.CLANG] : ['clang', 'clang-21', 'clang-20', 'clang-19', 'clang-18'];
const clang = names.find((name) => spawnSync(name, ['--version']).status === 0);
if (!clang) throw new Error(`None of ${names.join(', ')} is there: install clang and lld, or set CLANG`);

const flags = [
  '--target=wasm32-unknown-unknown', '-std=c17', '-Os', '-Wall', '-Wextra',
  '-nostdlib', '-ffreestanding', '-fno-builtin', '-mbulk-memory',
  '-Wl,--no-entry', '-Wl,--strip-all', '-Wl,-z,stack-size=65536',
];
execFileSync(clang, [...flags, '-o', '{{file}}.wasm', 'plugin.c'], { stdio: 'inherit' });
