import { expect, it, vi } from 'vitest';
import { guestStacks } from '../../src/sandbox/guest-stacks.js';
import type { AskMessage, GuestSpec } from '../../src/sandbox/protocol.js';
import { SharedBudget, SharedBudgets } from '../../src/sandbox/shared-budget.js';
import { wat } from '../wasm/wat.js';
import { inlineThread } from './inline-thread.js';

const canSuspend = 'Suspending' in WebAssembly;
const INFINITE = Number.POSITIVE_INFINITY;

const SPEC = {
  id: 1,
  plugin: 'p',
  version: '1.0.0',
  modules: [
    {
      name: 'main',
      module: wat(`(module (import "extism:host/user" "wait" (func $wait (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32) (drop (call $wait)) (i32.const 0)))`),
    },
  ],
  startup: [],
  renamedExports: new Map(),
  guestPages: 1,
  limits: {
    memoryBytes: 1_000_000,
    outputBytes: 1000,
    varBytes: 1000,
    logBytesPerCall: 1000,
    cpuMs: INFINITE,
    fuel: INFINITE,
    openFiles: 0,
    fileBytes: 0,
  },
  config: [],
  hostFunctions: [{ module: 'extism:host/user', name: 'wait', params: [], result: 'i32' }],
  logLevel: 0,
} satisfies GuestSpec;

it.runIf(canSuspend)('a guest that finds no stack left blocks its thread, and gives none back', async () => {
  const budgets = new SharedBudgets(2);
  const { send, until } = inlineThread({ stacks: new SharedBudget(budgets.share().data) });
  send({ op: 'define', spec: SPEC });
  for (const id of [1, 2, 3]) {
    send({ op: 'instantiate', seq: id, spec: 1, instance: id, vars: new Map(), timeoutMs: 1000 });
  }
  await until((message) => message.op === 'done', 3);
  const call = (id: number, timeoutMs: number) =>
    send({ op: 'call', seq: 10 + id, instance: id, fn: 'run', input: '', timeoutMs, fuel: INFINITE });
  call(1, 10_000);
  call(2, 10_000);
  call(3, 20);
  const asks = (await until((message) => message.op === 'ask', 3)) as AskMessage[];
  expect(asks.map(({ deadline }) => deadline !== undefined)).toEqual([true, true, false]);
  expect(budgets.used).toBe(2);
  // Nobody answers the third in time.
  const [late] = await until((message) => message.op === 'done' && message.seq === 13, 1);
  expect(late).toMatchObject({ failure: { code: 'ERR_TIMEOUT' }, lost: true });
  for (const { ask } of asks.slice(0, 2)) send({ op: 'answer', ask, answer: { ok: true, value: 1 } });
  const done = await until((message) => message.op === 'done' && message.seq > 10 && message.seq < 13, 2);
  expect(done).toMatchObject([{ lost: false }, { lost: false }]);
  // Their stacks are kept for others, for a while.
  expect(budgets.used).toBe(2);
  await vi.waitFor(() => expect(budgets.used).toBe(0), 5000);
});

it('there are some where guests can be suspended, and none elsewhere', () => {
  const { limit } = guestStacks.share().data;
  if (canSuspend) expect(limit).toBeGreaterThan(1000);
  else expect(limit).toBe(0);
});
