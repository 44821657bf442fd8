import { describe, expect, it } from 'vitest';
import { FairInbox, type TaskMessage } from '../../src/sandbox/fair-inbox.js';

const start = (spec: number, instance: number): TaskMessage => ({
  op: 'instantiate',
  seq: instance,
  spec,
  instance,
  vars: new Map(),
  timeoutMs: 1,
});
const call = (instance: number, seq: number, within?: number): TaskMessage => ({
  op: 'call',
  seq,
  instance,
  fn: 'f',
  input: '',
  timeoutMs: 1,
  fuel: 1,
  ...(within !== undefined && { within }),
});

const resumed = (spec: number, seq: number): TaskMessage => ({
  op: 'resume',
  ask: seq,
  seq,
  spec,
  startedAt: 0,
  deadline: 1,
  guest: { goOn() {} },
  by: 'cancelled',
});

/** What comes out, each at this cost for its plugin. */
function drain(inbox: FairInbox, cost: (message: TaskMessage) => readonly [spec: number, ms: number]) {
  const out: TaskMessage[] = [];
  for (let message = inbox.shift(); message; message = inbox.shift()) {
    out.push(message);
    inbox.charge(...cost(message));
  }
  return out;
}

describe('what a thread has still to do', () => {
  it('comes in order for one plugin', () => {
    const inbox = new FairInbox();
    const sent = [start(1, 10), call(10, 100), call(10, 101), { op: 'dispose', instance: 10 } as const];
    for (const message of sent) inbox.add(message);
    expect(drain(inbox, () => [1, 5])).toEqual(sent);
  });

  it('lets a quiet plugin pass a flood that came before it', () => {
    const inbox = new FairInbox();
    inbox.add(start(1, 10));
    inbox.add(start(2, 20));
    drain(inbox, () => [1, 0]);
    for (let seq = 100; seq < 116; seq++) inbox.add(call(10, seq));
    expect(inbox.shift()).toMatchObject({ seq: 100 });
    inbox.add(call(20, 200));
    inbox.charge(1, 30);
    expect(inbox.shift()).toMatchObject({ seq: 200 });
    inbox.charge(2, 1);
    expect(inbox.shift()).toMatchObject({ seq: 101 });
  });

  it('gives plugins the same time, however long their calls are', () => {
    const inbox = new FairInbox();
    inbox.add(start(1, 10));
    inbox.add(start(2, 20));
    drain(inbox, () => [1, 0]);
    for (let i = 0; i < 100; i++) {
      inbox.add(call(10, 1000 + i));
      inbox.add(call(20, 2000 + i));
    }
    let long = 0;
    for (let i = 0; i < 44; i++) {
      const message = inbox.shift()!;
      const isLong = 'seq' in message && message.seq < 2000;
      if (isLong) long++;
      inbox.charge(isLong ? 1 : 2, isLong ? 10 : 1);
    }
    expect(long).toBe(4);
  });

  it('takes a call out of its turn where another waits for it', () => {
    const inbox = new FairInbox();
    inbox.add(start(1, 10));
    inbox.shift();
    inbox.add(call(10, 100));
    inbox.add(call(10, 101, 7));
    expect(inbox.takeCall(({ within }) => within === 8)).toBeUndefined();
    expect(inbox.takeCall(({ within }) => within === 7)).toMatchObject({ seq: 101 });
    expect(inbox.takeCall(({ within }) => within === 7)).toBeUndefined();
    expect(inbox.shift()).toMatchObject({ seq: 100 });
    expect(inbox.shift()).toBeUndefined();
  });

  it('comes out also for an instance that is no more, and for a plugin that is forgotten', () => {
    const inbox = new FairInbox();
    inbox.add(start(1, 10));
    inbox.shift();
    inbox.gone(10);
    inbox.add(call(10, 100));
    inbox.add({ op: 'forget', spec: 1 });
    expect([inbox.shift()?.op, inbox.shift()?.op].sort()).toEqual(['call', 'forget']);
    expect(inbox.shift()).toBeUndefined();
  });

  describe('of one plugin, guests that go on and calls that are not begun', () => {
    const opened = () => {
      const inbox = new FairInbox();
      inbox.add(start(1, 10));
      drain(inbox, () => [1, 0]);
      return inbox;
    };
    const order = (inbox: FairInbox, cost: (message: TaskMessage) => number) =>
      drain(inbox, (message) => [1, cost(message)])
        .map(({ op }) => op[0])
        .join('');

    it('come in turns', () => {
      const inbox = opened();
      for (let seq = 100; seq < 104; seq++) inbox.add(call(10, seq));
      for (let seq = 50; seq < 56; seq++) inbox.add(resumed(1, seq));
      expect(order(inbox, () => 1)).toBe('rcrcrcrcrr');
    });

    it('share the time, and not the turns', () => {
      const inbox = opened();
      for (let seq = 100; seq < 103; seq++) inbox.add(call(10, seq));
      for (let seq = 50; seq < 60; seq++) inbox.add(resumed(1, seq));
      expect(order(inbox, ({ op }) => (op === 'call' ? 4 : 1))).toBe('rcrrrrcrrrrcr');
    });

    it('keep no debts of a time when there was but one of them', () => {
      const inbox = opened();
      for (let seq = 50; seq < 60; seq++) inbox.add(resumed(1, seq));
      drain(inbox, () => [1, 5]);
      for (let seq = 60; seq < 62; seq++) inbox.add(resumed(1, seq));
      for (let seq = 100; seq < 102; seq++) inbox.add(call(10, seq));
      expect(order(inbox, () => 1)).toBe('rcrc');
    });

    it('go before the end of an instance, and after what was put back', () => {
      const inbox = opened();
      inbox.add({ op: 'dispose', instance: 10 });
      inbox.add(call(10, 100));
      inbox.add(resumed(1, 50));
      inbox.add(resumed(1, 51));
      inbox.putBack([call(10, 90), call(10, 91)]);
      expect(order(inbox, () => 1)).toBe('ccrrdc');
    });
  });
});
