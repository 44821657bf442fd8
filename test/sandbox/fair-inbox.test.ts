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
});
