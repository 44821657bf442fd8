import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import { full, isWithin, valuesOf } from '../../src/resolver/solver/value-set.js';
import { VersionList } from '../../src/resolver/version-list.js';
import { parseRange, readRange } from '../../src/resolver/version-range.js';

/** Mostly near each other; now and then where a version's place ends, or too large for one. */
const part = fc.oneof(
  { weight: 30, arbitrary: fc.nat(3) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 17 - 1, 2 ** 17, Number.MAX_SAFE_INTEGER) },
);
const prerelease = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('-0', '-alpha', '-alpha.1', '-beta', '-rc.1', '-rc.10') },
);
const build = fc.oneof(
  { weight: 9, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constant('+b1') },
);
const version = fc
  .tuple(part, part, part, prerelease)
  .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre}`);
const partial = fc.oneof(
  version,
  fc.tuple(part, part).map(([major, minor]) => `${major}.${minor}`),
  fc.tuple(part, part).map(([major, minor]) => `${major}.${minor}.x`),
  part.map(String),
  fc.constantFrom('*', 'x', ''),
);
const comparator = fc
  .tuple(fc.constantFrom('', '=', '<', '<=', '>', '>=', '^', '~'), partial)
  .map(([operator, bound]) => operator + bound);
const simple = fc.oneof(
  fc.array(comparator, { minLength: 1, maxLength: 3 }).map((all) => all.join(' ')),
  fc.tuple(partial, partial).map(([from, to]) => `${from || '0'} - ${to || '*'}`),
);
const range = fc.array(simple, { minLength: 1, maxLength: 3 }).map((all) => all.join(' || '));
const versions = fc
  .uniqueArray(
    fc.tuple(version, build).map(([text, meta]) => text + meta),
    { maxLength: 40 },
  )
  .map((all) => all.map((text) => new semver.SemVer(text)).sort((a, b) => b.compare(a) || b.compareBuild(a)));

function listOf(all: readonly semver.SemVer[]): VersionList {
  return new VersionList(all.map(({ raw }) => raw));
}

function expected(all: readonly semver.SemVer[], text: string, includePrerelease: boolean): number[] {
  return all.flatMap((one, i) => (semver.satisfies(one, text, { includePrerelease }) ? [i + 1] : []));
}

describe('the versions in a range', () => {
  test('are exactly those that semver.satisfies finds one by one', () => {
    fc.assert(
      fc.property(versions, range, (all, text) => {
        fc.pre(parseRange(text) !== undefined);
        const list = listOf(all);
        expect(valuesOf(list.matching(text))).toEqual(expected(all, text, false));
        expect(valuesOf(list.matching(text, 'all'))).toEqual(expected(all, text, true));
      }),
      { numRuns: 3000 },
    );
  });

  test('with a caret have the bounds that semver reads', () => {
    fc.assert(
      fc.property(part, part, part, (major, minor, patch) => {
        const text = `^${major}.${minor}.${patch}`;
        fc.pre(semver.validRange(text) !== null);
        const bounds = readRange(text, 'named')!.parts[0]!;
        expect(bounds.map((one) => one.operator + one.version).join(' ')).toBe(new semver.Range(text).range);
      }),
      { numRuns: 1000 },
    );
    for (const text of ['^01.2.3', '^1.02.3', '^1.2.03', '^1.2.3.4', '^1.2.']) {
      expect([text, parseRange(text)?.range]).toEqual([text, semver.validRange(text) ?? undefined]);
    }
  });

  test('of two ranges together, of either, and of none of them are intersection, union and complement', () => {
    fc.assert(
      fc.property(versions, range, range, (all, left, right) => {
        fc.pre(parseRange(left) !== undefined && parseRange(right) !== undefined);
        const list = listOf(all);
        const [a, b] = [list.matching(left), list.matching(right)];
        const releases = all.flatMap((one, i) => (one.prerelease.length === 0 ? [i + 1] : []));
        const isIn = (value: number, text: string): boolean => semver.satisfies(all[value - 1]!, text);
        const values = all.map((_, i) => i + 1);
        expect(valuesOf(a & b)).toEqual(values.filter((v) => isIn(v, left) && isIn(v, right)));
        expect(valuesOf(a | b)).toEqual(values.filter((v) => isIn(v, left) || isIn(v, right)));
        expect(valuesOf(full(all.length + 1) & ~a & ~1n)).toEqual(values.filter((v) => !isIn(v, left)));
        expect(isWithin(a, a | b)).toBe(true);
        // A text with `||` means the union for releases only: next to `*`, semver drops what names a prerelease.
        expect(releases.filter((v) => isIn(v, `${left} || ${right}`))).toEqual(
          releases.filter((v) => isIn(v, left) || isIn(v, right)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['latest', 'not a range', '1.2.3.4', '>>1', `${'1 || '.repeat(400)}1`])(
    'of %.20j, which is none, are none',
    (text) => {
      expect(parseRange(text)).toBeUndefined();
      expect(listOf([new semver.SemVer('1.0.0')]).matching(text)).toBe(0n);
    },
  );
});
