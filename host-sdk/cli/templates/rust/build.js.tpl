import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';

const env = { ...process.env, CARGO_TARGET_DIR: 'target' };
execFileSync('cargo', ['build', '--quiet', '--release', '--target', 'wasm32-wasip1'], { stdio: 'inherit', env });
copyFileSync('target/wasm32-wasip1/release/{{crate}}.wasm', '{{file}}.wasm');
