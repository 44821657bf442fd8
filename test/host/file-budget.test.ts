import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileBudget, FileBudgets } from '../../src/sandbox/file-budget.js';
import { files } from '../fixtures/guests/files.js';
import { toI32 } from '../fixtures/guests/guest.js';
import { collect, openHost, plugin } from './open-host.js';
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
  const budgets = new FileBudgets(2);
  const lost = budgets.share();
  const [a, b] = [new FileBudget(lost.data), new FileBudget(budgets.share().data)];
  expect([a.take(), b.take(), a.take(), b.take()]).toEqual([true, true, false, false]);
  lost.release();
  expect(budgets.used).toBe(1);
  expect([b.take(), b.take()]).toEqual([true, false]);
  b.give();
  expect(budgets.used).toBe(1);
});
