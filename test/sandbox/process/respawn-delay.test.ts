import { describe, expect, it } from 'vitest';
import { RespawnDelay } from '../../../src/sandbox/process/respawn-delay.js';

const SHORT_MS = 10;
const LONG_MS = 60_000;

describe('the wait before a child is started again', () => {
  it('is none at first, then twice as long after each death in a row, up to half a minute', () => {
    const delay = new RespawnDelay(() => 0.5);
    const waits = [delay.ms];
    for (let deaths = 0; deaths < 12; deaths++) {
      delay.died(SHORT_MS);
      waits.push(delay.ms);
    }
    expect(waits.slice(0, 6)).toEqual([0, 0, 100, 200, 400, 800]);
    expect(waits.at(-1)).toBe(30_000);
  });

  it('is spread by a half each way', () => {
    for (const [random, expected] of [
      [0, 50],
      [1, 150],
    ] as const) {
      const delay = new RespawnDelay(() => random);
      delay.died(SHORT_MS);
      delay.died(SHORT_MS);
      expect(delay.ms).toBe(expected);
    }
  });

  it('begins anew after a child that lived', () => {
    const delay = new RespawnDelay(() => 0.5);
    for (let deaths = 0; deaths < 5; deaths++) delay.died(SHORT_MS);
    delay.died(LONG_MS);
    expect(delay.ms).toBe(0);
  });
});
