import { describe, expect, it, onTestFinished } from 'vitest';
import { EventLoopDelay } from '../../src/metrics/event-loop-delay.js';

function open(now?: () => number): EventLoopDelay {
  const delay = new EventLoopDelay(now && { now });
  onTestFinished(() => delay.close());
  return delay;
}

/** Blocks the loop, and comes back when that was counted. */
async function block(delay: EventLoopDelay): Promise<number> {
  let read: number | undefined;
  while (!read || read < 20) {
    // Again each time: one that was not counted is lost among the short ones.
    const until = performance.now() + 100;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 5));
    read = delay.read();
  }
  return read;
}

describe('the delay of the event loop', () => {
  it('is not measured before somebody asks', () => {
    expect(open().read()).toBeUndefined();
  });

  it('is what the loop was late by', async () => {
    const delay = open();
    delay.read();
    const late = await block(delay);
    expect(late).toBeGreaterThan(20);
    expect(late).toBeLessThan(60_000);
  });

  it('is forgotten after two minutes', async () => {
    let now = 0;
    const delay = open(() => now);
    delay.read();
    const late = await block(delay);
    now += 60_000;
    expect(delay.read()).toBeGreaterThanOrEqual(late * 0.9);
    expect(delay.read()).toBeGreaterThanOrEqual(late * 0.9);
    now += 60_000;
    delay.read();
    const after = delay.read();
    expect(after === undefined || after < late).toBe(true);
  });

  it('keeps no process alive, and is over when it is closed', () => {
    const before = process.getActiveResourcesInfo().length;
    const delay = open();
    delay.read();
    expect(process.getActiveResourcesInfo().length).toBe(before);
    delay.close();
    delay.close();
    expect(delay.read()).toBeUndefined();
  });
});
