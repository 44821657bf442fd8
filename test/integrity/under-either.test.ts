import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { underEither } from '../../src/integrity/under-either.js';

it.each([0, 1])('fires with signal %d and its reason', async (which) => {
  const both = [new AbortController(), new AbortController()] as const;
  const reason = new Error('enough');
  const seen = underEither(both[0].signal, both[1].signal, async (signal) => {
    both[which]!.abort(reason);
    return [signal.aborted, signal.reason];
  });
  expect(await seen).toEqual([true, reason]);
  const before = await underEither(both[0].signal, both[1].signal, async ({ aborted }) => aborted);
  expect(before).toBe(true);
});

it('leaves nothing behind in either, also where the work fails', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const long = new AbortController().signal;
  const once = () => underEither(new AbortController().signal, long, async () => {});
  for (let i = 0; i < 2000; i++) await once();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 20_000; i++) await once();
  await underEither(new AbortController().signal, long, () => Promise.reject(new Error('no'))).catch(
    () => {},
  );
  collect();
  // With `AbortSignal.any` it is a megabyte.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(400_000);
  expect(getEventListeners(long, 'abort')).toEqual([]);
});

it('without the first it is the second itself', async () => {
  const { signal } = new AbortController();
  await underEither(undefined, signal, async (given) => expect(given).toBe(signal));
});
