import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

// In a process of its own: it cannot end by itself, and that is the point.
const script = `
  import { createHost } from 'cordon';
  const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
  const host = await createHost({ catalog: ['guest-examples'], metering: false, logger: silent });
  host.on('warning', ({ topic }) => console.log('warning', topic));
  await host.load(['@acme/runaway', '@acme/count-vowels']);
  const neighbour = () => host.call('@acme/count-vowels', 'count_vowels', 'aeiou').then((output) => output.json().count);
  console.log('neighbour', await neighbour());
  const stuck = host.call('@acme/runaway', 'spin_bulk', '', { timeoutMs: 100 }).catch(({ code }) => code);
  console.log('runaway', await stuck);
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
    'runaway ERR_TIMEOUT',
    'neighbour 5',
    'closed',
  ]);
  expect(lines).toContain('warning thread');
});
