import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallWindow } from '../../src/sandbox/call-window.js';

describe('the calls that an instance may have ahead', () => {
  it('are few until many short calls have come back', () => {
    const window = new CallWindow({ least: 2, most: 32 });
    for (let i = 0; i < 20; i++) window.took(0.002);
    expect(window.size).toBe(2);
    for (let i = 0; i < 500; i++) window.took(0.002);
    expect(window.size).toBe(32);
  });

  it('are few again as soon as one was long, and for some time', () => {
    const window = new CallWindow({ least: 2, most: 32 });
    for (let i = 0; i < 500; i++) window.took(0.002);
    window.took(50);
    expect(window.size).toBe(2);
    for (let i = 0; i < 300; i++) window.took(0.002);
    expect(window.size).toBe(2);
    for (let i = 0; i < 1000; i++) window.took(0.002);
    expect(window.size).toBe(32);
  });

  it('are never less than the least, and beyond it no more work than a millisecond', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1000, noNaN: true })), (durations) => {
        const window = new CallWindow({ least: 2, most: 64 });
        for (const ms of durations) {
          window.took(ms);
          expect(window.size).toBeGreaterThanOrEqual(2);
          expect(window.size).toBeLessThanOrEqual(64);
          expect(window.size === 2 || window.size * ms <= 1).toBe(true);
        }
      }),
    );
  });

  it('go to one instance at a time where most take next to no time, also beside a few that were held up', () => {
    const window = new CallWindow({ least: 2, most: 64 });
    expect(window.packs).toBe(false);
    for (let i = 0; i < 1000; i++) window.took(i % 10 === 0 ? 0.03 : 0.001);
    expect(window.packs).toBe(true);
    window.took(1);
    expect(window.packs).toBe(false);
    for (let i = 0; i < 1000; i++) window.took(0.01);
    expect(window.packs).toBe(false);
  });
});
