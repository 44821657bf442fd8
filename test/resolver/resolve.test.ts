import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../src/resolver/candidate.js';
import { ask, needs, setOf, uses } from './ask.js';
import { candidate } from './candidate.js';
import { sourceOf } from './universe.js';

describe('resolution', () => {
  test('takes the newest release in the range of a spec', async () => {
    const universe = { a: { '1.0.0': {}, '1.10.0': {}, '1.9.0': {}, '2.0.0-rc.1': {}, '2.0.0': {} } };
    expect(await setOf(universe, ['a@^1'])).toEqual(['a@1.10.0']);
    expect(await setOf(universe, ['a'])).toEqual(['a@2.0.0']);
    expect(await setOf(universe, ['a@^2.0.0-rc.1'])).toEqual(['a@2.0.0']);
    expect(await setOf(universe, ['a@2.0.0-rc.1'])).toEqual(['a@2.0.0-rc.1']);
  });

  test('meets all ranges with one version, going back from the newest where it must', async () => {
    const universe = {
      a: { '1.0.0': needs({ c: '^1' }), '2.0.0': needs({ c: '^2' }) },
      b: { '1.0.0': needs({ c: '^1' }) },
      c: { '1.0.0': {}, '1.1.0': {}, '2.0.0': {} },
    };
    expect(await setOf(universe, ['a', 'b'])).toEqual(['c@1.1.0', 'a@1.0.0', 'b@1.0.0']);
  });

  test('puts dependencies first, then the higher priority, then the name', async () => {
    const universe = {
      a: { '1.0.0': { ...needs({ z: '*' }), priority: 9 } },
      b: { '1.0.0': {} },
      c: { '1.0.0': { priority: 1 } },
      d: { '1.0.0': {} },
      z: { '1.0.0': {} },
    };
    expect((await ask(universe, ['d', 'c', 'b', 'a'])).order.map(({ name }) => name)).toEqual([
      'c',
      'b',
      'd',
      'z',
      'a',
    ]);
  });

  test('holds several specs for one name together', async () => {
    const universe = { a: { '1.0.0': {}, '1.5.0': {}, '2.0.0': {} } };
    expect(await setOf(universe, ['a@>=1', 'a@<2', 'a'])).toEqual(['a@1.5.0']);
    expect(await setOf(universe, [{ name: 'a', range: '1.0.0' }, 'a'])).toEqual(['a@1.0.0']);
  });

  test('of nothing is nothing', async () => {
    expect(await setOf({}, [])).toEqual([]);
  });

  test('asks a source for each name at most once, and only for names that are needed', async () => {
    const source = sourceOf({
      a: { '1.0.0': needs({ c: '^1' }), '2.0.0': needs({ c: '^1', d: '*' }) },
      b: { '1.0.0': needs({ c: '^2' }), '0.9.0': needs({ c: '^1' }) },
      c: { '1.0.0': {}, '2.0.0': {} },
      d: { '1.0.0': {} },
      unrelated: { '1.0.0': { conflicts: { a: '*' } } },
    });
    await ask({}, ['a', 'b'], { source });
    expect([...source.asked].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('prefers a locked version over a newer one, but not over none', async () => {
    const universe = { a: { '1.0.0': {}, '1.1.0': {}, '2.0.0': {} } };
    const locked = { a: '1.0.0' };
    expect(await setOf(universe, ['a'], { locked })).toEqual(['a@1.0.0']);
    expect(await setOf(universe, ['a@^2'], { locked })).toEqual(['a@2.0.0']);
    expect(await setOf(universe, ['a'], { locked: { a: '1.0.5' } })).toEqual(['a@2.0.0']);
    expect(await setOf(universe, ['a'], { locked, upgrade: ['a'] })).toEqual(['a@2.0.0']);
    expect(await setOf(universe, ['a'], { locked, upgrade: ['b'] })).toEqual(['a@1.0.0']);
    expect(await setOf(universe, ['a'], { locked, upgrade: 'all' })).toEqual(['a@2.0.0']);
  });

  test('uses a yanked version only where it is locked', async () => {
    const universe = { a: { '1.0.0': {}, '1.1.0': { yanked: 'loses data' } } };
    expect(await setOf(universe, ['a'])).toEqual(['a@1.0.0']);
    expect(await setOf(universe, ['a'], { locked: { a: '1.1.0' } })).toEqual(['a@1.1.0']);
  });

  test('leaves out versions that the host refuses, at once or after a while', async () => {
    const universe = { a: { '1.0.0': {}, '1.1.0': {}, '1.2.0': {} } };
    const quarantine = {
      id: 'quarantine',
      judge: ({ manifest }: Candidate) =>
        manifest.version === '1.2.0' ? { reason: 'quarantine' } : undefined,
    };
    const age = {
      id: 'age',
      judge: async ({ manifest }: Candidate) =>
        manifest.version === '1.0.0' ? undefined : { verb: 'was' as const, reason: 'published today' },
    };
    const { order } = await ask(universe, ['a'], { rules: [quarantine, age] });
    expect(order).toMatchObject([
      {
        version: '1.0.0',
        reasons: {
          version: 'newest-possible',
          newer: [
            { versions: ['1.2.0'], because: 'a 1.2.0 is not to be used (quarantine)' },
            { versions: ['1.1.0'], because: 'a 1.1.0 was published today' },
          ],
        },
      },
    ]);
  });

  test('takes versions whose engines the host offers', async () => {
    const universe = {
      a: {
        '1.0.0': { engines: { cordon: '^0.1.0' } },
        '2.0.0': { engines: { cordon: '^0.1.0', app: '>=3' } },
      },
    };
    expect(await setOf(universe, ['a'])).toEqual(['a@1.0.0']);
    expect(await setOf(universe, ['a'], { engines: { cordon: '0.1.5', app: '3.4.0' } })).toEqual(['a@2.0.0']);
    expect(await setOf(universe, ['a'], { engines: { cordon: '0.1.1-beta.1' } })).toEqual(['a@1.0.0']);
  });

  test('avoids conflicts with plugins and with names that plugins provide', async () => {
    const universe = {
      a: { '1.0.0': {}, '2.0.0': { conflicts: { b: '<2' } }, '3.0.0': { conflicts: { renderer: '*' } } },
      b: { '1.0.0': { provides: { renderer: '1.0.0' } } },
    };
    expect(await setOf(universe, ['a', 'b'])).toEqual(['a@1.0.0', 'b@1.0.0']);
    expect(await setOf(universe, ['a'])).toEqual(['a@3.0.0']);
  });

  test('goes back to versions that do not wait for each other in a circle', async () => {
    const universe = {
      a: { '1.0.0': needs({ b: '*' }) },
      b: { '1.0.0': {}, '2.0.0': needs({ a: '*' }) },
    };
    expect(await setOf(universe, ['a'])).toEqual(['b@1.0.0', 'a@1.0.0']);
  });
});

describe('a name that others provide', () => {
  const universe = {
    editor: { '1.0.0': needs({ renderer: '^1' }) },
    fast: { '1.0.0': { provides: { renderer: '1.1.0' } }, '2.0.0': { provides: { renderer: '2.0.0' } } },
    slow: { '1.0.0': { provides: { renderer: '1.0.0' } } },
  };
  const withOwn = { ...universe, renderer: { '1.0.0': {}, '2.0.0': {} } };

  test('is served by the first provider that has it in the range', async () => {
    const { order } = await ask(universe, ['editor']);
    expect(order.map(({ name, version }) => `${name}@${version}`)).toEqual(['fast@1.0.0', 'editor@1.0.0']);
    expect(order[1]!.dependencies).toEqual([
      { name: 'renderer', range: '^1', plugin: 'fast', isOptional: false },
    ]);
    expect(order[0]!.reasons.askedBy).toEqual([
      { by: 'plugin', plugin: 'editor@1.0.0', as: 'renderer', range: '^1', isOptional: false },
    ]);
  });

  test('is served by the plugin of that name rather than by another', async () => {
    expect(await setOf(withOwn, ['editor'])).toEqual(['renderer@1.0.0', 'editor@1.0.0']);
  });

  test('is served by a provider that is in the set anyway', async () => {
    expect(await setOf(withOwn, ['editor', 'slow'])).toEqual(['slow@1.0.0', 'editor@1.0.0']);
  });

  test('stays with the provider that is locked', async () => {
    expect(await setOf(withOwn, ['editor'], { locked: { slow: '1.0.0' } })).toEqual([
      'slow@1.0.0',
      'editor@1.0.0',
    ]);
  });

  test('has one version: no provider stands in while the plugin of that name is there', async () => {
    await expect(ask(withOwn, ['editor', 'renderer@2', 'slow'])).rejects.toMatchObject({
      code: 'ERR_RESOLUTION',
    });
  });

  test('cannot be asked for by a spec, and the error says what to ask for', async () => {
    await expect(ask(universe, ['renderer'])).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('fast and slow can stand in for'),
    });
  });

  test('is not served by the plugin that needs it', async () => {
    const selfish = { a: { '1.0.0': { ...needs({ v: '*' }), provides: { v: '1.0.0' } } } };
    await expect(ask(selfish, ['a'])).rejects.toMatchObject({ code: 'ERR_RESOLUTION' });
  });
});

describe('an optional dependency', () => {
  test('is in the set, and before its plugin, where it can be', async () => {
    const universe = {
      a: { '1.0.0': uses({ b: '^1' }) },
      b: { '1.0.0': needs({ c: '*' }) },
      c: { '1.0.0': {} },
    };
    const { order, dropped } = await ask(universe, ['a']);
    expect(order.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(order[2]!.dependencies).toEqual([{ name: 'b', range: '^1', plugin: 'b', isOptional: true }]);
    expect(dropped).toEqual([]);
  });

  test('never holds back what is needed', async () => {
    const universe = {
      a: { '1.0.0': { ...uses({ b: '*' }), ...needs({ c: '*' }) } },
      b: { '1.0.0': needs({ c: '^1' }) },
      c: { '1.0.0': {}, '2.0.0': {} },
    };
    expect(await setOf(universe, ['a'])).toEqual(['c@2.0.0', 'a@1.0.0']);
  });

  test('that would close a circle is dropped', async () => {
    const universe = { a: { '1.0.0': uses({ b: '*' }) }, b: { '1.0.0': needs({ a: '*' }) } };
    const { order, dropped } = await ask(universe, ['a']);
    expect(order.map(({ name }) => name)).toEqual(['a']);
    expect(dropped).toMatchObject([
      { plugin: 'a@1.0.0', name: 'b', reason: expect.stringContaining('a -> b -> a') },
    ]);
  });
});

describe('a loaded plugin', () => {
  const loaded = [
    { candidate: candidate('b', '1.0.0', needs({ c: '^1' })) },
    { candidate: candidate('c', '1.0.0') },
  ];

  test('stays as it is, and the catalog is not asked about it', async () => {
    const source = sourceOf({
      a: { '1.0.0': needs({ b: '^1' }), '2.0.0': needs({ b: '^2' }) },
      b: { '1.5.0': {}, '2.0.0': {} },
    });
    const { order } = await ask({}, ['a'], { source, loaded });
    expect(order.map(({ name, version, isLoaded }) => [name, version, isLoaded])).toEqual([
      ['c', '1.0.0', true],
      ['b', '1.0.0', true],
      ['a', '1.0.0', false],
    ]);
    expect(source.asked).toEqual(['a']);
  });

  test('keeps what serves it', async () => {
    const universe = {
      a: { '1.0.0': needs({ v: '*' }) },
      p: { '1.0.0': { provides: { v: '1.0.0' } } },
      q: { '1.0.0': { provides: { v: '1.0.0' } } },
    };
    const running = [
      { candidate: candidate('q', '1.0.0', { provides: { v: '1.0.0' } }) },
      { candidate: candidate('user', '1.0.0', needs({ v: '*' })), links: { v: 'q' } },
    ];
    const { order } = await ask(universe, ['a', 'p'], { loaded: running });
    expect(order.find(({ name }) => name === 'a')!.dependencies).toMatchObject([{ name: 'v', plugin: 'q' }]);
  });

  test('does not take up optional dependencies that it was loaded without', async () => {
    const running = [{ candidate: candidate('a', '1.0.0', uses({ b: '*' })) }];
    expect(await setOf({ b: { '1.0.0': {} }, c: { '1.0.0': {} } }, ['c'], { loaded: running })).toEqual([
      'a@1.0.0',
      'c@1.0.0',
    ]);
  });
});

describe('a source that', () => {
  test('fails makes the resolution fail with its error', async () => {
    const source = { ...sourceOf({ a: { '1.0.0': needs({ b: '*' }) } }) };
    const { candidates } = source;
    source.candidates = (name) =>
      name === 'b' ? Promise.reject(new Error('no connection')) : candidates(name);
    await expect(ask({}, ['a'], { source })).rejects.toThrow('no connection');
  });

  test('is asked with the signal of the request, and a fired signal ends the resolution', async () => {
    const controller = new AbortController();
    const source = sourceOf({});
    source.candidates = async (_, query) => {
      expect(query?.signal).toBe(controller.signal);
      controller.abort('enough');
      return [];
    };
    await expect(ask({}, ['a'], { source, signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
      cause: 'enough',
    });
  });
});
