import { expect, it } from 'vitest';
import { parsePermissions } from '../../src/manifest/parse-permissions.js';
import { notCovered } from '../../src/policy/permission-diff.js';

const diff = (asked: unknown, before: unknown) =>
  notCovered(parsePermissions(asked), parsePermissions(before));

it('a rule that a wider one covered is not new; a wider one is', () => {
  const hosts = (asked: unknown, before: unknown) =>
    diff({ http: asked }, { http: before }).http.map(({ host }) => host);
  expect(hosts(['a.example'], ['*'])).toEqual([]);
  expect(hosts(['a.b.example', '*.c.example'], ['*.example'])).toEqual([]);
  expect(
    hosts([{ host: 'a.example', ports: [1], methods: ['get'] }], [{ host: 'a.example', ports: [2, 1] }]),
  ).toEqual([]);
  expect(
    hosts([{ host: 'a.example', reason: 'new words' }], [{ host: 'a.example', reason: 'old words' }]),
  ).toEqual([]);
  expect(hosts(['*'], ['*.example', 'a.test'])).toEqual(['*']);
  expect(hosts(['example'], ['*.example'])).toEqual(['example']);
  expect(hosts([{ host: 'a.example' }], [{ host: 'a.example', ports: [443] }])).toEqual(['a.example']);
  expect(hosts([{ host: 'a.example', ports: [1, 3] }], [{ host: 'a.example', ports: [1, 2] }])).toEqual([
    'a.example',
  ]);
});

it('a folder is new where it is another, has more room, or is to be written', () => {
  const before = { fs: { read: { '/r': './r' }, write: { '/w': { path: './w', quotaBytes: 10 } } } };
  const paths = (fs: unknown) => {
    const { read, write } = diff({ fs }, before).fs;
    return [
      ...Object.keys(read).map((path) => `read ${path}`),
      ...Object.keys(write).map((path) => `write ${path}`),
    ];
  };
  expect(paths({ read: { '/r/': './r' }, write: { '/w': { path: './w', quotaBytes: 9 } } })).toEqual([]);
  expect(paths({ read: { '/r': './other' } })).toEqual(['read /r']);
  expect(paths({ write: { '/r': './r' } })).toEqual(['write /r']);
  expect(paths({ write: { '/w': './w' } })).toEqual(['write /w']);
  expect(paths({ write: { '/w': { path: './w', quotaBytes: 11 } } })).toEqual(['write /w']);
  expect(paths({ write: { '/w': { scratch: true, quotaBytes: 1 } } })).toEqual(['write /w']);
});

it('names are new where they were not there', () => {
  const before = { env: ['A'], hostFunctions: ['f'], plugins: ['p'] };
  const asked = { env: ['A', 'B'], hostFunctions: [{ name: 'f', optional: true }, 'g'], plugins: ['p', 'q'] };
  expect(diff(asked, before)).toMatchObject({ env: ['B'], hostFunctions: [{ name: 'g' }], plugins: ['q'] });
  expect(diff(before, asked)).toMatchObject({ env: [], hostFunctions: [], plugins: [] });
});
