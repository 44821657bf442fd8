import { describe, expect, test } from 'vitest';
import type { ResolutionError } from '../../src/errors/cordon-error.js';
import type { Candidate, VersionSource } from '../../src/resolver/candidate.js';
import { resolve } from '../../src/resolver/resolve.js';
import { ask, needs, setOf } from './ask.js';
import { candidate } from './candidate.js';
import { deep, ecosystem, generated } from './generated.js';
import { sourceOf, type UniverseInput, type VersionInput } from './universe.js';

async function errorOf(asked: Promise<unknown>): Promise<ResolutionError> {
  return asked.then(
    () => expect.unreachable(),
    (reason) => reason,
  );
}

/** How often the event loop had a turn while something was under way. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await work.catch(() => {});
  clearInterval(timer);
  return turns;
}

/** Plugins that each need the next. */
function chain(length: number, last: VersionInput = {}): Map<string, Candidate[]> {
  return new Map(
    Array.from({ length }, (_, i) => [
      `p${i}`,
      [candidate(`p${i}`, '1.0.0', i + 1 < length ? needs({ [`p${i + 1}`]: '*' }) : last)],
    ]),
  );
}

describe('a source whose answers change', () => {
  /** Has what `a` needs only when it is asked for the first time, or only after that. */
  function fickle(first: UniverseInput, then: UniverseInput): VersionSource<Candidate> & { asked: string[] } {
    const asked: string[] = [];
    const answer = (name: string) => sourceOf(asked.includes(name) ? then : first);
    return {
      ...sourceOf(first),
      asked,
      candidates: async (name) => {
        const candidates = await answer(name).candidates(name);
        asked.push(name);
        return candidates;
      },
    };
  }

  test('is asked once for each name, also for an explanation and what it proposes', async () => {
    const first = {
      a: { '1.0.0': needs({ b: '^1', c: '*' }), '1.1.0': needs({ b: '^1', c: '^1' }) },
      b: { '1.0.0': {} },
      c: { '1.0.0': needs({ b: '^2' }) },
    };
    const then = { a: { '9.0.0': {} }, b: { '2.0.0': {}, '3.0.0': {} }, c: {} };
    const source = fickle(first, then);
    const error = await errorOf(resolve({ specs: ['a'], source }));
    expect(source.asked.sort()).toEqual(['a', 'b', 'c']);
    const same = await errorOf(resolve({ specs: ['a'], source: sourceOf(first) }));
    expect([error.code, error.explanation]).toEqual([same.code, same.explanation]);
  });
});

describe('a universe made to do harm', () => {
  test('with names that every object has is like any other', async () => {
    const universe = {
      constructor: { '1.0.0': { ...needs({ valueof: '*' }), conflicts: { tostring: '*' } } },
      valueof: { '1.0.0': { provides: { constructor: '9.0.0' } } },
    };
    const locked = { valueof: '1.0.0' };
    expect(await setOf(universe, ['constructor'], { locked })).toEqual([
      'valueof@1.0.0',
      'constructor@1.0.0',
    ]);
    const engines = { a: { '1.0.0': { engines: { constructor: '*' } } } };
    expect(await errorOf(ask(engines, ['a']))).toMatchObject({ code: 'ERR_ENGINE', plugin: 'a' });
    expect(await errorOf(ask({}, ['constructor']))).toMatchObject({ code: 'ERR_NOT_FOUND' });
    expect(await errorOf(ask({}, ['__proto__']))).toMatchObject({ code: 'ERR_OPTIONS' });
  });

  test('with plugins that provide each other in a circle ends in a set or a coded error', async () => {
    const ring = (size: number, more: (i: number) => VersionInput): UniverseInput =>
      Object.fromEntries(
        Array.from({ length: size }, (_, i) => [
          `p${i}`,
          { '1.0.0': { provides: { [`p${(i + 1) % size}`]: '1.0.0' }, ...more(i) } },
        ]),
      );
    expect(
      await setOf(
        ring(50, () => ({})),
        ['p0'],
      ),
    ).toEqual(['p0@1.0.0']);
    const needing = ring(50, (i) => needs({ [`p${(i + 1) % 50}`]: '*' }));
    expect((await errorOf(ask(needing, ['p0']))).code).toMatch(/^ERR_(CYCLE|RESOLUTION)$/);
    const self = { a: { '1.0.0': { provides: { a: '2.0.0' }, ...needs({ a: '*' }) } } };
    expect((await errorOf(ask(self, ['a']))).code).toMatch(/^ERR_(CYCLE|RESOLUTION)$/);
  });

  test('with a thousand plugins that provide one name is settled', async () => {
    const universe: UniverseInput = Object.fromEntries([
      ['app', { '1.0.0': needs({ renderer: '^2' }) }],
      ...Array.from({ length: 1000 }, (_, i) => [
        `p${String(i).padStart(4, '0')}`,
        { '1.0.0': { provides: { renderer: i === 999 ? '2.0.0' : '1.0.0' } } },
      ]),
    ]);
    expect(await setOf(universe, ['app'])).toEqual(['p0999@1.0.0', 'app@1.0.0']);
  });

  test('with a chain of 3 000 plugins is settled, and its broken end is explained', async () => {
    const { order } = await resolve(generated(chain(3000), ['p0']));
    expect(order.map(({ name }) => name).slice(0, 2)).toEqual(['p2999', 'p2998']);
    const error = await errorOf(resolve(generated(chain(500, needs({ gone: '^1' })), ['p0'])));
    expect(error.code).toBe('ERR_NOT_FOUND');
    expect(error.message).toContain('The plugin gone, which p499 needs, is in no catalog source.');
    expect(error.explanation.split('\n').length).toBeLessThan(100);
  });

  test('with thousands of versions that each want another range is refused, and the event loop has its turns', async () => {
    const count = 2000;
    const versions = (name: string, input: (i: number) => VersionInput) =>
      Array.from({ length: count }, (_, i) => candidate(name, `1.0.${count - i}`, input(i)));
    const plugins = new Map([
      ['a', versions('a', (i) => needs({ b: `1.0.${i + 1} || 2.${i}.0` }))],
      ['b', versions('b', (i) => needs({ c: `>=${i + 1}` }))],
      ['c', [candidate('c', '0.0.1')]],
    ]);
    const work = resolve(generated(plugins, ['a']));
    expect(await turnsDuring(work)).toBeGreaterThan(2);
    const error = await errorOf(work);
    expect(error.code).toBe('ERR_RESOLUTION');
    expect(error.explanation).toContain('the only version of c is 0.0.1');
    expect(error.message.length).toBeLessThan(1000);
    expect((error.details.figures as { conflicts: number }).conflicts).toBeLessThan(10);
  });

  test('with a range of hundreds of parts is read as it is, and one that is longer is none', async () => {
    const universe = { a: { '1.0.0': needs({ b: `${'9 || '.repeat(50)}1` }) }, b: { '1.0.0': {} } };
    expect(await setOf(universe, ['a'])).toEqual(['b@1.0.0', 'a@1.0.0']);
    const error = await errorOf(ask(universe, [`a@${'1 || '.repeat(5000)}1`]));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS' });
    expect(error.message.length).toBeLessThan(1000);
  });
});

describe('many resolutions at once', () => {
  test('do not disturb each other, whoever of them is aborted', async () => {
    const universe = ecosystem({ plugins: 60, dependencies: 5, lag: 0.05, seed: 5 });
    const { specs, source } = universe;
    const alone = (await resolve({ specs, source })).order.map(({ name, version }) => `${name}@${version}`);
    const controllers = Array.from({ length: 40 }, () => new AbortController());
    const asked = controllers.map(async ({ signal }, i) => {
      const asking = i % 4 === 0 ? deep(50, 10) : universe;
      return resolve({ specs: asking.specs, source: slow(asking.source, i % 3), signal });
    });
    controllers.forEach((controller, i) => {
      if (i % 5 === 0) setTimeout(() => controller.abort(i), i % 2);
    });
    const settled = await Promise.allSettled(asked);
    settled.forEach((one, i) => {
      if (one.status === 'rejected') {
        expect([i % 5, one.reason]).toMatchObject([0, { code: 'ERR_ABORTED', cause: i }]);
      } else if (i % 4 !== 0) {
        expect(one.value.order.map(({ name, version }) => `${name}@${version}`)).toEqual(alone);
      }
    });
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(32);
  });

  /** Answers after some turns of the event loop. */
  function slow(source: VersionSource<Candidate>, ms: number): VersionSource<Candidate> {
    return {
      ...source,
      sources: source.sources,
      candidates: async (name, query) => {
        await new Promise((done) => setTimeout(done, ms));
        return source.candidates(name, query);
      },
    };
  }

  test('of a signal that has fired already ask nothing', async () => {
    const source = sourceOf({ a: { '1.0.0': {} } });
    const signal = AbortSignal.abort('before');
    await expect(resolve({ specs: ['a'], source, signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
      cause: 'before',
    });
    expect(source.asked).toEqual([]);
  });
});
