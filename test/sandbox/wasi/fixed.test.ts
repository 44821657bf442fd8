import { describe, expect, it } from 'vitest';
import { type FixedWasi, fixedWasi } from '../../../src/sandbox/wasi/fixed.js';
import { JsGuest, RESULT } from './js-guest.js';

function fixed(what: FixedWasi, sleep: (ms: number) => boolean = () => true): JsGuest {
  return new JsGuest(fixedWasi(what, sleep));
}

function random(guest: JsGuest, length: number): string {
  expect(guest.call('random_get', RESULT, length)).toBe('SUCCESS');
  return Buffer.from(guest.bytes.slice(RESULT, RESULT + length)).toString('hex');
}

function time(guest: JsGuest, clock: number): bigint {
  expect(guest.call('clock_time_get', clock, 1n, RESULT)).toBe('SUCCESS');
  return guest.u64();
}

describe('a seed', () => {
  it('gives every instance the same bytes, and another seed others', () => {
    const [a, b, c] = [fixed({ seed: 'one' }), fixed({ seed: 'one' }), fixed({ seed: 'two' })];
    const [first, second] = [random(a, 40), random(a, 40)];
    expect(second).not.toBe(first);
    expect([random(b, 40), random(b, 40)]).toEqual([first, second]);
    expect(random(c, 40)).not.toBe(first);
  });

  it('gives the same bytes whatever the pieces, also beyond 64 KiB, whatever was in the memory', () => {
    const [a, b] = [fixed({ seed: '' }), fixed({ seed: '' })];
    a.bytes.fill(7);
    const whole = random(a, 100_000);
    expect(random(b, 3) + random(b, 70_000) + random(b, 29_997)).toBe(whole);
  });
});

describe('a fixed time', () => {
  it('stands still', () => {
    const guest = fixed({ nowMs: 1_700_000_000_123.9 });
    expect([time(guest, 0), time(guest, 0)]).toEqual([
      1_700_000_000_123_000_000n,
      1_700_000_000_123_000_000n,
    ]);
    // Not 0: the runtime of Go takes that for a broken clock.
    expect([time(guest, 1), time(guest, 2)]).toEqual([1n, 0n]);
  });

  it('moves on by what the guest sleeps, without waiting', () => {
    const slept: number[] = [];
    const guest = fixed({ nowMs: 0 }, (ms) => {
      slept.push(ms);
      return true;
    });
    const subscription = new DataView(guest.memory.buffer, 4096, 48);
    subscription.setUint32(16, 1, true);
    subscription.setBigUint64(24, 5_000_000_000n, true);
    expect(guest.call('poll_oneoff', 4096, 8192, 1, RESULT)).toBe('SUCCESS');
    expect([time(guest, 0), time(guest, 1), slept]).toEqual([5_000_000_000n, 5_000_000_001n, [0]]);
  });

  it('ends the call of a sleeper that must stop', () => {
    const guest = fixed({ nowMs: 0 }, () => false);
    new DataView(guest.memory.buffer, 4096, 48).setBigUint64(24, 1_000_000n, true);
    expect(() => guest.call('poll_oneoff', 4096, 8192, 1, RESULT)).toThrow('interrupted');
  });
});

it('nothing fixed leaves the host’s clocks, generator and sleep', () => {
  const sleep = () => true;
  expect(fixedWasi({}, sleep)).toEqual({ sleep });
});
