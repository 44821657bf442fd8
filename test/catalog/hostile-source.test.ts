import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import type { CatalogSource, PluginCandidate } from '../../src/catalog/catalog-source.js';
import { cordonError } from '../../src/errors/cordon-error.js';

const raw = (name: string, version: string, more: object = {}) => ({
  manifest: { manifestVersion: 1, name, version, ...more },
  origin: `https://plugins.example/${name}`,
  source: 'bad',
  read: async () => new Uint8Array(1),
});

/** A catalog of one source that answers like this, whatever is asked. */
function answering(answer: (name: string) => unknown, more: object = {}): Catalog {
  const source = {
    id: 'bad',
    candidates: async (name: string) => answer(name) as PluginCandidate[],
    ...more,
  };
  return new Catalog([source as CatalogSource]);
}

const versionsOf = async (catalog: Catalog, name = 'a') =>
  (await catalog.candidates(name)).map(({ manifest }) => manifest.version);

describe('a source that answers with', () => {
  test('100 000 versions of a plugin is an error that names it, the plugin and the limit', async () => {
    const many = Array.from({ length: 100_000 }, (_, i) => raw('a', `1.0.${i}`));
    await expect(answering(() => many).candidates('a')).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message:
        'The catalog source "bad" failed while looking for plugin a: it answered with 100000 versions; at most 10000 are read',
      details: { source: 'bad' },
    });
  });

  test('a list that claims to be endless is refused for its length, without going through it', async () => {
    const endless = new Array(2 ** 32 - 1);
    await expect(answering(() => endless).candidates('a')).rejects.toThrow('4294967295 versions');
    const catalog = answering(() => [], { names: async () => endless, providers: async () => endless });
    await expect(catalog.names()).rejects.toThrow('4294967295 names');
    await expect(catalog.providers('a')).rejects.toThrow('4294967295 names');
  });

  test('thousands of versions leaves the event loop its turns while they are read', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => raw('a', `1.0.${i}`));
    const catalog = answering(() => many);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect(await versionsOf(catalog)).toHaveLength(3000);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  test.each([[[5]], [['a', Symbol('b')]], [[{}]], [[null]]])(
    'names that are none, as in %#, is an error that names it',
    async (names) => {
      const catalog = answering(() => [], { names: async () => names, providers: async () => names });
      for (const asked of [catalog.names(), catalog.providers('v')]) {
        await expect(asked).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', details: { source: 'bad' } });
      }
    },
  );

  test('the same version twice offers the first', async () => {
    const [first, second] = [raw('a', '1.0.0', { priority: 1 }), raw('a', '1.0.0', { priority: 2 })];
    const [one, ...others] = await answering(() => [first, second]).candidates('a');
    expect(one?.manifest.priority).toBe(1);
    expect(others).toEqual([]);
  });

  test('something else each time is taken at its first word until refresh', async () => {
    let asked = 0;
    const catalog = answering(() => [raw('a', `${++asked}.0.0`)]);
    expect(await versionsOf(catalog)).toEqual(['1.0.0']);
    expect(await versionsOf(catalog)).toEqual(['1.0.0']);
    catalog.refresh();
    expect(await versionsOf(catalog)).toEqual(['2.0.0']);
  });

  test.each([
    ['a version of 300 characters', raw('a', `1.0.0-${'x'.repeat(300)}`)],
    ['a range of thousands of parts', raw('a', '2.0.0', { dependencies: { b: '1 || '.repeat(5000) } })],
    ['a dependency on __proto__', raw('a', '2.0.0', { dependencies: JSON.parse('{"__proto__":"*"}') })],
    ['100 000 dependencies', raw('a', '2.0.0', { dependencies: dependencies(100_000) })],
    ['a manifest that throws when it is read', { ...raw('a', '2.0.0'), manifest: throwing(), source: 'bad' }],
    ['an entry that throws when it is read', throwing()],
  ])('%s leaves that version out, says so, and offers the rest', async (_, bad) => {
    const catalog = answering(() => [bad, raw('a', '1.0.0')]);
    expect(await versionsOf(catalog)).toEqual(['1.0.0']);
    const [broken, ...others] = await catalog.broken('a');
    expect(others).toEqual([]);
    expect(broken).toMatchObject({ source: 'bad', name: 'a' });
    expect(broken?.error.message).toBeTruthy();
  });
});

function dependencies(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`d${i}`, '*']));
}

/** An object of which every property throws. */
function throwing(): object {
  return new Proxy({}, { get: () => raise(new Error('do not touch')) });
}

function raise(thrown: unknown): never {
  throw thrown;
}

describe('a source that fails with', () => {
  test.each([[undefined], [null], [Symbol('why')], [Object.create(null)], [{ toString: 5 }], ['text'], [0n]])(
    'something that is no error, as in %#, is an error that names it',
    async (thrown) => {
      await expect(answering(() => raise(thrown)).candidates('a')).rejects.toMatchObject({
        code: 'ERR_NOT_FOUND',
        message: expect.stringContaining('The catalog source "bad" failed while looking for plugin a: '),
      });
    },
  );

  test('an abort that nobody asked for is an error that names it', async () => {
    const catalog = answering(() => raise(cordonError('ERR_ABORTED', 'Aborted while fetching.')));
    await expect(catalog.candidates('a')).rejects.toMatchObject({
      message: expect.stringContaining('"bad" failed while looking for plugin a: Aborted while fetching.'),
      details: { source: 'bad' },
    });
  });
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'the name %s is one like any other',
  async (name) => {
    const catalog = answering(() => []);
    expect(await catalog.candidates(name)).toEqual([]);
    expect(await catalog.providers(name)).toEqual([]);
    expect(await catalog.broken(name)).toEqual([]);
  },
);
