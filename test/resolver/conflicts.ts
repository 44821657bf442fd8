import type { Candidate } from '../../src/resolver/candidate.js';
import type { ResolveRequest } from '../../src/resolver/request.js';
import { needs } from './ask.js';
import { candidate } from './candidate.js';
import type { UniverseInput } from './universe.js';

/** Something that cannot be had; its explanation is in `explanations/`. */
export interface ConflictCase {
  readonly title: string;
  readonly code: 'ERR_RESOLUTION' | 'ERR_NOT_FOUND' | 'ERR_ENGINE' | 'ERR_CYCLE';
  readonly universe: UniverseInput;
  readonly specs: readonly string[];
  readonly more?: Partial<ResolveRequest<Candidate>>;
}

const two = { '1.0.0': {}, '2.0.0': {} };
const many = (count: number, make: (minor: number) => object = () => ({})) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`1.${i}.0`, make(i)]));
const renders = (version: string) => ({ provides: { renderer: version } });

export const CONFLICTS: readonly ConflictCase[] = [
  {
    title: 'two specs for one plugin',
    code: 'ERR_RESOLUTION',
    universe: { a: two },
    specs: ['a@^1', 'a@^2'],
  },
  {
    title: 'a range that no version is in',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': {}, '1.2.0': {}, '3.0.0': {} } },
    specs: ['a@^2'],
  },
  {
    title: 'only prereleases',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0-beta.1': {}, '1.0.0-beta.2': {} } },
    specs: ['a'],
  },
  {
    title: 'a spec against a dependency',
    code: 'ERR_RESOLUTION',
    universe: {
      '@acme/markdown': { '1.2.0': needs({ '@acme/highlight': '^1.0.0' }) },
      '@acme/highlight': two,
    },
    specs: ['@acme/markdown@^1.2', '@acme/highlight@^2'],
  },
  {
    title: 'a diamond',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': needs({ c: '^1' }) }, b: { '1.0.0': needs({ c: '^2' }) }, c: two },
    specs: ['a', 'b'],
  },
  {
    title: 'a chain of dependencies',
    code: 'ERR_RESOLUTION',
    universe: {
      a: { '1.0.0': needs({ b: '^1' }), '1.1.0': needs({ b: '^1' }) },
      b: { '1.0.0': needs({ c: '^1' }), '1.1.0': needs({ c: '^1' }) },
      c: { '1.0.0': needs({ d: '^1' }) },
      d: two,
    },
    specs: ['a', 'd@^2'],
  },
  {
    title: 'many versions each with a range of its own',
    code: 'ERR_RESOLUTION',
    universe: { a: many(12, (i) => needs({ b: `^1.${i}` })), b: { ...many(12), '2.0.0': {} } },
    specs: ['a@^1', 'b@^2'],
  },
  {
    title: 'two ways that both fail',
    code: 'ERR_RESOLUTION',
    universe: {
      app: { '1.0.0': needs({ a: '^1', b: '^1' }), '2.0.0': needs({ x: '^1', y: '^1' }) },
      a: { '1.0.0': needs({ b: '^2' }) },
      b: two,
      x: { '1.0.0': needs({ y: '^2' }) },
      y: two,
    },
    specs: ['app'],
  },
  {
    title: 'a reason that is needed twice',
    code: 'ERR_RESOLUTION',
    universe: {
      app: { '1.0.0': needs({ a: '*' }), '1.1.0': needs({ b: '*' }) },
      a: { '1.0.0': needs({ shared: '*' }) },
      b: { '1.0.0': needs({ shared: '*' }) },
      shared: { '1.0.0': needs({ p: '*', q: '*' }) },
      p: { '1.0.0': needs({ z: '^1' }), '2.0.0': needs({ z: '^1', q: '^3' }) },
      q: { '1.0.0': needs({ z: '^2' }), '2.0.0': needs({ z: '^2', p: '^3' }) },
      z: two,
    },
    specs: ['app'],
  },
  {
    title: 'a conclusion that is used twice',
    code: 'ERR_RESOLUTION',
    universe: {
      app: { '1.0.0': needs({ x: '*', d: '^3' }), '2.0.0': needs({ e: '*', d: '^2' }) },
      x: { '1.0.0': needs({ e: '*' }) },
      e: { '1.0.0': needs({ v: '*' }) },
      d: { '1.0.0': { provides: { v: '1.0.0' } }, '2.0.0': {}, '3.0.0': {} },
    },
    specs: ['app'],
  },
  {
    title: 'a dependency that nobody has',
    code: 'ERR_NOT_FOUND',
    universe: { '@acme/editor': { '1.0.0': needs({ '@acme/spel': '^1' }) }, '@acme/spell': two },
    specs: ['@acme/editor'],
  },
  {
    title: 'a plugin that nobody has',
    code: 'ERR_NOT_FOUND',
    universe: { markdown: two },
    specs: ['markdwon'],
  },
  {
    title: 'a dependency in a range that no version is in',
    code: 'ERR_RESOLUTION',
    universe: {
      a: { '1.0.0': needs({ b: '^3' }), '1.1.0': needs({ b: '^3' }) },
      b: { ...many(3), '2.0.0': {} },
    },
    specs: ['a'],
  },
  {
    title: 'an engine that the host does not reach',
    code: 'ERR_ENGINE',
    universe: {
      a: { '1.0.0': { engines: { cordon: '^1.0.0' } }, '2.0.0': { engines: { cordon: '^2.0.0' } } },
    },
    specs: ['a'],
  },
  {
    title: 'an engine that the host does not know',
    code: 'ERR_ENGINE',
    universe: { a: { '1.0.0': needs({ b: '*' }) }, b: { '1.0.0': { engines: { 'acme-notes': '>=3' } } } },
    specs: ['a'],
  },
  {
    title: 'an engine against a range',
    code: 'ERR_RESOLUTION',
    universe: {
      a: { '1.0.0': needs({ b: '^1' }), '2.0.0': { ...needs({ b: '^1' }), engines: { cordon: '^1' } } },
      b: two,
    },
    specs: ['a', 'b@^2'],
  },
  {
    title: 'a circle of two',
    code: 'ERR_CYCLE',
    universe: { a: { '1.0.0': needs({ b: '*' }) }, b: { '1.0.0': needs({ a: '*' }) } },
    specs: ['a'],
  },
  {
    title: 'a circle of one',
    code: 'ERR_CYCLE',
    universe: { a: { '1.0.0': needs({ a: '*' }) } },
    specs: ['a'],
  },
  {
    title: 'a circle that other versions do not have',
    code: 'ERR_CYCLE',
    universe: {
      a: { '1.0.0': needs({ b: '^2' }) },
      b: { '1.0.0': {}, '2.0.0': needs({ c: '*' }), '2.1.0': needs({ c: '*' }) },
      c: { '1.0.0': needs({ a: '*' }) },
    },
    specs: ['a'],
  },
  {
    title: 'plugins that do not go together',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': { conflicts: { b: '<2' } } }, b: { '1.0.0': {}, '1.5.0': {} } },
    specs: ['a', 'b'],
  },
  {
    title: 'a conflict with a name that another plugin provides',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': { conflicts: { renderer: '*' } } }, fast: { '1.0.0': renders('1.0.0') } },
    specs: ['a', 'fast'],
  },
  {
    title: 'a name that is provided in another version only',
    code: 'ERR_RESOLUTION',
    universe: {
      editor: { '1.0.0': needs({ renderer: '^2' }) },
      fast: { '1.0.0': renders('1.0.0'), '1.1.0': renders('1.1.0') },
    },
    specs: ['editor'],
  },
  {
    title: 'a provider that does not go together with another plugin',
    code: 'ERR_RESOLUTION',
    universe: {
      editor: { '1.0.0': needs({ renderer: '^1' }) },
      fast: { '1.0.0': { ...renders('1.0.0'), conflicts: { theme: '*' } } },
      theme: { '1.0.0': {} },
    },
    specs: ['editor', 'theme'],
  },
  {
    title: 'a name that its own plugin holds in another version',
    code: 'ERR_RESOLUTION',
    universe: {
      editor: { '1.0.0': needs({ renderer: '^1' }) },
      fast: { '1.0.0': renders('1.0.0') },
      renderer: { '2.0.0': {} },
    },
    specs: ['editor', 'renderer'],
  },
  {
    title: 'a plugin that would have to serve itself',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': { ...needs({ renderer: '*' }), ...renders('1.0.0') } } },
    specs: ['a'],
  },
  {
    title: 'a loaded plugin in another version',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': needs({ b: '^2' }) }, b: two },
    specs: ['a'],
    more: { loaded: [{ candidate: candidate('b', '1.0.0') }] },
  },
  {
    title: 'a spec for a plugin that is loaded in another version',
    code: 'ERR_RESOLUTION',
    universe: { a: two },
    specs: ['a@^2'],
    more: { loaded: [{ candidate: candidate('a', '1.0.0') }] },
  },
  {
    title: 'a loaded plugin that does not go together with a new one',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': {} } },
    specs: ['a'],
    more: { loaded: [{ candidate: candidate('b', '1.0.0', { conflicts: { a: '*' } }) }] },
  },
  {
    title: 'a name that loaded plugins use through another plugin',
    code: 'ERR_RESOLUTION',
    universe: {
      a: { '1.0.0': needs({ renderer: '^2' }) },
      fast: { '1.0.0': renders('1.0.0') },
      new: { '1.0.0': renders('2.0.0') },
    },
    specs: ['a'],
    more: {
      loaded: [
        { candidate: candidate('fast', '1.0.0', renders('1.0.0')) },
        { candidate: candidate('old', '1.0.0', needs({ renderer: '^1' })), links: { renderer: 'fast' } },
      ],
    },
  },
  {
    title: 'the only fitting version is in quarantine',
    code: 'ERR_RESOLUTION',
    universe: { a: two },
    specs: ['a@^2'],
    more: {
      rules: [
        {
          id: 'quarantine',
          judge: ({ manifest }) =>
            manifest.version === '2.0.0' ? { reason: 'in quarantine: 3 violations' } : undefined,
        },
      ],
    },
  },
  {
    title: 'the only fitting version was yanked',
    code: 'ERR_RESOLUTION',
    universe: {
      a: { '1.0.0': needs({ b: '>=1.1' }) },
      b: { '1.0.0': {}, '1.1.0': { yanked: 'loses data' } },
    },
    specs: ['a'],
  },
  {
    title: 'everything is refused',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': needs({ b: '*' }) }, b: many(9) },
    specs: ['a'],
    more: {
      rules: [
        {
          id: 'signature',
          judge: ({ manifest }) => (manifest.name === 'b' ? { verb: 'is', reason: 'not signed' } : undefined),
        },
      ],
    },
  },
  {
    title: 'every version is too new',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': needs({ b: '^1' }) }, b: { '0.9.0': {}, '1.0.0': {}, '1.1.0': {} } },
    specs: ['a'],
    more: {
      rules: [
        {
          id: 'age',
          judge: ({ manifest: { name, version } }) =>
            name === 'a' || version === '0.9.0'
              ? undefined
              : { verb: 'was', reason: 'published 3 hours ago, under resolution.minimumReleaseAgeMs' },
          remedy: ({ manifest: { name, version } }) => `Wait until tomorrow for ${name} ${version}.`,
        },
      ],
    },
  },
  {
    title: 'two rules that both refuse the only version',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': {} } },
    specs: ['a'],
    more: {
      rules: [
        { id: 'quarantine', judge: () => ({ reason: 'in quarantine' }) },
        { id: 'age', judge: () => ({ verb: 'was', reason: 'published today' }) },
      ],
    },
  },
  {
    title: 'two changes are needed',
    code: 'ERR_RESOLUTION',
    universe: { a: { '1.0.0': needs({ b: '^2', c: '^2' }) }, b: { '1.0.0': {} }, c: { '1.0.0': {} } },
    specs: ['a'],
  },
  {
    title: 'versions far apart',
    code: 'ERR_RESOLUTION',
    universe: {
      a: Object.fromEntries(
        Array.from({ length: 12 }, (_, i) => [
          `${i + 1}.0.0`,
          needs(i % 2 === 0 ? { b: '^2' } : { c: '^2' }),
        ]),
      ),
      b: two,
      c: two,
    },
    specs: ['a', 'b@1', 'c@1'],
  },
];
