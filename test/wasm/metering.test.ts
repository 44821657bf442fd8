import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FuelHost } from './fuel-host.js';
import { countNaively } from './naive-count.js';
import { programs, programText } from './random-program.js';
import { wat } from './wat.js';

const LOOP = wat(`(module
  (func (export "spin") (param i32) (result i32) (local i32)
    loop local.get 1 i32.const 1 i32.add local.tee 1 local.get 0 i32.lt_u br_if 0 end local.get 1)
  (func (export "leaf") (result i32) i32.const 1)
  (func (export "for_ever") loop br 0 end))`);

describe('metering', () => {
  test('counts every executed instruction once and markers not at all', () => {
    const host = new FuelHost(LOOP);
    expect(host.measure('leaf')).toBe(1);
    expect(host.measure('spin', 1)).toBe(7 + 1);
    expect(host.measure('spin', 1000)).toBe(7 * 1000 + 1);
  });

  test('the total does not depend on how much is granted at a time', () => {
    const totals = [1, 7, 777, 100_000, 2 ** 31 - 1].map((slice) =>
      new FuelHost(LOOP, { slice }).measure('spin', 500),
    );
    expect(new Set(totals)).toEqual(new Set([3501]));
  });

  test('any program costs exactly the instructions that it executes', () => {
    fc.assert(
      fc.property(programs(false), fc.integer(), fc.integer({ min: 1, max: 500 }), (program, seed, slice) => {
        const { original, metered, naive } = both(programText(program), slice);
        const result = original.run!(seed);
        expect(metered.exports.run!(seed)).toBe(result);
        naive.run!(seed);
        expect(metered.consumed).toBe(Number(naive.count!.value));
      }),
      { numRuns: 400 },
    );
  });

  test('with exceptions a program costs at least the instructions that it executes, whatever the slice', () => {
    fc.assert(
      fc.property(programs(true), fc.integer(), (program, seed) => {
        const text = programText(program);
        const { original, metered, naive } = both(text, 50);
        const result = attempt(() => original.run!(seed));
        expect(attempt(() => metered.exports.run!(seed))).toBe(result);
        attempt(() => naive.run!(seed));
        expect(metered.consumed).toBeGreaterThanOrEqual(Number(naive.count!.value));
        const other = new FuelHost(wat(text), { slice: 3 });
        attempt(() => other.exports.run!(seed));
        expect(other.consumed).toBe(metered.consumed);
      }),
      { numRuns: 200 },
    );
  });

  test('a guest without end stops at the limit by a trap, and other instances go on', () => {
    for (const slice of [1000, 50_000, 5_000_000]) {
      const host = new FuelHost(LOOP, { slice, limit: 10_000 });
      host.begin();
      expect(() => host.exports.for_ever!()).toThrow(WebAssembly.RuntimeError);
      expect(host.consumed).toBeGreaterThan(10_000);
      expect(host.consumed).toBeLessThanOrEqual(10_016);
    }
    expect(new FuelHost(LOOP).measure('leaf')).toBe(1);
  });

  test('the start function is metered, and its first check asks the host', () => {
    const bytes = wat('(module (func $spin loop br 0 end) (start $spin))');
    expect(() => new FuelHost(bytes, { limit: 5_000 })).toThrow(WebAssembly.RuntimeError);
  });

  test.each([
    ['catch_all in a loop', '(func $f loop try loop br 0 end catch_all br 1 end end)'],
    ['catch_all around calls', '(func $g loop br 0 end) (func $f loop try call $g catch_all end br 0 end)'],
    ['delegate', '(func $g loop br 0 end) (func $f loop try try call $g delegate 0 catch_all br 1 end end)'],
  ])('a guest cannot catch the stop: %s', (_, functions) => {
    const host = new FuelHost(wat(`(module ${functions} (export "f" (func $f)))`), { limit: 50_000 });
    host.begin();
    expect(() => host.exports.f!()).toThrow(/unreachable/);
    expect(host.consumed).toBeLessThan(50_100);
  });

  test.each([
    ['recursion', '(func $f (export "f") call $f)'],
    ['tail calls', '(func $f (export "f") return_call $f)'],
    [
      'indirect calls',
      '(table 1 funcref) (elem (i32.const 0) $f) (func $f (export "f") i32.const 0 call_indirect)',
    ],
    ['nested empty loops', '(func (export "f") loop loop loop br 2 end end end)'],
    ['a loop through br_table', '(func (export "f") (local i32) loop local.get 0 br_table 0 0 0 end)'],
    ['a loop behind dead code', '(func (export "f") block br 0 loop end end loop block br 1 end end)'],
    [
      'a catch that throws again',
      '(tag $e) (func $g throw $e) (func (export "f") loop try call $g catch $e br 1 end end)',
    ],
  ])('no way to run on is free: %s', (_, functions) => {
    const host = new FuelHost(wat(`(module ${functions})`), { limit: 3_000 });
    host.begin();
    expect(() => host.exports.f!()).toThrow();
    expect(host.consumed).toBeGreaterThan(3_000);
    expect(host.consumed).toBeLessThan(3_100);
  });

  test('a long straight line of calls to a leaf is checked on its way', () => {
    const calls = 20_000;
    const bytes = wat(
      `(module (func $leaf ${'i32.const 1 drop '.repeat(30)}) (func (export "f") ${'call $leaf '.repeat(calls)}))`,
    );
    const host = new FuelHost(bytes, { slice: 1 });
    expect(host.measure('f')).toBe(calls * 61);
    const stopped = new FuelHost(bytes, { limit: 100_000 });
    stopped.begin();
    expect(() => stopped.exports.f!()).toThrow(/unreachable/);
    expect(stopped.consumed).toBeLessThan(100_000 + 2 * 64 * 512);
  });

  test('checks inside arms that are not taken do not count for the way around them', () => {
    const work = (units: number) => 'i32.const 1 drop '.repeat(units / 2);
    const skipped = (units: number) => `i32.const 0 if ${work(units)} end`;
    // One period has as many units as lie between two checks, so that they would all fall into skipped arms.
    const period = `${skipped(32_768 - 8_000 - 2)} ${work(8_000)}`;
    const host = new FuelHost(wat(`(module (func (export "f") ${skipped(16_000)} ${period.repeat(20)}))`), {
      limit: 60_000,
    });
    host.begin();
    expect(() => host.exports.f!()).toThrow(/unreachable/);
    expect(host.consumed).toBeLessThan(60_000 + 40_000);
  });
});

describe('bulk instructions', () => {
  const bytes = wat(`(module (memory 4) (data $d "${'x'.repeat(64)}")
    (table $t 1000 funcref) (elem $e funcref ${'(ref.null func) '.repeat(20)})
    (func (export "fill") (param i32) i32.const 0 i32.const 7 local.get 0 memory.fill)
    (func (export "copy") (param i32) i32.const 0 i32.const 9 local.get 0 memory.copy)
    (func (export "init") (param i32) i32.const 0 i32.const 0 local.get 0 memory.init $d)
    (func (export "table_fill") (param i32) i32.const 0 ref.null func local.get 0 table.fill $t)
    (func (export "table_copy") (param i32) i32.const 0 i32.const 1 local.get 0 table.copy $t $t)
    (func (export "table_init") (param i32) i32.const 0 i32.const 0 local.get 0 table.init $t $e)
    (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
    (func (export "table_grow") (param i32) (result i32) ref.null func local.get 0 table.grow $t)
    (func (export "fills") loop i32.const 0 i32.const 7 i32.const 262144 memory.fill br 0 end))`);

  test.each([
    ['fill', 65_536, 4 + 4096],
    ['fill', 15, 4],
    ['copy', 1600, 4 + 100],
    ['init', 48, 4 + 3],
    ['table_fill', 900, 4 + 900],
    ['table_copy', 500, 4 + 500],
    ['table_init', 20, 4 + 20],
    ['grow', 3, 2 + 3 * 256],
    ['grow', 0, 2],
    ['table_grow', 77, 3 + 77],
  ])('%s of %i costs %i', (name, length, cost) => {
    for (const slice of [1, 100_000]) expect(new FuelHost(bytes, { slice }).measure(name, length)).toBe(cost);
  });

  test.each(['fill', 'copy', 'init', 'table_fill', 'table_copy', 'table_init'])(
    '%s of an absurd length traps as it does without metering and is charged a bounded amount',
    (name) => {
      const host = new FuelHost(bytes);
      host.begin();
      expect(() => host.exports[name]!(-1)).toThrow(/out of bounds/);
      expect(host.consumed).toBeLessThan(20_000);
    },
  );

  test('growth that the maximum refuses costs nothing more', () => {
    const host = new FuelHost(bytes);
    expect(host.measure('grow', -1)).toBe(2);
    expect(host.measure('table_grow', -1)).toBe(3);
  });

  test('a loop of large fills is stopped', () => {
    const host = new FuelHost(bytes, { limit: 1_000_000 });
    host.begin();
    expect(() => host.exports.fills!()).toThrow(/unreachable/);
    expect(host.consumed).toBeLessThan(1_000_000 + 16_384 + 5);
  });
});

function both(text: string, slice: number) {
  const bytes = wat(text);
  const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const naive = new WebAssembly.Instance(new WebAssembly.Module(countNaively(bytes))).exports;
  return {
    original: plain as unknown as Record<string, (seed: number) => unknown>,
    metered: new FuelHost(bytes, { slice }),
    naive: naive as unknown as { run(seed: number): unknown; count: { value: bigint } },
  };
}

function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as Error).constructor.name;
  }
}
