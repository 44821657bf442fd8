import { expect } from 'vitest';
import { wat } from '../wasm/wat.js';
import { type Attack, attacks, failure, outcome } from './attack.js';
import { plugin } from './guests.js';

const ESCAPES = '\\1b[2J\\0d\\0aERROR all is lost';

/** A module that does not load; the error names the plugin, and is one line of bounded length. */
function refused(name: string, module: string | Uint8Array, code: string, kind?: string): Attack {
  return {
    name,
    run: async (host) => {
      const error = await failure(host.load(plugin('a', module)));
      expect(error.code).toBe(code);
      expect(error.message).toContain('a@1.0.0');
      expect(error.message.length).toBeLessThan(10_000);
      expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    },
    violations: kind ? [`a ${kind}`] : [],
  };
}

const exportsOf = (count: number, name: (index: number) => string) =>
  `(func $f) ${Array.from({ length: count }, (_, i) => `(export "${name(i)}" (func $f))`).join(' ')}`;

attacks([
  refused('no module at all', new Uint8Array([60, 104, 116, 109, 108]), 'ERR_BYTECODE', 'bytecode'),
  refused('an empty file', new Uint8Array(), 'ERR_BYTECODE', 'bytecode'),
  refused(
    'a truncated module',
    wat('(module (func (export "f")))').subarray(0, 20),
    'ERR_BYTECODE',
    'bytecode',
  ),
  refused('an import that nobody provides', '(import "env" "abort" (func))', 'ERR_IMPORT'),
  refused('an import named __proto__', '(import "__proto__" "__proto__" (func))', 'ERR_IMPORT'),
  refused('an import of constructor', '(import "extism:host/user" "constructor" (func))', 'ERR_IMPORT'),
  refused('an import with control characters', `(import "${ESCAPES}" "${ESCAPES}" (func))`, 'ERR_IMPORT'),
  refused(
    'an import with a name of 90 000 characters',
    `(import "x" "${'n'.repeat(90_000)}" (func))`,
    'ERR_IMPORT',
  ),
  refused(
    'an import of the meter',
    '(import "cordon:meter" "out_of_fuel" (func (result i32)))',
    'ERR_IMPORT',
  ),
  refused(
    'an import of the WASI of Cordon',
    '(import "cordon:wasi" "proc_exit" (func (param i32)))',
    'ERR_IMPORT',
  ),
  refused(
    'an export that stands for the fuel',
    '(global (export "cordon:fuel") (mut i32) (i32.const 0))',
    'ERR_BYTECODE',
    'bytecode',
  ),
  refused(
    'a wrong type of alloc',
    '(import "extism:host/env" "alloc" (func (param i32) (result i32)))',
    'ERR_IMPORT',
  ),
  refused('a memory from the host', '(import "extism:host/env" "memory" (memory 1))', 'ERR_IMPORT'),
  refused('a start function that traps', '(func $s unreachable) (start $s)', 'ERR_TRAP'),
  refused('a data segment out of bounds', '(memory 1) (data (i32.const 70000) "x")', 'ERR_TRAP'),
  refused(
    'an element segment out of bounds',
    '(table 1 funcref) (func $f) (elem (i32.const 5) $f)',
    'ERR_TRAP',
  ),
  refused('a memory of 4 GiB at the start', '(memory 65536)', 'ERR_MEMORY', 'memory'),
  refused(
    'a table of a hundred million at the start',
    '(table 100000000 funcref)',
    'ERR_BYTECODE',
    'bytecode',
  ),
  refused('a shared memory', '(memory 1 2 shared)', 'ERR_FEATURE', 'feature'),
  {
    name: 'a module with 10 000 exports loads, and a call of none of them lists twenty',
    plugins: [
      plugin(
        'a',
        exportsOf(10_000, (i) => `export_number_${i}`),
      ),
    ],
    run: async (host) => {
      const error = await failure(host.call('a', 'nothing'));
      expect(error.code).toBe('ERR_NO_EXPORT');
      expect(error.message.length).toBeLessThan(2000);
      expect(await outcome(host.call('a', 'export_number_9999'))).toBe('');
    },
  },
  {
    name: 'exports with nasty names are callable, and leave no control character in messages',
    plugins: [
      plugin(
        'a',
        `(func $f unreachable) (export "${ESCAPES}" (func $f)) (export "__proto__" (func $f)) (export "toString" (func $f)) (export "\\c2\\9b" (func $f))`,
      ),
    ],
    run: async (host) => {
      for (const name of [
        '\u001b[2J\r\nERROR all is lost',
        '__proto__',
        '\u009b',
        'toString',
        'constructor',
      ]) {
        const error = await failure(host.call('a', name));
        expect(error.code).toBe(name === 'constructor' ? 'ERR_NO_EXPORT' : 'ERR_TRAP');
        expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }
    },
  },
  {
    name: 'names of functions of 50 000 characters do not make errors large',
    plugins: [
      plugin(
        'a',
        `(func $${'f'.repeat(50_000)} unreachable) (func (export "f") (call $${'f'.repeat(50_000)}))`,
      ),
    ],
    run: async (host) => {
      const error = await failure(host.call('a', 'f'));
      expect(JSON.stringify(error.details).length).toBeLessThan(10_000);
    },
  },
  {
    name: 'a module with 9 000 imports loads and runs',
    plugins: [
      plugin(
        'a',
        `${Array.from({ length: 9000 }, (_, i) => `(import "extism:host/env" "alloc" (func $a${i} (param i64) (result i64)))`).join('')} (func (export "f"))`,
      ),
    ],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe(''),
  },
  {
    name: '80 000 fills of a MB one after the other, without a loop, are stopped at the deadline',
    options: { limits: { timeoutMs: 200 } },
    plugins: [
      plugin(
        'a',
        `(memory 20) (func (export "f") ${'(memory.fill (i32.const 0) (i32.const 1) (i32.const 1000000))'.repeat(80_000)})`,
      ),
    ],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe('ERR_TIMEOUT'),
    violations: ['a timeout'],
  },
  {
    name: 'results of every type end the call and no more',
    plugins: [
      plugin(
        'a',
        `(func $f (export "funcref") (result funcref) (ref.func $f)) (func (export "externref") (result externref) (ref.null extern))
         (func (export "f64") (result f64) (f64.const nan)) (func (export "i64") (result i64) (i64.const -1))
         (func (export "v128") (result v128) (v128.const i64x2 0 0)) (func (export "fine"))`,
      ),
    ],
    run: async (host) => {
      for (const fn of ['funcref', 'f64', 'i64']) expect(await outcome(host.call('a', fn))).toBe('ERR_GUEST');
      for (const fn of ['externref', 'v128']) expect(await outcome(host.call('a', fn))).not.toBe('pending');
      expect(await outcome(host.call('a', 'fine'))).toBe('');
    },
  },
]);
