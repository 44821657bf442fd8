import { describe, expect, it } from 'vitest';
import { trapKind } from '../../src/sandbox/failures.js';
import { wat } from '../wasm/wat.js';

/** What V8 throws for the export `f` of this module. */
function trapOf(body: string): unknown {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(wat(`(module ${body})`))).exports;
  try {
    (f as () => void)();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a trap', () => {
  it.each([
    ['unreachable', '(func (export "f") unreachable)'],
    ['integer-divide-by-zero', '(func (export "f") (drop (i32.div_u (i32.const 1) (i32.const 0))))'],
    ['integer-divide-by-zero', '(func (export "f") (drop (i64.rem_s (i64.const 1) (i64.const 0))))'],
    ['integer-overflow', '(func (export "f") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))'],
    ['invalid-conversion-to-integer', '(func (export "f") (drop (i32.trunc_f64_s (f64.const nan))))'],
    ['memory-out-of-bounds', '(memory 1) (func (export "f") (drop (i32.load (i32.const 65536))))'],
    [
      'memory-out-of-bounds',
      '(memory 1) (func (export "f") (memory.fill (i32.const 1) (i32.const 0) (i32.const 65536)))',
    ],
    ['table-out-of-bounds', '(table 1 funcref) (func (export "f") (call_indirect (i32.const 7)))'],
    ['indirect-call-type-mismatch', '(table 1 funcref) (func (export "f") (call_indirect (i32.const 0)))'],
  ])('is told as %s', (kind, body) => {
    const error = trapOf(body);
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(trapKind((error as Error).message)).toBe(kind);
  });

  it('of a kind that is not known is a trap all the same', () => {
    expect(trapKind('something new')).toBe('trap');
  });
});
