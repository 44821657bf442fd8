import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startClock } from '../../../src/bridge/http/request-clock.js';

describe('startClock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('aborts its signal with the error of the timeout', async () => {
    const late = new Error('late');
    const clock = startClock(1_000, undefined, 'acme', () => late);
    const waiting = expect(clock.race(new Promise(() => {}))).rejects.toBe(late);
    await vi.advanceTimersByTimeAsync(1_000);
    await waiting;
    expect(clock.signal.reason).toBe(late);
  });

  it('leaves no timer when it is stopped', () => {
    const clock = startClock(1_000, undefined, 'acme', () => new Error());
    expect(vi.getTimerCount()).toBe(1);
    clock.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no timer for Infinity', () => {
    startClock(Number.POSITIVE_INFINITY, undefined, 'acme', () => new Error());
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not fire at once for a time that is longer than timers can be', async () => {
    const clock = startClock(2 ** 40, undefined, 'acme', () => new Error());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(clock.signal.aborted).toBe(false);
    clock.stop();
  });
});
