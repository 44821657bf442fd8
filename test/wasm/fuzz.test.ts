import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors/cordon-error.js';
import { FEATURE_PROBES } from '../../src/wasm/feature-probes.js';
import { rewriteModule } from '../../src/wasm/rewrite.js';
import { summarizeModule } from '../../src/wasm/summary.js';
import { programs, programText } from './random-program.js';
import { concat, custom, wat } from './wat.js';

// `FUZZ_RUNS=2000000 npx vitest run test/wasm/fuzz.test.ts` for an hour of it.
const RUNS = Number(process.env.FUZZ_RUNS ?? 30_000);

const SEEDS: readonly Uint8Array[] = [
  ...Object.values(FEATURE_PROBES).map((probe) => Uint8Array.from(probe)),
  wat(`(module (import "e" "f" (func $f (param i32) (result i32))) (import "e" "t" (table 3 funcref))
    (memory (export "m") 1 9) (table $u 2 externref) (global $g (mut i64) (i64.const 7)) (global funcref (ref.func $a))
    (elem (i32.const 0) $a $f) (elem $p func $a $b) (elem declare func $b) (data (i32.const 4) "abc") (data $d "xy")
    (func $a (export "_start") (result i32) (local i64 f32 f32)
      i32.const 1 call $f drop i32.const 1 memory.grow drop ref.null extern i32.const 2 table.grow $u)
    (func $b (param i32 f64) (result i32 f64)
      block (result i32 f64) loop local.get 0 br_if 0 block local.get 0 br_table 0 1 0 end end
        local.get 0 if (result i32) i32.const 3 else i32.const 1 i32.const 0 call_indirect (result i32) end
        local.get 1 br 0 end)
    (func i32.const 0 i32.const 0 i32.const 2 memory.init $d i32.const 0 i32.const 1 i32.const 2 memory.copy
      i32.const 0 i32.const 0 i32.const 1 table.init $p i64.const -1 global.set $g ref.func $b drop return)
    (start $s) (func $s loop i32.const 0 br_if 0 end))`),
  wat(`(module (tag $e (param i32)) (memory 1)
    (func (result i32) try (result i32) i32.const 1 throw $e catch $e catch_all i32.const 2 end)
    (func try try i32.const 1 throw $e delegate 0 catch_all rethrow 0 end)
    (func (result v128) i32.const 0 v128.load offset=1 v128.const i32x4 1 2 3 4 i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 )
    (func (param i32) (result i32) local.get 0 return_call 3)
    (func i32.const 0 i32.const 0 i32.const 1 memory.fill i32.const 0 f32.load i32.trunc_sat_f32_s i64.extend_i32_s drop))`),
  ...fc.sample(programs(true), { numRuns: 20, seed: 1 }).map((program) => wat(programText(program))),
].map((bytes) => concat(bytes, custom('producers', 'x')));

const OPTIONS = { maxMemoryBytes: Number.POSITIVE_INFINITY, maxTableElements: Number.POSITIVE_INFINITY };

type Mutation = (bytes: Uint8Array) => Uint8Array;
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Bytes that mean something: opcodes, types, counts. */
const byte = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0, 1, 2, 3, 0x0b, 0x10, 0x40, 0x60, 0x7f, 0x80, 0xff),
);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ at: place, byte }).map(({ at, byte }) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    copy[Math.floor(at * copy.length)] = byte;
    return copy;
  }),
  fc.record({ at: place, byte }).map(({ at, byte }) => (bytes: Uint8Array) => {
    const cut = Math.floor(at * bytes.length);
    return concat(bytes.subarray(0, cut), Uint8Array.of(byte), bytes.subarray(cut));
  }),
  fc
    .record({ at: place, count: fc.integer({ min: 1, max: 8 }) })
    .map(({ at, count }) => (bytes: Uint8Array) => {
      const cut = Math.floor(at * bytes.length);
      return concat(bytes.subarray(0, cut), bytes.subarray(cut + count));
    }),
  fc
    .record({ from: place, to: place, count: fc.integer({ min: 1, max: 12 }) })
    .map(({ from, to, count }) => (bytes: Uint8Array) => {
      const copy = bytes.slice();
      const start = Math.floor(from * copy.length);
      copy.copyWithin(Math.floor(to * copy.length), start, start + count);
      return copy;
    }),
  place.map((at) => (bytes: Uint8Array) => bytes.subarray(0, Math.floor(at * bytes.length))),
);

const mutated = fc
  .record({
    seed: fc.integer({ min: 0, max: SEEDS.length - 1 }),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }),
  })
  .map(({ seed, mutations }) => mutations.reduce((bytes, mutate) => mutate(bytes), SEEDS[seed]!));

describe('mutated modules', () => {
  test('what V8 accepts is rewritten to what it accepts; all else ends in an error with a code', () => {
    let valid = 0;
    fc.assert(
      fc.property(mutated, fc.boolean(), (bytes, metering) => {
        const isValid = WebAssembly.validate(bytes);
        let output: Uint8Array | undefined;
        try {
          output = rewriteModule(bytes, { ...OPTIONS, metering }).bytes;
        } catch (error) {
          expect(error).toBeInstanceOf(CordonError);
          expect((error as CordonError).code).toBe('ERR_BYTECODE');
        }
        expect(output !== undefined).toBe(isValid);
        if (output === undefined) return;
        valid++;
        expect(WebAssembly.validate(output)).toBe(true);
        // What was written must be readable again, and be the same but for what was added.
        const [before, after] = [summarizeModule(bytes), summarizeModule(output)];
        expect(after.exports.length).toBeGreaterThanOrEqual(before.exports.length);
        expect(after.dataBytes).toBe(before.dataBytes);
        expect(after.elements).toBe(before.elements);
      }),
      { numRuns: RUNS },
    );
    console.log(`Fuzz: ${RUNS} mutated modules, ${valid} of them valid`);
    expect(valid).toBeGreaterThan(RUNS / 50);
  }, 7_200_000);

  test('bytes without any structure are refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        for (const bytes of [tail, concat(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), tail)]) {
          try {
            summarizeModule(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(CordonError);
            const { offset } = (error as CordonError).details;
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(offset).toBeLessThanOrEqual(bytes.length);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
