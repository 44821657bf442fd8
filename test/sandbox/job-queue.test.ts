import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/sandbox/job.js';
import { jobNumberAfter, LAST_JOB_NUMBER } from '../../src/sandbox/job-number.js';
import { JobQueue } from '../../src/sandbox/job-queue.js';

let seq = 0;
const job = (priority = 0, more: Partial<Job> = {}): Job => ({
  seq: ++seq,
  fn: 'fn',
  input: '',
  timeoutMs: 1000,
  fuel: Number.POSITIVE_INFINITY,
  tenant: '',
  priority,
  queueTimeoutMs: Number.POSITIVE_INFINITY,
  queueDeadline: Number.POSITIVE_INFINITY,
  onSent: () => {},
  settle: () => {},
  ...more,
});

const seqs = (jobs: readonly Job[]) => jobs.map((one) => one.seq);

describe('a queue of jobs', () => {
  it('gives the higher priority first, and among equals the one that came first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 }), (priorities) => {
        const queue = new JobQueue();
        const jobs = priorities.map((priority) => job(priority));
        for (const one of jobs) queue.add(one);
        const expected = [...jobs].sort((a, b) => b.priority - a.priority || a.seq - b.seq);
        expect(seqs(queue.takeAll())).toEqual(seqs(expected));
        expect(queue.length).toBe(0);
      }),
    );
  });

  it('keeps the order of arrival when the numbers of jobs begin anew', () => {
    const queue = new JobQueue();
    let number = LAST_JOB_NUMBER - 2;
    const numbers = Array.from({ length: 6 }, () => {
      number = jobNumberAfter(number);
      return number;
    });
    expect(numbers).toEqual([LAST_JOB_NUMBER - 1, LAST_JOB_NUMBER, 1, 2, 3, 4]);
    for (const one of numbers) queue.add(job(0, { seq: one }));
    const back = queue.shift()!;
    queue.add(back);
    expect(seqs(queue.takeAll())).toEqual(numbers);
  });

  it('keeps no job that was taken, with its input and output, neither empty nor while others wait', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const taken = (others: number) => {
      const queue = new JobQueue();
      for (let i = 0; i <= others; i++) queue.add(job());
      return { queue, gone: new WeakRef(queue.shift()!) };
    };
    const queues = [taken(0), taken(3)];
    // A WeakRef holds what it was made of until the end of the tick.
    await new Promise(setImmediate);
    collect();
    expect(queues.map(({ gone }) => gone.deref())).toEqual([undefined, undefined]);
    expect(queues.map(({ queue }) => queue.length)).toEqual([0, 3]);
  });

  it('shows the one that comes first, and gives it', () => {
    const queue = new JobQueue();
    expect(queue.first()).toBeUndefined();
    expect(queue.shift()).toBeUndefined();
    const jobs = [job(), job(1)] as const;
    for (const one of jobs) queue.add(one);
    expect(queue.first()).toBe(jobs[1]);
    expect(seqs([queue.shift()!, queue.shift()!])).toEqual(seqs([jobs[1], jobs[0]]));
    expect([queue.length, queue.tenants().length]).toEqual([0, 0]);
  });

  it('gives a job that comes back its old place', () => {
    const queue = new JobQueue();
    const jobs = [job(), job(), job()];
    for (const one of jobs) queue.add(one);
    const first = queue.shift()!;
    queue.add(job());
    queue.add(first);
    expect(queue.shift()).toBe(first);
  });

  it('is the same as a sorted list, whatever is done to it', () => {
    const step = fc.record({
      what: fc.constantFrom('add', 'add', 'shift', 'nested', 'remove', 'takeAll'),
      pick: fc.nat(2000),
      tenant: fc.constantFrom('a', 'b', 'c'),
      priority: fc.nat(2),
      isNested: fc.boolean(),
    });
    const parent = { seq: 1, thread: {} as never };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), fc.boolean(), (steps, byTenant) => {
        const queue = new JobQueue(byTenant);
        let list: Job[] = [];
        const drop = (one: Job | undefined) => {
          list = list.filter((other) => other !== one);
        };
        for (const { what, pick, tenant, priority, isNested } of steps) {
          const nested = list.find((one) => one.parent);
          if (what === 'add') {
            const one = job(priority, { tenant, ...(isNested && { parent }) });
            queue.add(one);
            list.push(one);
            list.sort((a, b) => b.priority - a.priority || a.seq - b.seq);
          } else if (what === 'shift') {
            expect(queue.shift()).toBe(list[0]);
            drop(list[0]);
          } else if (what === 'nested') {
            expect(queue.shift('nested')).toBe(nested);
            drop(nested);
          } else if (what === 'takeAll' && pick % 10 === 0) {
            const wanted = (one: Job) => one.tenant === tenant;
            expect(queue.takeAll(wanted)).toEqual(list.filter(wanted));
            list = list.filter((one) => !wanted(one));
          } else if (list.length > 0) {
            const one = list[pick % list.length]!;
            expect(queue.remove(one)).toBe(true);
            expect(queue.remove(one)).toBe(false);
            drop(one);
          }
          expect(queue.length).toBe(list.length);
          expect(queue.first()).toBe(list[0]);
          expect(queue.nested).toBe(list.filter((one) => one.parent).length);
          if (byTenant)
            expect(queue.waiting(tenant)).toBe(list.filter((one) => one.tenant === tenant).length);
          if (byTenant) expect(queue.firstOf(tenant)).toBe(list.find((one) => one.tenant === tenant));
        }
        expect(queue.takeAll()).toEqual(list);
      }),
      { numRuns: 100 },
    );
  });

  it('tells whose jobs wait: by the highest priority, then since when any of theirs wait', () => {
    const queue = new JobQueue();
    const first = job(0, { tenant: 'a' });
    for (const one of [first, job(0, { tenant: 'b' }), job(0, { tenant: 'a' })]) queue.add(one);
    expect(queue.tenants()).toEqual(['a', 'b']);
    queue.add(job(1, { tenant: 'c' }));
    expect(queue.tenants()).toEqual(['c', 'a', 'b']);
    queue.hadTurn('a');
    expect(queue.tenants()).toEqual(['c', 'b', 'a']);
    queue.shift();
    expect(queue.tenants()).toEqual(['b', 'a']);
    queue.takeAll();
    expect([queue.tenants(), queue.isOfOne]).toEqual([[], true]);
    queue.add(first);
    expect([queue.tenants(), queue.isOfOne]).toEqual([['a'], true]);
  });

  it('knows the earliest deadline of those that wait', () => {
    const queue = new JobQueue();
    expect(queue.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    const early = job(0, { queueDeadline: 5 });
    queue.add(job(0, { queueDeadline: 9 }));
    queue.add(early);
    expect(queue.nextDeadline()).toBe(5);
    queue.remove(early);
    expect(queue.nextDeadline()).toBe(9);
  });

  it('takes what is asked for only, in order', () => {
    const queue = new JobQueue();
    const jobs = ['a', 'b', 'a', 'b'].map((tenant) => job(0, { tenant }));
    for (const one of jobs) queue.add(one);
    expect(queue.takeAll(({ tenant }) => tenant === 'b')).toEqual([jobs[1], jobs[3]]);
    expect(queue.takeAll()).toEqual([jobs[0], jobs[2]]);
  });

  it('keeps nothing of a job that was taken: neither where it was the last, nor where others wait', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const queue = new JobQueue();
    const taken = Array.from({ length: 20 }, () => {
      queue.add(job(0, { input: 'x'.repeat(1000) }));
      queue.add(job(0, { input: 'y'.repeat(1000) }));
      return new WeakRef(queue.shift()!);
    });
    // A WeakRef holds on to what it was made of until the end of the turn.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(taken.filter((ref) => ref.deref() !== undefined)).toEqual([]);
    const rest = queue.takeAll().map((one) => new WeakRef(one));
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(rest.filter((ref) => ref.deref() !== undefined)).toEqual([]);
    expect(queue.length).toBe(0);
  });
});
