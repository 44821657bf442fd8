import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SharedBudget, SharedBudgets } from '../../src/sandbox/shared-budget.js';
import { files } from '../fixtures/guests/files.js';
import { i32, toI32 } from '../fixtures/guests/guest.js';
import { lab } from '../fixtures/guests/guests.js';
import { collect, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const [SUCCESS, ENFILE] = [0, 41];

async function open(openFiles: number) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'f'), 'content');
  const fs = { read: { '/data': folder } };
  const host = await openHost({
    budget: { openFiles },
    grants: { '*': { fs } },
    isolation: { '*': 'thread' },
    quarantine: { maxViolations: Number.POSITIVE_INFINITY },
  });
  const load = (name: string) => host.load(plugin(name, files, { permissions: { fs } }));
  return { host, load, violations: collect(host, 'violation') };
}

const keep = async (p: { call(fn: string): Promise<{ bytes(): Uint8Array }> }) =>
  toI32((await p.call('keep')).bytes());

it('budget.openFiles bounds what plugins of different threads have open together', async () => {
  const { host, load, violations } = await open(3);
  const [a, b] = [await load('a'), await load('b')];
  expect([await keep(a), await keep(a), await keep(b)]).toEqual([SUCCESS, SUCCESS, SUCCESS]);
  expect([await keep(b), await keep(a)]).toEqual([ENFILE, ENFILE]);
  expect(violations).toMatchObject([
    { plugin: 'b', kind: 'fs', detail: { reason: 'open-files-budget', limit: 3, open: 1 } },
    { plugin: 'a', kind: 'fs', detail: { reason: 'open-files-budget', limit: 3, open: 2 } },
  ]);
  expect(violations[0]!.message).toContain('budget.openFiles');
  expect(toI32((await a.call('drop_last')).bytes())).toBe(SUCCESS);
  expect(await keep(b)).toBe(SUCCESS);
  await host.unload('a');
  expect(await keep(b)).toBe(SUCCESS);
  expect(await keep(b)).toBe(ENFILE);
});

it('a budget of 0 opens nothing, and leaves the mounts', async () => {
  const { load } = await open(0);
  expect(await keep(await load('a'))).toBe(ENFILE);
});

it('what a thread had open is free again when it has ended', () => {
  const budgets = new SharedBudgets(2);
  const lost = budgets.share();
  const [a, b] = [new SharedBudget(lost.data), new SharedBudget(budgets.share().data)];
  expect([a.take(), b.take(), a.take(), b.take()]).toEqual([true, true, false, false]);
  lost.release();
  expect(budgets.used).toBe(1);
  expect([b.take(), b.take()]).toEqual([true, false]);
  b.give();
  expect(budgets.used).toBe(1);
});

it('budget.memoryBytes bounds what plugins of different threads grow to together, in the midst of calls', async () => {
  const budget = { memoryBytes: 10 * 65_536 };
  const host = await openHost({ budget, isolation: { '*': 'thread' } });
  const violations = collect(host, 'violation');
  const [a, b] = await host.load([plugin('a', lab), plugin('b', lab)]);
  const grow = async (p: typeof a, pages: number) => toI32((await p!.call('grow', i32(pages))).bytes());
  expect([await grow(a, 5), await grow(b, 5), await grow(b, 3)]).toEqual([1, -1, 1]);
  const error = await rejection(a!.call('hog'));
  expect(error).toMatchObject({ code: 'ERR_MEMORY', details: { limit: 10 * 65_536 } });
  expect(error.message).toContain('budget.memoryBytes (655360)');
  const input = await rejection(b!.call('echo', new Uint8Array(500_000)));
  expect(input.message).toContain('budget.memoryBytes is 655360');
  // Its instance was lost with the trap, and what it had is free.
  expect(await grow(b, 5)).toBe(4);
  await host.unload('b');
  expect(await grow(a, 9)).toBe(1);
  expect(violations).toEqual([]);
});
