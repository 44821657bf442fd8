import { describe, expect, it } from 'vitest';
import type { Failure, GuestSpec } from '../../src/sandbox/protocol.js';
import { RestartBackoff } from '../../src/sandbox/restart-backoff.js';

const spec = { plugin: 'p', version: '1.0.0' } as GuestSpec;
const cause: Failure = {
  code: 'ERR_TRAP',
  message: 'It fell over.',
  details: { trap: 'unreachable' },
  violation: 'stack',
};
const at = (backoff: RestartBackoff, now: number) => backoff.refusal(spec, now)?.details?.['retryInMs'];

describe('a plugin that does not start', () => {
  it('is tried again by the next call after one failure, and waits from the second on', () => {
    const backoff = new RestartBackoff(() => 0);
    expect(at(backoff, 0)).toBeUndefined();
    backoff.failed(cause, 1000);
    expect(at(backoff, 1000)).toBeUndefined();
    backoff.failed(cause, 2000);
    expect(at(backoff, 2000)).toBe(250);
    expect(at(backoff, 2249.5)).toBe(1);
    expect(at(backoff, 2250)).toBeUndefined();
  });

  it('waits twice as long each time, to 30 s and no longer', () => {
    const backoff = new RestartBackoff(() => 0);
    const pauses = [];
    for (let i = 0; i < 100; i++) {
      backoff.failed(cause, 0);
      pauses.push(at(backoff, 0));
    }
    expect(pauses.slice(0, 10)).toEqual([
      undefined,
      250,
      500,
      1000,
      2000,
      4000,
      8000,
      16_000,
      30_000,
      30_000,
    ]);
    expect(pauses.at(-1)).toBe(30_000);
  });

  it('waits up to a half shorter by chance', () => {
    const backoff = new RestartBackoff(() => 0.999999);
    backoff.failed(cause, 0);
    backoff.failed(cause, 0);
    expect(at(backoff, 0)).toBe(126);
  });

  it('says why, how often and when it is tried again, and is no violation once more', () => {
    const backoff = new RestartBackoff(() => 0);
    backoff.failed(cause, 0);
    backoff.failed(cause, 0);
    const refusal = backoff.refusal(spec, 0)!;
    expect(refusal).toMatchObject({
      code: 'ERR_TRAP',
      details: { trap: 'unreachable', failures: 2, retryInMs: 250 },
    });
    expect(refusal.message).toBe(
      'p@1.0.0 did not start 2 times in a row; the next call in 250 ms or later tries again, or a reload. The last time: It fell over.',
    );
    expect(refusal.violation).toBeUndefined();
  });

  it('that starts after all begins anew', () => {
    const backoff = new RestartBackoff(() => 0);
    for (let i = 0; i < 9; i++) backoff.failed(cause, 0);
    backoff.succeeded();
    backoff.failed(cause, 0);
    expect(backoff.refusal(spec, 0)).toBeUndefined();
  });
});
