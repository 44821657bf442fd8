import { describe, expect, test } from 'vitest';
import { supportedFeatures } from '../../src/wasm/features.js';
import { type RewriteOptions, rewriteModule } from '../../src/wasm/rewrite.js';
import { summarizeModule } from '../../src/wasm/summary.js';
import { thrown } from '../thrown.js';
import { concat, custom, moduleOf, wat } from './wat.js';

const PAGE = 65_536;
const PLAIN: RewriteOptions = { maxMemoryBytes: 10 * PAGE, maxTableElements: 100, metering: false };

type Exports = Record<string, (...args: unknown[]) => unknown>;

/** Instantiates with hooks that allow everything, unless `hooks` says otherwise. */
function run(
  bytes: Uint8Array,
  imports: WebAssembly.Imports = {},
  hooks: WebAssembly.Imports[string] = {},
): Exports {
  const meter = { may_grow: () => 1, out_of_fuel: () => 1_000_000, ...hooks };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    ...imports,
    'cordon:meter': meter,
  });
  return instance.exports as unknown as Exports;
}

const modes = [{ metering: false }, { metering: true }];

describe('caps', () => {
  test('memories and tables get a maximum, the declared one where it is lower', () => {
    const { bytes } = rewriteModule(
      wat('(module (import "e" "m" (memory 1)) (table 5 funcref) (table 1 7 funcref) (table 1 700 funcref))'),
      PLAIN,
    );
    const { memories, tables } = summarizeModule(bytes);
    expect(memories).toEqual([{ min: 1, max: 10, is64: false, shared: false, imported: true }]);
    expect(tables.map(({ max }) => max)).toEqual([100, 7, 100]);
  });

  test('a memory minimum above the limit is ERR_MEMORY with both numbers', () => {
    const error = thrown(() => rewriteModule(wat('(module (memory 65536))'), PLAIN));
    expect(error.code).toBe('ERR_MEMORY');
    expect(error.details).toMatchObject({ limit: 10 * PAGE, observed: 65_536 * PAGE });
    expect(error.message).toContain(String(10 * PAGE));
  });

  test('the minima of several memories count together, imported ones too', () => {
    const text = '(module (import "e" "m" (memory 6)) (memory 5))';
    expect(thrown(() => rewriteModule(wat(text), PLAIN)).details).toMatchObject({ observed: 11 * PAGE });
  });

  test('a 64-bit memory is capped and refused like any other', () => {
    expect(thrown(() => rewriteModule(wat('(module (memory i64 11))'), PLAIN)).code).toBe('ERR_MEMORY');
    const huge = moduleOf([5, [1, 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]]);
    expect(thrown(() => rewriteModule(huge, PLAIN)).code).toBe('ERR_MEMORY');
  });

  test('a limit of zero bytes leaves a module without memory', () => {
    const none = { ...PLAIN, maxMemoryBytes: 0 };
    expect(thrown(() => rewriteModule(wat('(module (memory 1))'), none)).code).toBe('ERR_MEMORY');
    const { bytes } = rewriteModule(wat('(module (memory 0))'), none);
    expect(summarizeModule(bytes).memories[0]!.max).toBe(0);
  });

  test('tables that begin above the limit together are ERR_BYTECODE with both numbers', () => {
    const error = thrown(() => rewriteModule(wat('(module (table 60 funcref) (table 60 funcref))'), PLAIN));
    expect(error.code).toBe('ERR_BYTECODE');
    expect(error.details).toMatchObject({ limit: 100, observed: 120 });
  });

  test('Infinity imposes nothing', () => {
    const { bytes } = rewriteModule(wat('(module (memory 65536) (table 200 funcref))'), {
      metering: false,
      maxMemoryBytes: Number.POSITIVE_INFINITY,
      maxTableElements: Number.POSITIVE_INFINITY,
    });
    expect(WebAssembly.validate(bytes)).toBe(true);
  });
});

describe.each(modes)('memory.grow with %j', ({ metering }) => {
  const grower = wat(`(module (memory (export "memory") 1)
    (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
    (func (export "size") (result i32) memory.size))`);

  test('asks the host with memory index and pages, and gives -1 when it refuses', () => {
    const asked: [number, number][] = [];
    const { bytes, hooks } = rewriteModule(grower, { ...PLAIN, metering });
    expect(hooks).toEqual({ outOfFuel: metering, mayGrow: true });
    const guest = run(
      bytes,
      {},
      {
        may_grow: (index: number, pages: number) => {
          asked.push([index, pages]);
          return pages > 2 ? 0 : 1;
        },
      },
    );
    expect(guest.grow!(2)).toBe(1);
    expect(guest.grow!(3)).toBe(-1);
    expect(guest.size!()).toBe(3);
    expect(asked).toEqual([
      [0, 2],
      [0, 3],
    ]);
  });

  test('asks also where the cap refuses anyway, not where nothing grows', () => {
    let asked = 0;
    const { bytes } = rewriteModule(grower, { ...PLAIN, metering });
    const guest = run(bytes, {}, { may_grow: () => ++asked });
    expect(guest.grow!(10)).toBe(-1);
    expect(guest.grow!(-1)).toBe(-1);
    expect(asked).toBe(2);
    expect(guest.grow!(0)).toBe(1);
    expect(asked).toBe(2);
    expect(guest.grow!(9)).toBe(1);
    expect(asked).toBe(3);
  });

  test('does not ask for what the module itself rules out', () => {
    let asked = 0;
    const source = `(module (memory 1 2) (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))`;
    const guest = run(
      rewriteModule(wat(source), { ...PLAIN, metering }).bytes,
      {},
      { may_grow: () => ++asked },
    );
    expect(guest.grow!(2)).toBe(-1);
    expect(asked).toBe(0);
    expect(guest.grow!(1)).toBe(1);
    expect(asked).toBe(1);
  });

  test.runIf(supportedFeatures().includes('memory64'))('serves memories with 64-bit addresses', () => {
    const asked: number[] = [];
    const { bytes } = rewriteModule(
      wat(`(module (memory i64 1)
        (func (export "grow") (param i64) (result i64) local.get 0 memory.grow))`),
      { ...PLAIN, metering },
    );
    const guest = run(bytes, {}, { may_grow: (_: number, pages: number) => asked.push(pages) });
    expect(guest.grow!(1n)).toBe(1n);
    expect(guest.grow!(1n << 40n)).toBe(-1n);
    expect(guest.grow!(-1n)).toBe(-1n);
    // Saturated, as an i32 of JavaScript.
    expect(asked).toEqual([1, -1, -1]);
  });

  test.runIf(supportedFeatures().includes('multi-memory'))('tells several memories apart', () => {
    const asked: number[] = [];
    const { bytes, memoryExports } = rewriteModule(
      wat(`(module (memory 1) (memory 2)
        (func (export "a") (result i32) i32.const 1 memory.grow 0)
        (func (export "b") (result i32) i32.const 1 memory.grow 1))`),
      { ...PLAIN, metering },
    );
    const guest = run(bytes, {}, { may_grow: (index: number) => asked.push(index) });
    expect([guest.b!(), guest.a!()]).toEqual([2, 1]);
    expect(asked).toEqual([1, 0]);
    const sizes = memoryExports.map(
      (name) => (guest[name] as unknown as WebAssembly.Memory).buffer.byteLength,
    );
    expect(sizes).toEqual([2 * PAGE, 3 * PAGE]);
  });

  test('a module that does not grow imports no hook for it', () => {
    const { hooks, bytes } = rewriteModule(wat('(module (memory 1) (func))'), { ...PLAIN, metering });
    expect(hooks.mayGrow).toBe(false);
    expect(summarizeModule(bytes).imports.length).toBe(metering ? 1 : 0);
  });
});

describe.each(modes)('table.grow with %j', ({ metering }) => {
  test('several tables together stay below the limit', () => {
    const { bytes } = rewriteModule(
      wat(`(module (table 10 funcref) (table 10 externref)
        (func (export "a") (param i32) (result i32) ref.null func local.get 0 table.grow 0)
        (func (export "b") (param i32) (result i32) ref.null extern local.get 0 table.grow 1))`),
      { ...PLAIN, metering },
    );
    const guest = run(bytes);
    expect(guest.a!(50)).toBe(10);
    expect(guest.b!(31)).toBe(-1);
    expect(guest.b!(30)).toBe(10);
    expect(guest.a!(1)).toBe(-1);
    expect(guest.a!(0)).toBe(60);
    expect(guest.a!(-1)).toBe(-1);
  });
});

describe.each(modes)('names with %j', ({ metering }) => {
  const options = { ...PLAIN, metering };

  test('start-up exports get reserved names, and only functions do', () => {
    const result = rewriteModule(
      wat(`(module (func (export "_initialize")) (func (export "_start")) (func (export "hs_init"))
        (func (export "__wasm_call_ctors")) (func (export "run")))`),
      options,
    );
    expect(result.startExports).toEqual({
      initialize: 'cordon:_initialize',
      start: 'cordon:_start',
      hsInit: 'cordon:hs_init',
      ctors: 'cordon:__wasm_call_ctors',
    });
    expect(summarizeModule(result.bytes).exports.map(({ name }) => name)).toEqual([
      'cordon:_initialize',
      'cordon:_start',
      'cordon:hs_init',
      'cordon:__wasm_call_ctors',
      'run',
      ...(metering ? ['cordon:fuel'] : []),
    ]);
    const other = rewriteModule(wat('(module (global (export "_start") i32 (i32.const 0)))'), options);
    expect(other.startExports).toEqual({});
  });

  test('import modules are renamed as told', () => {
    const { bytes } = rewriteModule(
      wat(`(module (import "wasi_snapshot_preview1" "fd_write" (func)) (import "env" "x" (func)))`),
      { ...options, renameImportModules: { wasi_snapshot_preview1: 'cordon:wasi' } },
    );
    expect(
      summarizeModule(bytes)
        .imports.slice(0, 2)
        .map(({ module }) => module),
    ).toEqual(['cordon:wasi', 'env']);
  });

  test.each([
    ['(module (import "cordon:meter" "out_of_fuel" (func (result i32))))'],
    ['(module (import "cordon:wasi" "fd_write" (func)))'],
    ['(module (import "main" "cordon:fuel" (global (mut i32))))'],
    ['(module (func (export "cordon:fuel")))'],
  ])('%s reaches for a reserved name and is refused', (text) => {
    const error = thrown(() =>
      rewriteModule(wat(text), { ...options, renameImportModules: { wasi: 'cordon:wasi' } }),
    );
    expect(error.code).toBe('ERR_BYTECODE');
    expect(error.message).toContain('reserved');
  });

  test('a trap shows the names of the original functions', () => {
    const { bytes } = rewriteModule(
      wat(`(module (memory 1) (func $grow_it (result i32) i32.const 0 memory.grow)
        (func $inner unreachable) (func $outer (export "go") call $inner))`),
      options,
    );
    let stack = '';
    try {
      run(bytes).go!();
    } catch (error) {
      stack = (error as Error).stack ?? '';
    }
    expect(stack).toMatch(/inner[\s\S]*outer/);
  });

  test('a broken name section is dropped and breaks nothing', () => {
    const broken = concat(
      wat('(module (memory 1) (func (export "f") (result i32) i32.const 7 i32.const 0 memory.grow drop))'),
      custom('name', Uint8Array.from([1, 100, 3, 0])),
    );
    expect(run(rewriteModule(broken, options).bytes).f!()).toBe(7);
  });

  test('debug sections are dropped, others and their content stay', () => {
    const sections = ['.debug_info', 'linking', 'sourceMappingURL', 'producers', 'cordon.manifest', 'mine'];
    const bytes = concat(moduleOf(), ...sections.map((name) => custom(name, 'x')));
    expect(
      summarizeModule(rewriteModule(bytes, options).bytes).customSections.map(({ name }) => name),
    ).toEqual(['producers', 'cordon.manifest', 'mine']);
  });
});

describe.each(modes)('indices with %j', ({ metering }) => {
  test('calls, references, elements, exports and the start function follow their functions', () => {
    const { bytes } = rewriteModule(
      wat(`(module (import "e" "log" (func $log (param i32)))
        (memory 1) (table 4 funcref) (elem (i32.const 1) $two $log) (elem declare func $three)
        (global $ref funcref (ref.func $three)) (export "ref" (global $ref))
        (func $start i32.const 5 call $log)
        (func $two (result i32) i32.const 2)
        (func $three (result i32) i32.const 3)
        (func (export "direct") (result i32) call $two)
        (func (export "indirect") (result i32) i32.const 1 call_indirect (result i32))
        (func (export "tail") (result i32) return_call $three)
        (func (export "stored") (result i32)
          i32.const 0 ref.func $three table.set 0 i32.const 0 call_indirect (result i32))
        (func (export "grow") (result i32) i32.const 0 memory.grow)
        (start $start))`),
      { ...PLAIN, metering },
    );
    const logged: number[] = [];
    const guest = run(bytes, { e: { log: (value: number) => logged.push(value) } });
    expect(logged).toEqual([5]);
    expect([guest.direct!(), guest.indirect!(), guest.tail!(), guest.stored!()]).toEqual([2, 2, 3, 3]);
    expect((guest.ref as unknown as WebAssembly.Global).value).toBeTypeOf('function');
    expect(((guest.ref as unknown as WebAssembly.Global).value as () => number)()).toBe(3);
  });
});

describe('validation of the original', () => {
  test('what only the injection would make valid is refused, with the message and offset of V8', () => {
    // Function 0 writes to global 0, which does not exist: with the counter added, it would.
    const bytes = moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, [1, 6, 0, 0x41, 1, 0x24, 0, 0x0b]]);
    const error = thrown(() => rewriteModule(bytes, { ...PLAIN, metering: true }));
    expect(error.code).toBe('ERR_BYTECODE');
    expect(error.message).toContain('V8 refuses it');
    expect(error.details.offset).toBeTypeOf('number');
  });

  test('the input is not changed', () => {
    const bytes = wat('(module (memory 1) (func (export "_start") i32.const 1 memory.grow drop))');
    const before = bytes.slice();
    rewriteModule(bytes, { ...PLAIN, metering: true });
    expect(bytes).toEqual(before);
  });
});
