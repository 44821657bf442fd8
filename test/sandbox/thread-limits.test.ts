import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { stackSizeMb, threadLimits } from '../../src/sandbox/thread-limits.js';

test('the young generation of a thread stays small, however much lives while it is made', async () => {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    const { getHeapSpaceStatistics } = require('node:v8');
    const kept = [];
    for (let i = 0; i < 400_000; i++) kept.push({ i, text: 'x' + i });
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    parentPort.postMessage([kept.length, young.space_size]);`,
    { eval: true, resourceLimits: threadLimits(stackSizeMb(1024 * 1024)) },
  );
  const [kept, bytes] = await new Promise<number[]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  expect(kept).toBe(400_000);
  expect(bytes).toBeLessThanOrEqual(24 * 1024 * 1024);
});
