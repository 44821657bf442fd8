import { describe, expect, test } from 'vitest';
import { summarizeModule } from '../../src/wasm/summary.js';
import { thrown } from '../thrown.js';
import { leb, moduleOf } from './wat.js';

// What may follow an opcode: enough zeros, indices and flags for every instruction to be complete in one of these.
const IMMEDIATES: readonly (readonly number[])[] = [
  [],
  [0],
  [0, 0],
  [1],
  [1, 0],
  [0, 1],
  [2, 0],
  [3, 0],
  [4, 0],
  [0, 0, 0],
  [2, 0, 0],
  [3, 0, 0],
  [0x40],
  [0x70],
  [1, 0x7f],
  [0x40, 0],
  [5],
  [5, 0],
  [6],
  [6, 0],
  [7],
  [6, 6],
  [6, 7],
  [0, 0, 0x6e, 0x6e],
  [1, 0, 0x70, 0x70],
  [3, 0, 0x6e, 0x6d],
  Array(4).fill(0),
  Array(8).fill(0),
  Array(16).fill(0),
];

/**
 * A module in which everything that an instruction can refer to exists. The instruction stands in code that is not
 * reached, where any operands are there; `open` closes the block that it may begin.
 */
function around(
  instruction: readonly number[],
  gc: boolean,
  before: readonly number[],
  after: readonly number[],
) {
  const code = [0, ...before, 0x00, ...instruction, 0x00, ...after, 0x0b];
  const gcTypes = gc ? [0x5f, 1, 0x7f, 1, 0x5e, 0x7f, 1, 0x5e, 0x70, 1] : [];
  return moduleOf(
    [1, [gc ? 5 : 2, 0x60, 0, 0, 0x60, 0, 0, ...gcTypes]],
    [3, [1, 0]],
    [4, [1, 0x70, 0, 10]],
    [5, [1, 0, 1]],
    [13, [1, 0, 0]],
    [6, [1, 0x7f, 1, 0x41, 0, 0x0b]],
    [9, [1, 1, 0, 1, 0]],
    [12, [1]],
    [10, [1, ...leb(code.length), ...code]],
    [11, [1, 1, 1, 0]],
  );
}

const opcodes: readonly (readonly number[])[] = [
  ...Array.from({ length: 0xfb }, (_, opcode) => [opcode]),
  [0xff],
  ...[0xfb, 0xfc, 0xfe].flatMap((prefix) => Array.from({ length: 0x100 }, (_, sub) => [prefix, ...leb(sub)])),
  ...Array.from({ length: 0x180 }, (_, sub) => [0xfd, ...leb(sub)]),
];

const gc = WebAssembly.validate(moduleOf([1, [1, 0x5f, 0]]));
const CONTEXTS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[], [0x0b]],
  [[0x04, 0x40], [0x0b]],
  [[0x06, 0x40], [0x0b]],
  [[0x06, 0x40], []],
  [[0x06, 0x40, 0x19], [0x0b]],
];

describe('the table of opcodes', () => {
  test('knows every instruction that V8 accepts', () => {
    const accepted: string[] = [];
    const unknown: string[] = [];
    for (const opcode of opcodes) {
      const name = opcode.map((byte) => byte.toString(16)).join(' ');
      for (const immediate of IMMEDIATES) {
        for (const [before, after] of CONTEXTS) {
          const bytes = around([...opcode, ...immediate], gc, before, after);
          if (!WebAssembly.validate(bytes)) continue;
          accepted.push(name);
          try {
            summarizeModule(bytes);
          } catch (error) {
            unknown.push(`${name} with ${immediate.join()}: ${error}`);
          }
        }
      }
    }
    expect(unknown).toEqual([]);
    // 508 on Node 20, 560 where garbage collection, relaxed SIMD and the final exceptions are there.
    expect(new Set(accepted).size).toBeGreaterThan(gc ? 555 : 500);
  }, 180_000);

  test.each([
    [[0x27]],
    [[0xc5]],
    [[0xd7]],
    [[0xff]],
    [[0xfb, 0x20]],
    [[0xfc, 0x12]],
    [[0xfd, 0x9a, 1]],
    [[0xfe, 4]],
  ])('refuses %j with its offset', (opcode) => {
    const bytes = around(opcode, false, [], []);
    const error = thrown(() => summarizeModule(bytes));
    expect(error.code).toBe('ERR_BYTECODE');
    expect(error.message).toContain('unknown instruction');
    const at = error.details.offset as number;
    expect([...bytes.subarray(at, at + opcode.length)]).toEqual(opcode);
  });
});
