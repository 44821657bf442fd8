import { expect, it } from 'vitest';
import { collect, openHost } from './open-host.js';

const catalog = ['guest-examples'];

it('vars of one tenant are not seen by another', async () => {
  const host = await openHost({ catalog });
  const vowels = await host.load('@acme/count-vowels');
  const total = async (text: string, tenant?: string) =>
    (await vowels.call('count_vowels', text, tenant === undefined ? {} : { tenant })).json<{
      total: number;
    }>().total;
  expect(await total('aei', 'one')).toBe(3);
  expect(await total('a', 'two')).toBe(1);
  expect(await total('ou')).toBe(2);
  expect(await total('aei', 'one')).toBe(6);
});

it('calls of one tenant do not meet the memory of another', async () => {
  const host = await openHost({ catalog });
  const plugin = await host.load('@acme/runaway');
  // It answers as often as it is told to, which it counts in its own memory.
  const answer = async (tenant: string) => (await plugin.call('spin_after', '1', { tenant })).text();
  expect(await answer('one')).toBe('pong');
  expect(await answer('two')).toBe('pong');
  await expect(answer('one')).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
});

it('more tenants than instances take turns, and each finds its vars again', async () => {
  const host = await openHost({ catalog, limits: { instances: 2 } });
  const vowels = await host.load('@acme/count-vowels');
  const tenants = Array.from({ length: 6 }, (_, index) => `tenant ${index}`);
  for (const expected of [1, 2, 3]) {
    const totals = await Promise.all(
      tenants.map(async (tenant) => {
        const output = await vowels.call('count_vowels', 'a', { tenant });
        return output.json<{ total: number }>().total;
      }),
    );
    expect(totals).toEqual(tenants.map(() => expected));
    expect(host.info('@acme/count-vowels').instances).toBeLessThanOrEqual(2);
  }
});

it('vars are kept of a thousand tenants, and the operator is told when there are more', async () => {
  const host = await openHost({ catalog, budget: { cpuPercent: Number.POSITIVE_INFINITY } });
  const vowels = await host.load('@acme/count-vowels');
  const warnings = collect(host, 'warning');
  const total = async (tenant: string) =>
    (await vowels.call('count_vowels', 'a', { tenant })).json<{ total: number }>().total;
  const all = (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, i) => total(`${from + i}`)));
  await all(0, 1000);
  expect(warnings).toEqual([]);
  await all(1000, 1003);
  expect(warnings).toMatchObject([
    { topic: 'budget', plugin: '@acme/count-vowels', detail: { limit: 1000 } },
  ]);
  expect(await total('1002')).toBe(2);
});
