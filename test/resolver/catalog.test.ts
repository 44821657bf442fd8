import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { MemorySource } from '../../src/catalog/memory-source.js';
import { resolve } from '../../src/resolver/resolve.js';

const plugin = (name: string, version: string, more: object = {}) => ({
  manifest: { manifestVersion: 1, name, version, ...more },
  wasm: new Uint8Array(1),
});

test('a catalog is a source of versions, and its candidates come back to be read', async () => {
  const catalog = new Catalog([
    new MemorySource([plugin('@acme/markdown', '1.2.0', { dependencies: { '@acme/highlight': '^2.0.0' } })]),
    new MemorySource([plugin('@acme/highlight', '2.1.0'), plugin('@acme/highlight', '3.0.0')], {
      id: 'more',
    }),
  ]);
  const { order } = await resolve({ specs: ['@acme/markdown@^1'], source: catalog });
  expect(order.map(({ name, version, candidate }) => [name, version, candidate.source])).toEqual([
    ['@acme/highlight', '2.1.0', 'more'],
    ['@acme/markdown', '1.2.0', 'memory'],
  ]);
  expect(await order[0]!.candidate.read({ name: 'main' }, { maxBytes: 1 })).toHaveLength(1);
});

test('a broken plugin is the cause where nobody else has the name', async () => {
  const broken = new MemorySource([{ manifest: { manifestVersion: 1, name: 'a' }, wasm: new Uint8Array(1) }]);
  const asked = resolve({ specs: ['a'], source: new Catalog([broken]) });
  await expect(asked).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', cause: { code: 'ERR_MANIFEST' } });
  const both = new Catalog([broken, new MemorySource([plugin('a', '1.0.0')])]);
  expect((await resolve({ specs: ['a'], source: both })).order).toHaveLength(1);
});

test('a source that hangs ends the resolution with an error that names it', async () => {
  const hanging = { id: 'registry', candidates: () => new Promise<never>(() => {}) };
  const source = new Catalog([hanging], { timeoutMs: 20 });
  await expect(resolve({ specs: ['a'], source })).rejects.toMatchObject({
    code: 'ERR_TIMEOUT',
    details: { source: 'registry' },
  });
});
