import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import type { CatalogSource, PluginCandidate, SourceQuery } from '../../src/catalog/catalog-source.js';
import { MemorySource } from '../../src/catalog/memory-source.js';

const wasm = new Uint8Array(1);
const memory = (id: string, ...manifests: object[]) =>
  new MemorySource(
    manifests.map((manifest) => ({ manifest: { manifestVersion: 1, ...manifest }, wasm })),
    { id },
  );

/** A source as an application might bring it: raw manifests, no way to list. */
class RawSource implements CatalogSource {
  readonly id = 'raw';
  readonly asked: string[] = [];
  readonly #answer: (name: string, query?: SourceQuery) => unknown;

  constructor(answer: (name: string, query?: SourceQuery) => unknown) {
    this.#answer = answer;
  }

  async candidates(name: string, query?: SourceQuery): Promise<readonly PluginCandidate[]> {
    this.asked.push(name);
    return (await this.#answer(name, query)) as PluginCandidate[];
  }
}

const raw = (name: string, version: string, more: object = {}) => ({
  manifest: { manifestVersion: 1, name, version, ...more },
  origin: `https://plugins.example/${name}`,
  source: 'raw',
  read: async () => wasm,
});

const listed = async (catalog: Catalog, name: string) =>
  (await catalog.candidates(name)).map((one) => `${one.manifest.version} ${one.source}`);

describe('the catalog', () => {
  test('merges the versions of all sources, newest first', async () => {
    const catalog = new Catalog([
      memory('one', { name: 'a', version: '1.0.0' }, { name: 'a', version: '2.0.0-beta.1' }),
      memory(
        'two',
        { name: 'a', version: '2.0.0' },
        { name: 'a', version: '1.10.0' },
        { name: 'a', version: '1.9.0' },
      ),
    ]);
    expect(await listed(catalog, 'a')).toEqual([
      '2.0.0 two',
      '2.0.0-beta.1 one',
      '1.10.0 two',
      '1.9.0 two',
      '1.0.0 one',
    ]);
  });

  test('takes the same version from the earlier source', async () => {
    const one = memory('one', { name: 'a', version: '1.0.0' });
    const two = memory('two', { name: 'a', version: '1.0.0' });
    expect(await listed(new Catalog([one, two]), 'a')).toEqual(['1.0.0 one']);
    expect(await listed(new Catalog([two, one]), 'a')).toEqual(['1.0.0 two']);
  });

  test('asks a source for a name once until refresh', async () => {
    const source = new RawSource((name) => [raw(name, '1.0.0')]);
    const catalog = new Catalog([source]);
    await Promise.all([catalog.candidates('a'), catalog.candidates('a'), catalog.candidates('b')]);
    await catalog.candidates('a');
    expect(source.asked).toEqual(['a', 'b']);
    catalog.refresh();
    await catalog.candidates('a');
    expect(source.asked).toEqual(['a', 'b', 'a']);
  });

  test('tells its sources to refresh', async () => {
    let refreshed = 0;
    const source = Object.assign(new RawSource(() => []), { refresh: () => refreshed++ });
    new Catalog([source]).refresh();
    expect(refreshed).toBe(1);
  });

  test('normalises the manifests of a source that an application brought', async () => {
    const catalog = new Catalog([new RawSource((name) => [raw(name, '1.0.0')])]);
    const [candidate] = await catalog.candidates('a');
    expect(candidate!.manifest.dependencies).toEqual({});
    expect(await candidate!.read({ name: 'main' }, { maxBytes: 1 })).toBe(wasm);
  });

  test('reports what such a source gives wrongly, and offers the rest', async () => {
    const source = new RawSource((name) => [
      raw('other', '1.0.0'),
      raw(name, 'v1'),
      { manifest: { name } },
      null,
      raw(name, '1.0.0'),
    ]);
    const catalog = new Catalog([source]);
    expect(await listed(catalog, 'a')).toEqual(['1.0.0 raw']);
    const broken = await catalog.broken('a');
    expect(broken).toHaveLength(4);
    for (const one of broken) {
      expect(one).toMatchObject({ source: 'raw', name: 'a', error: { code: 'ERR_MANIFEST' } });
    }
  });

  test('lists the names of all sources that can list', async () => {
    const catalog = new Catalog([
      memory('one', { name: 'b', version: '1.0.0' }, { name: 'a', version: '1.0.0' }),
      new RawSource(() => []),
    ]);
    expect(await catalog.names()).toEqual(['a', 'b']);
  });

  test('reports what is broken in every source, by name too', async () => {
    const failing = Object.assign(new RawSource(() => []), {
      broken: async () => {
        throw new Error('cannot say');
      },
    });
    const catalog = new Catalog([memory('one', { name: 'a' }, { name: 'b' }), failing]);
    expect((await catalog.broken()).map((one) => one.name)).toEqual(['a', 'b', undefined]);
    expect((await catalog.broken('b')).map((one) => one.origin)).toEqual(['one: b']);
  });
});

describe('providers of a virtual name', () => {
  test('come from every source that knows its own', async () => {
    const catalog = new Catalog([
      memory('one', { name: 'b', version: '1.0.0', provides: { renderer: '1.0.0' } }),
      memory('two', { name: 'a', version: '1.0.0', provides: { renderer: '1.0.0' } }),
    ]);
    expect(await catalog.providers('renderer')).toEqual(['a', 'b']);
    expect(await catalog.providers('other')).toEqual([]);
  });

  test('are searched in a source that can only list where nobody has the name itself', async () => {
    const source = Object.assign(
      new RawSource((name) =>
        name === 'a'
          ? [raw('a', '1.0.0', { provides: { renderer: '1.0.0', real: '1.0.0' } })]
          : name === 'real'
            ? [raw('real', '1.0.0')]
            : [],
      ),
      { names: async () => ['a', 'real'] },
    );
    const catalog = new Catalog([source]);
    expect(await catalog.providers('renderer')).toEqual(['a']);
    expect(await catalog.providers('real')).toEqual([]);
  });
});

describe('a source that', () => {
  test('throws is an error that names it and has its code', async () => {
    const source = new RawSource(() => {
      throw new Error('no connection');
    });
    const catalog = new Catalog([memory('one', { name: 'a', version: '1.0.0' }), source]);
    await expect(catalog.candidates('a')).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: 'The catalog source "raw" failed while looking for plugin a: no connection',
      cause: { message: 'no connection' },
      details: { source: 'raw' },
    });
  });

  test('fails once is asked again the next time', async () => {
    let failures = 1;
    const source = new RawSource((name) => {
      if (failures-- > 0) throw new Error('no connection');
      return [raw(name, '1.0.0')];
    });
    const catalog = new Catalog([source]);
    await expect(catalog.candidates('a')).rejects.toThrow('no connection');
    expect(await listed(catalog, 'a')).toEqual(['1.0.0 raw']);
  });

  test('hangs is ERR_TIMEOUT that names it, and is told to stop', async () => {
    let told: AbortSignal | undefined;
    const source = new RawSource((_, query) => {
      told = query?.signal;
      return new Promise(() => {});
    });
    const catalog = new Catalog([source], { timeoutMs: 20 });
    await expect(catalog.candidates('a')).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      message: expect.stringContaining('"raw" did not answer within 20 ms while looking for plugin a'),
      details: { source: 'raw', limit: 20 },
    });
    expect(told?.aborted).toBe(true);
  });

  test('hangs lets the caller abort, and is told to stop', async () => {
    let told: AbortSignal | undefined;
    const source = new RawSource((_, query) => {
      told = query?.signal;
      return new Promise(() => {});
    });
    const catalog = new Catalog([source]);
    const controller = new AbortController();
    const asked = catalog.candidates('a', { signal: controller.signal });
    controller.abort('enough');
    await expect(asked).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: 'enough' });
    expect(told?.aborted).toBe(true);
  });

  test('is slow still answers the others when one caller aborts', async () => {
    let answer: (value: unknown) => void = () => {};
    const source = new RawSource(() => new Promise((resolve) => (answer = resolve)));
    const catalog = new Catalog([source]);
    const controller = new AbortController();
    const leaving = catalog.candidates('a', { signal: controller.signal });
    const staying = catalog.candidates('a');
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    answer([raw('a', '1.0.0')]);
    expect(await staying).toHaveLength(1);
    expect(source.asked).toEqual(['a']);
  });

  test.each([[undefined], [null], ['text'], [{}]])(
    'answers with %j is an error that names it',
    async (answer) => {
      const catalog = new Catalog([new RawSource(() => answer)]);
      await expect(catalog.candidates('a')).rejects.toMatchObject({
        code: 'ERR_NOT_FOUND',
        details: { source: 'raw' },
      });
    },
  );

  test('remembers what it was asked for last, and not everything that anybody ever asked for', async () => {
    const source = new RawSource(() => []);
    const catalog = new Catalog([source]);
    for (let i = 0; i <= 10_000; i++) await catalog.candidates(`name-${i}`);
    source.asked.length = 0;
    await catalog.candidates('name-10000');
    await catalog.candidates('name-0');
    expect(source.asked).toEqual(['name-0']);
  });
});
