import { execFileSync } from 'node:child_process';

const args = ['build', '-buildmode=c-shared', '-trimpath', '-buildvcs=false', '-ldflags=-s -w -buildid='];
const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', CGO_ENABLED: '0' };
execFileSync('go', [...args, '-o', '{{file}}.wasm', '.'], { stdio: 'inherit', env });
