import { expect, it } from 'vitest';
import { BegunWorks } from '../../src/sandbox/begun-works.js';

it('the works that a thread began are known to its host, and of many the last 128', () => {
  const buffer = new SharedArrayBuffer(BegunWorks.BYTES);
  const [thread, host] = [new BegunWorks(buffer, 0), new BegunWorks(buffer, 0)];
  expect(host.has(1)).toBe(false);
  for (let seq = 1; seq <= 1000; seq++) thread.add(seq);
  expect([872, 873, 1000, 1001].map((seq) => host.has(seq))).toEqual([false, true, true, false]);
});

it('the count of works is not taken for one', () => {
  const begun = new BegunWorks(new ArrayBuffer(BegunWorks.BYTES), 0);
  begun.add(7);
  expect([7, 1].map((seq) => begun.has(seq))).toEqual([true, false]);
});
