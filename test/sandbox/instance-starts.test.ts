import { expect, it } from 'vitest';
import { InstanceStarts, type StartsOwner } from '../../src/sandbox/instance-starts.js';
import type { Job } from '../../src/sandbox/job.js';
import { JobQueue } from '../../src/sandbox/job-queue.js';
import { SlotSet } from '../../src/sandbox/slot-set.js';
import { VarStore } from '../../src/sandbox/var-store.js';

const BUSY = { code: 'ERR_BUSY', message: 'full' } as const;
const job = { seq: 1, tenant: '', priority: 0, queueDeadline: Number.POSITIVE_INFINITY } as Job;

it('a start that lost its thread and finds no room any more is nobody’s where its call was given up', async () => {
  const told: string[] = [];
  const queue = new JobQueue();
  const slots = new SlotSet();
  let settle = () => {};
  const thread = {
    ...{ instances: 0, ending: false, blocked: false, load: 0 },
    define: () => {},
    send: () => {},
    start: (_: unknown, work: { settle(result: unknown): void }) => {
      settle = () => work.settle({ kind: 'unstarted', reason: 'a neighbour took it down' });
    },
  };
  let rooms = 1;
  const owner = {
    options: { spec: { guestPages: 1 }, mode: 'stateful', isolation: 'shared', maxInstances: 4, hooks: [] },
    threads: { shared: () => thread, nextInstance: () => 1 },
    listener: {
      admit: () => (rooms-- > 0 ? undefined : { canWait: true, failure: BUSY }),
      onRoom: () => told.push('waits for room'),
      onNotNeeded: () => told.push('is not needed'),
    },
    ...{ queue, slots, vars: new VarStore('1.0.0'), nextSeq: () => 1, isClosed: () => false },
    drop: (slot: never) => slots.delete(slot),
    ...{ pump: () => {}, used: () => {}, failQueued: () => {} },
  };
  queue.add(job);
  new InstanceStarts(owner as unknown as StartsOwner).grow();
  queue.remove(job);
  settle();
  await new Promise(setImmediate);
  expect(told).toEqual(['is not needed']);
  expect(slots.size).toBe(0);
});
