import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

/** What is left of the stack where a check refuses for the first time, going deeper and deeper; in KiB, by what arguments of a call fit. */
interface Found {
  readonly enough: number;
  readonly refused: number;
}

/** Runs in a thread of its own with a stack of 2 MiB: `times` tells V8 how often the check was used before, for its compilers. */
function leftWhere(check: 'hasHeadroom' | 'needHeadroom', times: number): Promise<Found> {
  const source = `
    import { parentPort } from 'node:worker_threads';
    const { ${check} } = await import(${JSON.stringify(new URL('../../dist/src/sandbox/headroom.js', import.meta.url).href)});
    const ok = () => { try { return ${check}() !== false; } catch { return false; } };
    for (let i = 0; i < ${times}; i++) ok();
    await new Promise((resolve) => setTimeout(resolve, ${times > 1 ? 200 : 0}));
    const probe = () => {};
    const left = () => {
      let low = 0;
      for (let step = 32_768; step >= 64; step /= 2) {
        try { probe.apply(undefined, new Array(low + step).fill(0)); low += step; } catch {}
      }
      return low / 128;
    };
    const deeper = (found) => {
      if (!ok()) { found.refused ??= left(); return; }
      const before = found.refused;
      deeper(found);
      if (before === undefined && found.enough === undefined) found.enough = left();
    };
    // Compiled now: V8's parser wants more of the stack than is left down there.
    left();
    const found = {};
    deeper(found);
    parentPort.postMessage(found);`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      resourceLimits: { stackSizeMb: 2 },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe.each([
  ['before V8 has optimised it', 1],
  ['after that', 20_000],
])('the look at the stack that is left, %s', (_when, times) => {
  it('says that there is half a MiB where there is', async () => {
    const { enough, refused } = await leftWhere('hasHeadroom', times);
    // The most that arguments of one call can take is 512 KiB.
    expect(enough).toBeGreaterThan(510);
    expect(refused).toBeGreaterThan(480);
  });

  it('overflows where there is not 32 KiB, and not long before', async () => {
    const { enough, refused } = await leftWhere('needHeadroom', times);
    expect(enough).toBeGreaterThanOrEqual(32);
    expect(refused).toBeLessThan(64);
  });
});
