import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

// In a process of its own: it cannot end by itself, and that is the point.
const script = `
  import { createHost } from 'cordon';
  import wabt from 'wabt';
  // V8 looks whether a thread is to end where code branches: here none does, for half a minute.
  const fills = '(memory.fill (i32.const 0) (i32.const 1) (i32.const 0x1000000))'.repeat(20_000);
  const text = '(module (memory (export "memory") 256) (func (export "spin") (result i32) ' + fills + ' (i32.const 0)))';
  const stuckModule = (await wabt()).parseWat('stuck.wat', text, { bulk_memory: true }).toBinary({}).buffer;
  const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
  const host = await createHost({ catalog: ['guest-examples'], metering: false, logger: silent });
  host.on('warning', ({ topic }) => console.log('warning', topic));
  const manifest = { manifestVersion: 1, name: 'stuck', version: '1.0.0', limits: { timeoutMs: 100 } };
  await host.load([{ manifest, wasm: new Uint8Array(stuckModule) }, '@acme/count-vowels']);
  const neighbour = () => host.call('@acme/count-vowels', 'count_vowels', 'aeiou').then((output) => output.json().count);
  console.log('neighbour', await neighbour());
  const stuck = host.call('stuck', 'spin', '').catch(({ code }) => code);
  console.log('stuck', await stuck);
  console.log('neighbour', await neighbour());
  await host.close();
  console.log('closed');
`;

test('a guest that not even the end of its thread stops costs neither its neighbours nor close()', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
  let said = '';
  let wrong = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
    if (said.includes('closed')) child.kill('SIGKILL');
  });
  child.stderr.on('data', (chunk) => {
    wrong += chunk;
  });
  await once(child, 'close');
  expect(wrong).toBe('');
  const lines = said.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('warning'))).toEqual([
    'neighbour 5',
    'stuck ERR_TIMEOUT',
    'neighbour 5',
    'closed',
  ]);
  expect(lines).toContain('warning thread');
});
