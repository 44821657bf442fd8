import { expect, it } from 'vitest';
import { guestStack } from '../../src/sandbox/guest-stack.js';
import { openHost, plugin, rejection } from '../host/open-host.js';
import { wat } from '../wasm/wat.js';

const NESTED = `
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (memory 1)
  (func $divide (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func $half (result i32) (drop (memory.grow (i32.const 0))) (call $divide (i32.wrap_i64 (call $length))))
  (func $go (export "go") (result i32) (call $half))`;

/** What the host says of a call of `go`. */
async function trapOf(wasm: Uint8Array) {
  const host = await openHost();
  const guest = await host.load(plugin('trapper', wasm));
  return rejection(guest.call('go'));
}

it('a trap names the functions that it went through, by the numbers of the module as it was built', async () => {
  const error = await trapOf(wat(`(module ${NESTED})`));
  expect(error).toMatchObject({
    code: 'ERR_TRAP',
    message: '"go" of trapper@1.0.0 trapped: integer-divide-by-zero (divide by zero) in divide (function 1).',
    details: { stack: ['divide (function 1)', 'half (function 2)', 'go (function 3)'] },
  });
});

it('a module without names has numbers', async () => {
  const nameless = NESTED.replaceAll('call $length', 'call 0')
    .replaceAll('call $divide', 'call 1')
    .replaceAll('call $half', 'call 2')
    .replaceAll(/\(func \$\w+/g, '(func');
  const { details } = await trapOf(wat(`(module ${nameless})`));
  expect(details.stack).toEqual(['function 1', 'function 2', 'function 3']);
});

it('a stack that is exhausted tells its innermost 20 frames', async () => {
  const error = await trapOf(
    wat('(module (func $down (export "go") (result i32) (i32.add (i32.const 1) (call $down))))'),
  );
  expect(error.code).toBe('ERR_STACK');
  const stack = error.details.stack as string[];
  expect(stack.length).toBeGreaterThan(5);
  expect(stack.length).toBeLessThanOrEqual(20);
  expect(new Set(stack)).toEqual(new Set(['down (function 0)']));
});

it('names are cut and escaped, and what is not in the guest is left out', () => {
  const error = new WebAssembly.RuntimeError('unreachable');
  error.stack = [
    'RuntimeError: unreachable',
    '    at \u001b[31mred\u0007 (wasm://wasm/abc:wasm-function[3]:0x1f)',
    `    at ${'n'.repeat(100_000)} (wasm://wasm/abc:wasm-function[4]:0x1f)`,
    '    at wasm://wasm/a b (c)-abc:wasm-function[5]:0x1f',
    '    at run (file:///home/user/src/wasm/run.js:1:2)',
    '    at (wasm://wasm/abc:wasm-function[x]:0x1f)',
  ].join('\n');
  const stack = guestStack(error, [new WebAssembly.Module(wat('(module)'))]);
  expect(stack).toHaveLength(3);
  expect(stack[0]).toMatch(/red.* \(function 3\)$/);
  expect(stack[0]).not.toMatch(/[\u0000-\u001f]/);
  expect(stack[1]!.length).toBeLessThan(300);
  expect(stack[2]).toBe('function 5');
});

it('of linked modules no frame says in which it is, so there are no numbers', () => {
  const error = new WebAssembly.RuntimeError('unreachable');
  error.stack = 'RuntimeError\n    at f (wasm://wasm/abc:wasm-function[3]:0x1f)';
  const empty = new WebAssembly.Module(wat('(module)'));
  expect(guestStack(error, [empty, empty])).toEqual(['f (function)']);
  expect(guestStack('no error at all', [empty])).toEqual([]);
});
