import { execFileSync } from 'node:child_process';

// ZIG names another zig than the one on the path.
const zig = process.env.ZIG ?? 'zig';
const flags = ['-target', 'wasm32-freestanding', '-O', 'ReleaseSmall', '-fno-entry', '-rdynamic', '-fstrip', '--stack', '65536'];
execFileSync(zig, ['build-exe', 'plugin.zig', ...flags, '-femit-bin={{file}}.wasm'], { stdio: 'inherit' });
