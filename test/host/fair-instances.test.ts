import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { ECHO, lab } from '../fixtures/guests/guests.js';
import { collect, openHost, plugin } from './open-host.js';

/** More than an instance is sent ahead of what it has done. */
const FLOOD = 200;
const QUEUE_MS = 5000;

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
});
