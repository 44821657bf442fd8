import fc from 'fast-check';
import type { Question } from './oracle.js';
import type { UniverseInput, VersionInput } from './universe.js';

const names = ['a', 'b', 'c', 'd', 'e'];
const versions = ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0'];
const wide = ['*', '^1', '^2', '>=1.1.0', '1.0.0 || 2.0.0', '>=1 <3'];
const narrow = ['<2', '1.0.0', '2.0.0-rc.1', '>=2.0.0-rc.1', '^1.1', '^3'];
const range = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...wide) },
  { weight: 1, arbitrary: fc.constantFrom(...narrow) },
);

function few(
  maxKeys: number,
  keys: readonly string[],
  value: fc.Arbitrary<string> = range,
): fc.Arbitrary<Record<string, string>> {
  return fc.dictionary(fc.constantFrom(...keys), value, { maxKeys, noNullPrototype: true });
}

/** Empty in all but one of `times` cases. */
function rarely(
  times: number,
  record: fc.Arbitrary<Record<string, string>>,
): fc.Arbitrary<Record<string, string>> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: record });
}

/** Dependencies mostly lead to later names, so that circles happen but do not rule. */
function version(index: number): fc.Arbitrary<VersionInput> {
  const later = names.slice(index + 1);
  const provided = fc.constantFrom('1.0.0', '2.0.0');
  return fc
    .record({
      dependencies: fc.oneof(
        { weight: 8, arbitrary: few(2, later.length > 0 ? later : ['e']) },
        { weight: 2, arbitrary: few(2, [...later, 'v']) },
        { weight: 1, arbitrary: few(2, names) },
      ),
      optionalDependencies: rarely(3, few(2, [...later, ...names, 'v', 'x'])),
      conflicts: rarely(8, few(1, [...names, 'v'])),
      provides: index < 2 ? rarely(8, few(1, ['v', 'c'], provided)) : rarely(2, few(2, ['v', 'a'], provided)),
      engines: rarely(16, few(1, ['cordon', 'app'], fc.constantFrom('^1', '>=2'))),
      yanked: fc.nat(15),
    })
    .map(({ yanked, ...rest }) => (yanked === 7 ? { ...rest, yanked: 'it is broken' } : rest));
}

/** Mostly two to four versions; now and then a plugin that hardly or never exists. */
function plugin(index: number): fc.Arbitrary<Readonly<Record<string, VersionInput>>> {
  const some = (minLength: number, maxLength: number) =>
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...versions), version(index)), {
        minLength,
        maxLength,
        selector: ([key]) => key,
      })
      .map((entries) => Object.fromEntries(entries));
  return fc.oneof({ weight: 12, arbitrary: some(2, 4) }, { weight: 1, arbitrary: some(0, 1) });
}

const universe: fc.Arbitrary<UniverseInput> = fc
  .tuple(...names.map((_, index) => plugin(index)))
  .map((plugins) => Object.fromEntries(plugins.map((one, i) => [names[i]!, one])));

/** Small universes with everything in them that a manifest can say, and something to ask of them. */
export const question: fc.Arbitrary<Question> = fc
  .record({
    universe,
    specs: fc.dictionary(fc.constantFrom(...names), range, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    engines: fc.constantFrom({ cordon: '1.2.0' }, { cordon: '2.0.0-beta.1', app: '2.1.0' }),
    locked: few(3, names, fc.constantFrom(...versions)),
    loaded: rarely(6, few(2, names, fc.constantFrom(...versions))),
  })
  .map((asked) => ({
    ...asked,
    loaded: Object.fromEntries(
      Object.entries(asked.loaded).filter(([name, v]) => asked.universe[name]?.[v] !== undefined),
    ),
  }));
