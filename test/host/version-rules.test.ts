import type { CatalogSource, HostOptions, InMemoryPlugin, VersionCandidate } from 'cordon';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../src/catalog/memory-source.js';
import { resolve } from '../../src/resolver/resolve.js';
import { ageText, dateText } from '../../src/runtime/age-text.js';
import { versionRules } from '../../src/runtime/version-rules.js';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { candidate } from '../resolver/candidate.js';
import { sourceOf } from '../resolver/universe.js';
import { openHost, plugin, rejection } from './open-host.js';

const echo = guest(() => ECHO);
const HOUR = 3_600_000;

/** A source that knows when its versions were published, in hours before now. */
function registry(plugins: readonly (readonly [plugin: InMemoryPlugin, hoursAgo?: number])[]): CatalogSource {
  const source = new MemorySource(plugins.map(([one]) => one));
  return {
    id: 'registry',
    names: () => source.names(),
    candidates: async (name) =>
      (await source.candidates(name)).map((found) => {
        const hoursAgo = plugins.find(
          ([{ manifest }]) => (manifest as { version?: string }).version === found.manifest.version,
        )?.[1];
        return hoursAgo === undefined ? found : { ...found, publishedAt: Date.now() - hoursAgo * HOUR };
      }),
  };
}

const version = (number: string, more: object = {}) => plugin('a', echo, { version: number, ...more });
const chosen = async (options: HostOptions, spec = 'a') =>
  (await (await openHost(options)).resolve(spec)).plugins.map(({ version: number }) => number);

describe('resolution.minimumReleaseAgeMs', () => {
  const catalog = registry([
    [version('1.0.0'), 48],
    [version('1.1.0'), 3.5],
    [version('1.2.0'), 1.5],
  ]);

  it('leaves out versions that were published less than so long ago, and says so', async () => {
    const host = await openHost({ catalog, resolution: { minimumReleaseAgeMs: 24 * HOUR } });
    const [a] = (await host.resolve('a')).plugins;
    expect(a).toMatchObject({
      version: '1.0.0',
      reasons: {
        version: 'newest-possible',
        newer: [
          {
            versions: ['1.2.0'],
            because: 'a 1.2.0 was published 1 hour ago, under resolution.minimumReleaseAgeMs',
          },
          {
            versions: ['1.1.0'],
            because: 'a 1.1.0 was published 3 hours ago, under resolution.minimumReleaseAgeMs',
          },
        ],
      },
    });
    expect((await host.load('a')).version).toBe('1.0.0');
  });

  it('explains what to change where no version is old enough', async () => {
    const host = await openHost({ catalog, resolution: { minimumReleaseAgeMs: 24 * HOUR } });
    const error = await rejection(host.load('a@^1.1'));
    expect(error.code).toBe('ERR_RESOLUTION');
    expect(error.message).toMatch(
      /\n {2}- Wait until \d{4}-\d\d-\d\d \d\d:\d\d UTC for a 1\.2\.0, or lower resolution\.minimumReleaseAgeMs\./,
    );
  });

  it('is 0 by default, and does not concern versions of which nobody knows the time', async () => {
    expect(await chosen({ catalog })).toEqual(['1.2.0']);
    const unknown = registry([[version('1.0.0'), 48], [version('2.0.0')]]);
    const resolution = { minimumReleaseAgeMs: 24 * HOUR };
    expect(await chosen({ catalog: unknown, resolution })).toEqual(['2.0.0']);
  });

  it('admits nothing whose time is known where it is Infinity, and counts what is ahead of the clock as new', async () => {
    const resolution = { minimumReleaseAgeMs: Number.POSITIVE_INFINITY };
    const error = await rejection((await openHost({ catalog, resolution })).load('a'));
    expect(error.message).toContain('- Lower resolution.minimumReleaseAgeMs for a 1.2.0.');
    const ahead = registry([[version('1.0.0'), -2.5]]);
    const host = await openHost({ catalog: ahead, resolution: { minimumReleaseAgeMs: 1 } });
    expect((await rejection(host.load('a'))).message).toMatch(
      /was published 2 hours ahead of this machine’s/,
    );
  });

  it('does not take a date that is none for one that is not known', async () => {
    const source = registry([[version('1.0.0'), 1]]);
    const wrong: CatalogSource = {
      id: 'wrong',
      candidates: async (name) =>
        (await source.candidates(name)).map((one) => ({ ...one, publishedAt: '2026' as unknown as number })),
    };
    const error = await rejection((await openHost({ catalog: wrong })).load('a'));
    expect(error.code).toBe('ERR_NOT_FOUND');
    expect((await (await openHost({ catalog: wrong })).broken()).length).toBe(0);
    expect(error.message).toContain('"publishedAt" is string 2026; expected milliseconds since 1970');
  });
});

describe('resolution.refuse', () => {
  const catalog = ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0'].map((number) => version(number));

  it('keeps out the versions of a list, prereleases in between included', async () => {
    expect(await chosen({ catalog, resolution: { refuse: ['a@>=2'] } })).toEqual(['1.1.0']);
    expect(await chosen({ catalog, resolution: { refuse: ['a@>1.0.0 <3', 'b'] } })).toEqual(['1.0.0']);
    const host = await openHost({ catalog, resolution: { refuse: ['a@>=1.1 <2.0.0'] } });
    expect((await rejection(host.resolve('a@2.0.0-rc.1 || 1.1.0'))).message).toContain(
      'a 1.1.0 and 2.0.0-rc.1 are not to be used (resolution.refuse has a@>=1.1 <2.0.0)',
    );
  });

  it('tells the reason, and what would let the version in', async () => {
    const refuse = [{ spec: 'a', reason: 'loses data' }];
    const host = await openHost({ catalog, resolution: { refuse } });
    const error = await rejection(host.load('a'));
    expect(error.message).toContain('Every version of a is not to be used (loses data).');
    expect(error.message).toContain('- Let resolution.refuse admit a 2.0.0 (loses data).');
  });

  it('asks a function once about versions that come into question, and about no loaded one', async () => {
    const asked: string[] = [];
    const refuse = (candidate: VersionCandidate): string | undefined => {
      expect(Object.isFrozen(candidate)).toBe(true);
      asked.push(`${candidate.manifest.name}@${candidate.manifest.version} from ${candidate.source}`);
      return candidate.manifest.version === '2.0.0' ? 'not reviewed' : undefined;
    };
    const host = await openHost({ catalog: [...catalog, plugin('b', echo)], resolution: { refuse } });
    expect((await host.load('a')).version).toBe('1.1.0');
    // The others of a plugin are asked about where its newest is refused.
    expect(asked.sort()).toEqual(
      ['1.0.0', '1.1.0', '2.0.0', '2.0.0-rc.1'].map((number) => `a@${number} from memory`),
    );
    await host.load('b');
    expect(asked.slice(4)).toEqual(['b@1.0.0 from memory']);
    await host.load('a');
    expect(asked).toHaveLength(5);
  });

  it('also keeps out what is locked, and a plugin that is given by itself', async () => {
    const refuse = ['a'];
    const error = await rejection((await openHost({ resolution: { refuse } })).load(version('1.0.0')));
    expect(error.message).toContain('a 1.0.0 is not to be used (resolution.refuse has a)');
  });

  it.each([
    ['a promise', async () => undefined, 'answered with a promise for a@'],
    ['true', () => true, 'answered with true for a@'],
    ['an empty text', () => ' ', 'answered with an empty text for a@'],
    [
      'an exception',
      () => {
        throw new Error('no list');
      },
      'threw no list for a@',
    ],
  ])('that answers with %s is ERR_OPTIONS', async (_, refuse, said) => {
    const host = await openHost({ catalog, resolution: { refuse: refuse as never } });
    const error = await rejection(host.load('a'));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', plugin: 'a' });
    expect(error.message).toContain(said);
  });
});

describe('validation.signatures: "require"', () => {
  const rules = versionRules(
    { resolution: { minimumReleaseAgeMs: 0, refuse: [] }, validation: { signatures: 'require' } },
    0,
  );
  const signed = { signature: 'a.sig' } as object;

  it('takes the newest version that is signed', async () => {
    const source = sourceOf({ a: { '1.0.0': signed, '1.1.0': {} } });
    const { order } = await resolve({ specs: ['a'], source, rules: rules as never });
    expect(order[0]).toMatchObject({
      version: '1.0.0',
      reasons: { newer: [{ versions: ['1.1.0'], because: 'a 1.1.0 is not signed' }] },
    });
  });

  it('is ERR_SIGNATURE where nothing else stands in the way, with the explanation', async () => {
    const source = sourceOf({
      a: { '1.0.0': { dependencies: { b: '*' } }, '0.9.0': {} },
      b: { '1.0.0': {} },
    });
    const error = await rejection(resolve({ specs: ['a'], source, rules: rules as never }));
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE', plugin: 'a' });
    expect(error.message).toMatchInlineSnapshot(`
      "a cannot be loaded.
        1. You ask for a.
        2. No version of a is signed.
        3. So, by 1 and 2, nothing can satisfy all of this.
      What can be changed:
        - Have a 0.9.0 signed by its author, or do without validation.signatures: "require"."
    `);
    const both = sourceOf({ a: { '1.0.0': { engines: { app: '*' } } } });
    const other = await rejection(resolve({ specs: ['a'], source: both, rules: rules as never }));
    expect(other.code).toBe('ERR_RESOLUTION');
  });

  it('says nothing where it is not required', () => {
    for (const signatures of ['off', 'warn'] as const) {
      const none = { resolution: { minimumReleaseAgeMs: 0, refuse: [] }, validation: { signatures } };
      expect(versionRules(none, 0)).toEqual([]);
    }
    expect(rules.map(({ id, judge }) => [id, judge(candidate('a', '1.0.0') as never)])).toEqual([
      ['signature', { verb: 'is', reason: 'not signed' }],
    ]);
  });
});

it.each([
  [0, 'less than a minute ago'],
  [119_999, '1 minute ago'],
  [3 * HOUR, '3 hours ago'],
  [50 * HOUR, '2 days ago'],
])('%d ms is %s', (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

it('a date is told to the next whole minute, where there is one', () => {
  expect(dateText(Date.UTC(2026, 0, 31, 11, 59, 0, 1))).toBe('2026-01-31 12:00 UTC');
  expect(dateText(Number.POSITIVE_INFINITY)).toBeUndefined();
});
