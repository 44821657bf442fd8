import { describe, expect, it } from 'vitest';
import { ERRNO } from '../../../src/sandbox/wasi/errno.js';
import { DATA, JsGuest, RESULT, Trapped } from './js-guest.js';

const SUBSCRIPTIONS = 32_768;
const clock = { realtimeNs: () => 5_000_000_000n, monotonicNs: () => 1_000_000_000n };

interface ClockWait {
  id?: number;
  ns: bigint;
  absolute?: boolean;
}

function subscribeClock(guest: JsGuest, index: number, { id = 1, ns, absolute = false }: ClockWait): void {
  const at = SUBSCRIPTIONS + index * 48;
  guest.view.setBigUint64(at, BigInt(100 + index), true);
  guest.view.setUint8(at + 8, 0);
  guest.view.setUint32(at + 16, id, true);
  guest.view.setBigUint64(at + 24, ns, true);
  guest.view.setUint16(at + 40, absolute ? 1 : 0, true);
}

function subscribeDescriptor(guest: JsGuest, index: number, type: number, fd: number): void {
  const at = SUBSCRIPTIONS + index * 48;
  guest.view.setBigUint64(at, BigInt(100 + index), true);
  guest.view.setUint8(at + 8, type);
  guest.view.setUint32(at + 16, fd, true);
}

function poll(
  guest: JsGuest,
  count: number,
): { userdata: bigint; error: number; type: number; bytes: bigint }[] {
  expect(guest.call('poll_oneoff', SUBSCRIPTIONS, DATA, count, RESULT)).toBe('SUCCESS');
  return Array.from({ length: guest.u32() }, (_, index) => {
    const at = DATA + index * 32;
    return {
      userdata: guest.u64(at),
      error: guest.view.getUint16(at + 8, true),
      type: guest.view.getUint8(at + 10),
      bytes: guest.u64(at + 16),
    };
  });
}

describe('poll_oneoff', () => {
  it('sleeps until the earliest clock and answers those that are due', () => {
    const guest = new JsGuest({ clock });
    subscribeClock(guest, 0, { ns: 30_000_000n });
    subscribeClock(guest, 1, { ns: 1_500_000n });
    subscribeClock(guest, 2, { ns: 1_001_500_000n, absolute: true });
    subscribeClock(guest, 3, { id: 0, ns: 9_000_000_000n, absolute: true });
    expect(poll(guest, 4).map(({ userdata }) => userdata)).toEqual([101n, 102n]);
    expect(guest.slept).toEqual([1.5]);
  });

  it('does not sleep for a time that has passed, nor where a stream is ready', () => {
    const guest = new JsGuest({ clock });
    subscribeClock(guest, 0, { ns: 5n, absolute: true });
    expect(poll(guest, 1)).toMatchObject([{ userdata: 100n, error: 0, type: 0 }]);
    subscribeClock(guest, 0, { ns: 1_000_000_000n });
    subscribeDescriptor(guest, 1, 2, 1);
    subscribeDescriptor(guest, 2, 1, 0);
    expect(poll(guest, 3)).toMatchObject([
      { userdata: 101n, type: 2, error: 0 },
      { userdata: 102n, type: 1, error: 0 },
    ]);
    expect(guest.slept).toEqual([]);
  });

  it('says how much of a file is left to read', () => {
    const guest = new JsGuest({ scratch: [{ guestPath: '/s', maxBytes: 10_000 }] });
    const { fd } = guest.open('f', { oflags: 1, rights: 0x3fffffffn });
    guest.write(fd, 'hello');
    guest.call('fd_seek', fd, 1n, 0, RESULT);
    subscribeDescriptor(guest, 0, 1, fd);
    expect(poll(guest, 1)).toMatchObject([{ error: 0, bytes: 4n }]);
  });

  it('puts an error into the event of what cannot be waited for', () => {
    const guest = new JsGuest({ scratch: [{ guestPath: '/s', maxBytes: 10_000 }] });
    subscribeDescriptor(guest, 0, 1, 99);
    subscribeDescriptor(guest, 1, 9, 0);
    subscribeDescriptor(guest, 2, 2, 0);
    subscribeDescriptor(guest, 3, 1, 3);
    subscribeClock(guest, 4, { id: 7, ns: 1n });
    expect(poll(guest, 5).map(({ error }) => error)).toEqual([8, 28, 76, 58, 28]);
  });

  it('ends the call when it may not sleep on', () => {
    const guest = new JsGuest({ sleep: () => false });
    subscribeClock(guest, 0, { ns: 1_000_000n });
    expect(() => guest.call('poll_oneoff', SUBSCRIPTIONS, DATA, 1, RESULT)).toThrow(Trapped);
    expect(() => guest.call('sched_yield')).toThrow('interrupted');
  });

  it('sleeps for the longest time in pieces that a timer takes', () => {
    const pieces: number[] = [];
    const guest = new JsGuest({ sleep: (ms) => pieces.push(ms) < 3 });
    subscribeClock(guest, 0, { ns: 0xffffffffffffffffn });
    expect(() => guest.call('poll_oneoff', SUBSCRIPTIONS, DATA, 1, RESULT)).toThrow('interrupted');
    expect(pieces).toEqual([2_147_483_647, 2_147_483_647, 2_147_483_647]);
  });

  it('refuses none and more than 1 024 subscriptions', () => {
    const guest = new JsGuest();
    expect(guest.call('poll_oneoff', 0, 0, 0, RESULT)).toBe('INVAL');
    expect(guest.call('poll_oneoff', 0, 0, 1025, RESULT)).toBe('INVAL');
    expect(guest.call('poll_oneoff', 0, 0, -1, RESULT)).toBe('INVAL');
  });
});

describe('poll_oneoff in two halves, for a guest that is suspended in between', () => {
  const begin = (guest: JsGuest, count: number) =>
    guest.wasi.beginPoll([SUBSCRIPTIONS, DATA, count, RESULT]) as { ms: number; wake(): number };

  it('says how long to wait, and answers what is due when it is woken', () => {
    const guest = new JsGuest({ clock });
    subscribeClock(guest, 0, { ns: 30_000_000n });
    subscribeClock(guest, 1, { ns: 1_500_000n });
    const sleep = begin(guest, 2);
    expect(sleep.ms).toBe(1.5);
    expect(guest.u32()).toBe(0);
    expect(sleep.wake()).toBe(0);
    expect([guest.u32(), guest.u64(DATA)]).toEqual([1, 101n]);
    expect(guest.slept).toEqual([]);
  });

  it('is done at once where nothing is to be waited for, and answers errors as ever', () => {
    const guest = new JsGuest({ clock });
    subscribeClock(guest, 0, { ns: 0n });
    expect([begin(guest, 1), guest.u32(), guest.u64(DATA)]).toEqual([0, 1, 100n]);
    expect(begin(guest, 0)).toBe(ERRNO.INVAL);
    expect(guest.wasi.beginPoll([SUBSCRIPTIONS, 0xffff_ff00, 1, RESULT])).toBe(ERRNO.FAULT);
    expect(guest.wasi.beginPoll(['x', DATA, 1, RESULT])).toBe(ERRNO.INVAL);
  });
});
