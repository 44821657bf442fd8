import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest, toI32 } from '../fixtures/guests/guest.js';
import { ECHO, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, openHost, plugin, rejection } from './open-host.js';

/** More than an instance is sent ahead of what it has done. */
const FLOOD = 200;
const QUEUE_MS = 5000;

/** Asks its host, and then calls another plugin. */
const asksThenCalls = (target: string) =>
  guest(
    (text) =>
      fn(
        'go',
        `(drop (call $wait (call $input_offset)))
        (call $reply (call $plugin_call ${text(target)} ${text('echo')} (call $input_offset)))`,
      ),
    {
      imports: `(import "extism:host/user" "wait" (func $wait (param i64) (result i64)))
        (import "extism:host/user" "plugin_call" (func $plugin_call (param i64 i64 i64) (result i64)))`,
    },
  );
const ASKS_C = { dependencies: { c: '*' }, permissions: { hostFunctions: ['wait'] } };

/** Calls that follow upon each other without a pause, `FLOOD` at a time, until `stop`. */
function flood(call: () => Promise<unknown>): { stop(): Promise<void> } {
  let stopped = false;
  const callers = Array.from({ length: FLOOD }, async () => {
    while (!stopped) await call();
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(callers);
    },
  };
}

describe('where there are fewer instances than are wanted', () => {
  it.each([
    ['stateful', 1],
    [{ pool: 2 }, 2],
  ] as const)('a tenant that calls without a pause keeps no other out: %o', async (instance, instances) => {
    const host = await openHost({
      catalog: [plugin('p', lab, { instance, limits: { instances, queueTimeoutMs: QUEUE_MS } })],
    });
    const p = await host.load('p');
    const busy = flood(() => p.call('echo', '', { tenant: 'busy' }));
    for (let i = 0; i < 5; i++)
      expect((await p.call('echo', `${i}`, { tenant: 'rare' })).text()).toBe(`${i}`);
    await p.call('echo', '', { tenant: 'rarer' });
    await busy.stop();
    expect(host.info('p').instances).toBeLessThanOrEqual(instances);
  });

  it('tenants that call one after the other do not have an instance started for each call', async () => {
    // Its start says so in the log.
    const starts = fn('on_activate', '(call $log_info (call $input_offset))');
    const host = await openHost({
      catalog: [
        plugin(
          'p',
          guest(() => `${ECHO} ${starts}`),
          { limits: { instances: 2 } },
        ),
      ],
    });
    const p = await host.load('p');
    const log = collect(host, 'log');
    await Promise.all(
      ['a', 'b', 'c'].map(async (tenant) => {
        for (let i = 0; i < 400; i++) await p.call('echo', '', { tenant });
      }),
    );
    expect(log.length).toBeLessThan(400);
  });

  it('calls of each tenant are run once and in order, also those that had been sent when its turn was over', async () => {
    const host = await openHost({ catalog: ['guest-examples'], limits: { instances: 1 } });
    const vowels = await host.load('@acme/count-vowels');
    const totals: Record<string, number[]> = { a: [], b: [], c: [] };
    const calls = Object.keys(totals).flatMap((tenant) =>
      Array.from({ length: 2000 }, async () => {
        const { total } = (await vowels.call('count_vowels', 'a', { tenant })).json<{ total: number }>();
        totals[tenant]!.push(total);
      }),
    );
    await Promise.all(calls);
    const expected = Array.from({ length: 2000 }, (_, i) => i + 1);
    expect(totals).toEqual({ a: expected, b: expected, c: expected });
  });

  it('large inputs arrive whole, also of calls that had been sent when a turn was over', async () => {
    const host = await openHost({ catalog: [plugin('p', lab, { limits: { instances: 1 } })] });
    const p = await host.load('p');
    const calls = Array.from({ length: 1500 }, async (_, i) => {
      const input = Buffer.alloc(i % 3 === 0 ? 100 : 20_000 + i, i);
      const output = await p.call('echo', input, { tenant: `${i % 4}` });
      return input.equals(output.bytes());
    });
    expect(await Promise.all(calls)).not.toContain(false);
  });

  it.each(['stateful', 'per-call', { pool: 2 }] as const)(
    'a plugin that is called without a pause keeps no other out of budget.instances: %o',
    async (instance) => {
      const rare = { limits: { queueTimeoutMs: QUEUE_MS } };
      const host = await openHost({
        budget: { instances: 2 },
        catalog: [
          plugin('busy', lab, { instance }),
          ...['other', 'rare', 'rarer'].map((name) => plugin(name, lab, rare)),
        ],
      });
      const names = ['other', 'rare', 'rarer'];
      await host.load(['busy', ...names]);
      const busy = flood(() => host.call('busy', 'echo', ''));
      for (let i = 0; i < 3; i++)
        for (const name of names) expect((await host.call(name, 'echo', `${i}`)).text()).toBe(`${i}`);
      await busy.stop();
      expect(host.stats().instances).toBeLessThanOrEqual(2);
    },
  );

  it('a call that a guest waits for gets one that is kept for calls which wait for the place of its caller', async () => {
    const queued = deferred<string>();
    const host = await openHost({
      budget: { concurrentCalls: 1 },
      hostFunctions: { wait: defineHostFunction({ params: ['text'], result: 'text' }, () => queued.promise) },
      grants: { '*': { hostFunctions: ['wait'] } },
      catalog: [plugin('c', lab, { limits: { instances: 1 } }), plugin('b', asksThenCalls('c'), ASKS_C)],
    });
    await host.load('b');
    await host.call('c', 'echo', '', { tenant: 'one' });
    const calls = [
      host.call('b', 'go', 'x', { tenant: 'two', timeoutMs: 10_000 }),
      // It has an instance, and no place: that one is taken by the first.
      host.call('c', 'echo', 'x', { tenant: 'one', priority: 5 }),
    ];
    queued.resolve('');
    expect((await Promise.all(calls)).map((output) => output.text())).toEqual(['x', 'x']);
  });

  it('a tenant whose calls have a higher priority keeps its own', async () => {
    const p = await (
      await openHost({
        catalog: [plugin('p', lab, { limits: { instances: 1, queueTimeoutMs: 500 } })],
      })
    ).load('p');
    const counts: number[] = [];
    const busy = flood(async () => {
      counts.push(toI32((await p.call('count', '', { tenant: 'high', priority: 1 })).bytes()));
    });
    const { code } = await rejection(p.call('echo', '', { tenant: 'low' }));
    await busy.stop();
    // By what was full when it gave up.
    expect(['ERR_TIMEOUT', 'ERR_BUSY']).toContain(code);
    // One instance has counted all of them.
    expect(counts).toEqual(counts.map((_, i) => i + 1));
  });

  it('room in budget.memoryBytes adds up for a plugin that needs that of two', async () => {
    const small = guest(() => ECHO, { memory: '24' });
    const big = guest(() => ECHO, { memory: '44' });
    const host = await openHost({
      budget: { memoryBytes: 50 * 65_536 },
      catalog: [
        ...['one', 'two'].map((name) => plugin(name, small)),
        plugin('big', big, { activation: 'call', limits: { queueTimeoutMs: QUEUE_MS } }),
      ],
    });
    await host.load(['one', 'two', 'big']);
    const busy = ['one', 'two'].map((name) => flood(() => host.call(name, 'echo', '')));
    for (let i = 0; i < 3; i++) expect((await host.call('big', 'echo', `${i}`)).text()).toBe(`${i}`);
    await Promise.all(busy.map((one) => one.stop()));
  });
});
