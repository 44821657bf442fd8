import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { Coroutine } from '../../src/sandbox/coroutine.js';
import { CoroutinePool } from '../../src/sandbox/coroutine-pool.js';
import { SharedBudget, SharedBudgets } from '../../src/sandbox/shared-budget.js';
import { wat } from '../wasm/wat.js';

const canSuspend = 'Suspending' in WebAssembly;

const GUEST = canSuspend
  ? wat(`(module
      (import "host" "wait" (func $wait (result i32)))
      (import "host" "fail" (func $fail (result i32)))
      (func (export "number") (result i32) (i32.const -7))
      (func (export "nothing"))
      (func (export "long") (result i64) (i64.const 9))
      (func (export "three") (result i32 i64 f64) (i32.const 1) (i64.const 2) (f64.const 3))
      (func (export "wait") (result i32) (i32.add (call $wait) (call $wait)))
      (func (export "waitForNothing") (drop (call $wait)))
      (func (export "fail") (result i32) (call $fail))
      (func $down (export "down") (result i32) (i32.add (i32.const 1) (call $down)))
      (func (export "trap") (result i32) unreachable)
      (func (export "late") (result i32) (drop (call $wait)) unreachable))`)
  : undefined;

/** As a promise. */
function run(coroutine: Coroutine, guest: CallableFunction): Promise<unknown> {
  return new Promise((resolve, reject) => coroutine.run(guest, { returned: resolve, threw: reject }));
}

function guest() {
  const answers: ((value: number) => void)[] = [];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(GUEST!), {
    host: {
      wait: new WebAssembly.Suspending!(
        () => new Promise((resolve) => answers.push(resolve as (value: number) => void)),
      ) as never,
      fail: () => {
        throw new TypeError('no');
      },
    },
  });
  return { exports: exports as Record<string, CallableFunction>, answers };
}

async function answer(answers: ((value: number) => void)[], value: number) {
  await vi.waitFor(() => expect(answers).not.toEqual([]));
  answers.shift()!(value);
}

it.runIf(canSuspend)('a coroutine runs guests of several instances one after the other', async () => {
  const one = new Coroutine();
  expect(one.isParked).toBe(false);
  for (let round = 0; round < 3; round++) {
    const { exports, answers } = guest();
    expect(await run(one, exports.number!)).toBe(-7);
    expect(one.isParked).toBe(true);
    expect(await run(one, exports.nothing!)).toBe(0);
    const waiting = run(one, exports.wait!);
    await answer(answers, 20);
    expect(one.isParked).toBe(false);
    await answer(answers, 3);
    expect(await waiting).toBe(23);
    const forNothing = run(one, exports.waitForNothing!);
    await answer(answers, 1);
    expect(await forNothing).toBe(0);
  }
});

it.runIf(canSuspend)('functions of other types run as well, on a stack of their own', async () => {
  const one = new Coroutine();
  const { exports } = guest();
  expect(await run(one, exports.long!)).toBe(9n);
  await run(one, exports.number!);
  expect(await run(one, exports.three!)).toEqual([1, 2n, 3]);
  expect(one.isParked).toBe(false);
  expect(await run(one, exports.number!)).toBe(-7);
});

it.runIf(canSuspend)(
  'a guest that traps or throws takes the stack with it, and the next one gets another',
  async () => {
    const one = new Coroutine();
    const { exports, answers } = guest();
    for (const [name, error] of [
      ['trap', WebAssembly.RuntimeError],
      ['fail', TypeError],
      ['down', RangeError],
      ['late', WebAssembly.RuntimeError],
    ] as const) {
      // Once on a fresh stack, and once where another guest was before.
      for (let again = 0; again < 2; again++) {
        const rejected = expect(run(one, exports[name]!)).rejects.toThrow(error);
        if (name === 'late') await answer(answers, 1);
        await rejected;
        expect(one.isParked).toBe(false);
        expect(await run(one, exports.number!)).toBe(-7);
      }
    }
  },
);

it.runIf(canSuspend)('many wait at the same time, each on its own stack', async () => {
  const { exports, answers } = guest();
  const runs = Array.from({ length: 200 }, () => run(new Coroutine(), exports.wait!));
  for (let round = 0; round < 2; round++) {
    await vi.waitFor(() => expect(answers).toHaveLength(200));
    for (const [i, resolve] of answers.splice(0).entries()) resolve(i);
  }
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i));
});

it.runIf(canSuspend)(
  'what is parked counts as a stack, and is given back when it was not used for long, before anything else happens',
  async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const budgets = new SharedBudgets(3);
      const pool = new CoroutinePool(new SharedBudget(budgets.share().data));
      const { exports } = guest();
      const taken = [pool.take()!, pool.take()!, pool.take()!];
      expect(pool.take()).toBeUndefined();
      for (const one of taken.slice(0, 2)) await run(one, exports.number!);
      await expect(run(taken[2]!, exports.trap!)).rejects.toThrow();
      for (const one of taken) pool.give(one);
      expect(budgets.used).toBe(2);
      expect(taken).toContain(pool.take());
      pool.give(taken[1]!);
      // One of two was used.
      vi.advanceTimersByTime(1000);
      await Promise.resolve();
      expect(budgets.used).toBe(2);
      const used = pool.take()!;
      await run(used, exports.number!);
      pool.give(used);
      vi.advanceTimersByTime(1000);
      await Promise.resolve();
      expect(budgets.used).toBe(1);
      vi.advanceTimersByTime(1000);
      await Promise.resolve();
      expect(budgets.used).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
      expect(pool.take()).not.toBe(used);
    } finally {
      vi.useRealTimers();
    }
  },
);

it.runIf(canSuspend)('a coroutine that is parked holds no guest', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  const one = new Coroutine();
  const ran = async (name: string) => {
    const { exports } = guest();
    await run(one, exports[name]!);
    return new WeakRef(exports);
  };
  const left = [await ran('number'), await ran('nothing'), await ran('number')];
  await vi.waitFor(() => {
    collect();
    expect(left.map((ref) => ref.deref() === undefined)).toEqual([true, true, true]);
  });
  expect(one.isParked).toBe(true);
});

it.runIf(canSuspend)('a coroutine that is told to end keeps no stack, and can be used again', async () => {
  const one = new Coroutine();
  one.end();
  const { exports } = guest();
  await run(one, exports.number!);
  one.end();
  expect(one.isParked).toBe(false);
  await sleep(1);
  expect(await run(one, exports.number!)).toBe(-7);
});
