import { describe, expect, test } from 'vitest';
import { summarizeModule } from '../../src/wasm/summary.js';
import { thrown } from '../thrown.js';
import { concat, custom, moduleOf, wat } from './wat.js';

describe('summarizeModule', () => {
  test('lists imports and exports with their types', () => {
    const summary = summarizeModule(
      wat(`(module
        (import "env" "f" (func (param i32 i64) (result f32)))
        (import "env" "m" (memory 1 3))
        (import "env" "g" (global (mut i64)))
        (import "env" "t" (table 2 funcref))
        (func (export "run") (param f64) (result i32 i32) i32.const 1 i32.const 2)
        (global (export "answer") i32 (i32.const 42)))`),
    );
    expect(summary.imports).toEqual([
      { module: 'env', name: 'f', kind: 'function', type: { params: ['i32', 'i64'], results: ['f32'] } },
      { module: 'env', name: 'm', kind: 'memory', type: { min: 1, max: 3, is64: false, shared: false } },
      { module: 'env', name: 'g', kind: 'global', type: { value: 'i64', mutable: true } },
      {
        module: 'env',
        name: 't',
        kind: 'table',
        type: { min: 2, max: undefined, is64: false, element: 'funcref' },
      },
    ]);
    expect(summary.exports).toEqual([
      { name: 'run', kind: 'function', type: { params: ['f64'], results: ['i32', 'i32'] } },
      { name: 'answer', kind: 'global', type: { value: 'i32', mutable: false } },
    ]);
    expect(summary.functionCount).toBe(2);
    expect(summary.importedFunctionCount).toBe(1);
    expect([...summary.features].sort()).toEqual(['multi-value', 'mutable-globals']);
  });

  test('counts memories, data and elements, and says whether there is a start function', () => {
    const summary = summarizeModule(
      wat(`(module (memory 2 5) (data (i32.const 0) "abc") (data (i32.const 9) "de")
        (table 4 funcref) (elem (i32.const 0) 0 0 0) (func) (start 0))`),
    );
    expect(summary.memories).toEqual([{ min: 2, max: 5, is64: false, shared: false, imported: false }]);
    expect(summary.tables).toEqual([
      { min: 4, max: undefined, is64: false, element: 'funcref', imported: false },
    ]);
    expect(summary).toMatchObject({
      dataBytes: 5,
      dataSegments: 2,
      elements: 3,
      elementSegments: 1,
      start: true,
    });
    expect([...summary.features]).toEqual([]);
  });

  test('reads custom sections, producers, target features and the manifest', () => {
    const producers = [1, 8, ...ascii('language'), 1, 4, ...ascii('Rust'), 4, ...ascii('1.80')];
    const summary = summarizeModule(
      concat(
        moduleOf(),
        custom('producers', Uint8Array.from(producers)),
        custom('target_features', Uint8Array.from([1, 0x2b, 7, ...ascii('simd128')])),
        custom('cordon.manifest', '{"name":"ä"}'),
      ),
    );
    expect(summary.producers).toEqual([{ field: 'language', name: 'Rust', version: '1.80' }]);
    expect(summary.targetFeatures).toEqual(['+simd128']);
    expect(summary.manifest).toBe('{"name":"ä"}');
    expect(summary.customSections.map(({ name }) => name)).toEqual([
      'producers',
      'target_features',
      'cordon.manifest',
    ]);
  });

  test('takes a broken producers section for none, and refuses a second or broken manifest', () => {
    const empty = wat('(module)');
    expect(summarizeModule(concat(empty, custom('producers', Uint8Array.from([9, 9])))).producers).toEqual(
      [],
    );
    const manifest = custom('cordon.manifest', '{}');
    expect(thrown(() => summarizeModule(concat(empty, manifest, manifest))).code).toBe('ERR_BYTECODE');
    const latin = concat(empty, custom('cordon.manifest', Uint8Array.from([0xff])));
    expect(thrown(() => summarizeModule(latin)).message).toContain('not UTF-8');
  });

  test('names what is not a core module, with the offset', () => {
    for (const [bytes, words] of [
      [new TextEncoder().encode('<!DOCTYPE html>'), '<!DOCTYP'],
      [new Uint8Array(0), '\\0asm'],
      [Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), 'component'],
      [Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]), 'version 2'],
      [moduleOf([99, []]), 'section 99'],
      [moduleOf([3, [0]], [1, [0]]), 'too late'],
      [moduleOf([5, [1, 8, 1, 0]]), 'custom page sizes'],
    ] as const) {
      const error = thrown(() => summarizeModule(bytes));
      expect(error.code).toBe('ERR_BYTECODE');
      expect(error.message).toContain(words);
      expect(error.details.offset).toBeTypeOf('number');
    }
  });

  test('every truncation of a module is refused with an offset inside it or is a shorter module', () => {
    const bytes = wat(`(module (memory 1) (func (export "f") (param i32) (result i32)
      block (result i32) local.get 0 i32.load offset=300 end) (data (i32.const 1000) "x"))`);
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      try {
        summarizeModule(bytes.subarray(0, length));
      } catch {
        const error = thrown(() => summarizeModule(bytes.subarray(0, length)));
        expect(error.code).toBe('ERR_BYTECODE');
        expect(error.details.offset).toBeLessThanOrEqual(length);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length * 0.8);
  });

  test.each([
    [
      'localsPerFunction',
      [1, [1, 0x60, 0, 0]],
      [3, [1, 0]],
      [10, [1, 8, 1, 0x80, 0x80, 0x80, 0x80, 0x01, 0x7f, 0x0b]],
    ],
    ['nesting', [1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, bodyOf(10_001)]],
  ] as [string, ...[number, number[]][]][])('holds the structural limit %s', (limitName, ...sections) => {
    const error = thrown(() => summarizeModule(moduleOf(...sections)));
    expect(error.code).toBe('ERR_BYTECODE');
    expect(error.details).toMatchObject({
      limitName,
      limit: expect.any(Number),
      observed: expect.any(Number),
    });
  });

  test('refuses many blocks under many locals, which would cost V8 gigabytes when the function is first called', () => {
    const locals = `(local $x i32) ${'(local i64) '.repeat(999)}`;
    const bytes = (ifs: number) => wat(`(module (func ${locals} ${'local.get $x if end '.repeat(ifs)}))`);
    expect(() => summarizeModule(bytes(3_875))).not.toThrow();
    expect(thrown(() => summarizeModule(bytes(3_876))).details).toMatchObject({
      limitName: 'controlState',
      limit: 4_000_000,
      observed: 3_876 * 1_032,
    });
  });

  test('counts values on the stack under a block like locals', () => {
    const bytes = (ifs: number) =>
      wat(
        `(module (func ${'i32.const 0 '.repeat(2_000)} ${'i32.const 1 if end '.repeat(ifs)} ${'drop '.repeat(2_000)}))`,
      );
    expect(() => summarizeModule(bytes(1_968))).not.toThrow();
    expect(thrown(() => summarizeModule(bytes(1_969))).details).toMatchObject({ limitName: 'controlState' });
  });

  test('refuses calls of two bytes that carry thousands of values each', () => {
    const values = `(type $f (func (param ${'i32 '.repeat(900)}) (result ${'i32 '.repeat(900)})))`;
    const bytes = wat(`(module ${values} (func $f (type $f) unreachable) (func (type $f)
      ${Array.from({ length: 900 }, (_, i) => `local.get ${i}`).join(' ')} ${'call $f '.repeat(500)}))`);
    expect(thrown(() => summarizeModule(bytes)).details).toMatchObject({
      limitName: 'operandsPerCodeByte',
      limit: 8,
    });
  });

  test('holds limits that the caller sets', () => {
    const bytes = wat('(module (func) (func) (func))');
    expect(thrown(() => summarizeModule(bytes, { functions: 2 })).details).toMatchObject({
      limit: 2,
      observed: 3,
    });
    expect(summarizeModule(bytes, { functions: 3 }).functionCount).toBe(3);
  });
});

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

function bodyOf(depth: number): number[] {
  const code = [
    0,
    ...Array<number[]>(depth).fill([0x02, 0x40]).flat(),
    ...Array<number>(depth + 1).fill(0x0b),
  ];
  const size = code.length;
  return [1, (size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14, ...code];
}
