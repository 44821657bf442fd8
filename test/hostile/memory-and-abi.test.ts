import { expect } from 'vitest';
import { type Attack, attacks, failure, outcome } from './attack.js';
import { BLOCK, imports, plugin } from './guests.js';

const LIMITS = { limits: { memoryBytes: 4 * 1024 * 1024, timeoutMs: 5000 } };
const NO_QUARANTINE = { quarantine: { maxViolations: Number.POSITIVE_INFINITY } };

/** A guest whose export `f` is this, called once; the outcome of the call, and of the next one to `fine`. */
function once(name: string, body: string, expected: string, ...kinds: string[]): Attack {
  const used = [...new Set([...body.matchAll(/\$(\w+)/g)].map(([, fn]) => fn!))];
  const known = used.filter((fn) => FUNCTIONS.has(fn));
  return {
    name,
    options: LIMITS,
    plugins: [
      plugin(
        'a',
        `${imports(...known)} (memory (export "memory") 1) (func (export "fine")) (func (export "f") ${body})`,
      ),
    ],
    run: async (host) => {
      expect(await outcome(host.call('a', 'f'))).toBe(expected);
      expect(await outcome(host.call('a', 'fine'))).toBe('');
    },
    violations: kinds.map((kind) => `a ${kind}`),
  };
}
const FUNCTIONS = new Set(
  'alloc free length load_u8 load_u64 store_u8 store_u64 input_load_u8 output_set error_set config_get var_get var_set log_info fd_write random_get'.split(
    ' ',
  ),
);

attacks([
  once('load_u8 below the heap', '(drop (call $load_u8 (i64.const 0)))', 'ERR_TRAP', 'abi'),
  once('load_u8 of the kernel state', '(drop (call $load_u8 (i64.const 8)))', 'ERR_TRAP', 'abi'),
  once('load_u64 across the end of the heap', '(drop (call $load_u64 (i64.const 65530)))', 'ERR_TRAP', 'abi'),
  once('load_u8 at minus one', '(drop (call $load_u8 (i64.const -1)))', 'ERR_TRAP', 'abi'),
  once('load_u64 at an offset of 2^32', '(drop (call $load_u64 (i64.const 4294967504)))', 'ERR_TRAP', 'abi'),
  once('store_u8 to the kernel state', '(call $store_u8 (i64.const 0) (i32.const 1))', 'ERR_TRAP', 'abi'),
  once(
    'store_u64 that begins below zero',
    '(call $store_u64 (i64.const -4) (i64.const 1))',
    'ERR_TRAP',
    'abi',
  ),
  once('an input index past its end', '(drop (call $input_load_u8 (i64.const 0)))', 'ERR_TRAP', 'abi'),
  once(
    'an output outside the heap',
    '(call $output_set (i64.const 208) (i64.const 99999999))',
    'ERR_TRAP',
    'abi',
  ),
  once(
    'an output of minus one bytes',
    '(call $output_set (i64.const 208) (i64.const -1))',
    'ERR_TRAP',
    'abi',
  ),
  once('an error text that is no block', '(call $error_set (i64.const 12345))', 'ERR_TRAP', 'abi'),
  once('a log line that is no block', '(call $log_info (i64.const 999999))', 'ERR_TRAP', 'abi'),
  once('a var name that is no block', '(drop (call $var_get (i64.const -7)))', 'ERR_TRAP', 'abi'),
  once('freeing what is no block, twice', '(call $free (i64.const 77)) (call $free (i64.const -1))', ''),
  once(
    'a block freed twice and written to afterwards',
    `(local $b i64) (local.set $b (call $alloc (i64.const 64)))
     (call $free (local.get $b)) (call $free (local.get $b))
     (drop (call $alloc (i64.const 64))) (drop (call $alloc (i64.const 64)))`,
    '',
  ),
  once(
    'headers of blocks overwritten, then freed and allocated again',
    `(local $b i64) (local $i i64) (local.set $b (call $alloc (i64.const 64)))
     (loop $l (call $store_u64 (i64.add (i64.sub (local.get $b) (i64.const 16)) (local.get $i)) (i64.const -1))
       (local.set $i (i64.add (local.get $i) (i64.const 8))) (br_if $l (i64.lt_u (local.get $i) (i64.const 64))))
     (call $free (local.get $b)) (drop (call $alloc (i64.const 64)))
     (drop (call $length (local.get $b)))`,
    '',
  ),
  once('an allocation of 2^40 bytes', '(drop (call $alloc (i64.const 1099511627776)))', ''),
  once('an allocation of minus one bytes', '(drop (call $alloc (i64.const -1)))', ''),
  once(
    'allocations until nothing is left',
    '(loop $l (br_if $l (i64.ne (call $alloc (i64.const 65000)) (i64.const 0))))',
    '',
    'memory',
  ),
  once(
    'a memory that grows until it is refused, and blocks after it',
    `(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
     (if (i64.ne (call $alloc (i64.const 1000000)) (i64.const 0)) (then unreachable))`,
    '',
    'memory',
  ),
  once(
    'freeing and allocating for ever',
    '(loop $l (call $free (call $alloc (i64.const 1048576))) (br $l))',
    'ERR_TIMEOUT',
    'timeout',
  ),
  {
    name: 'what one call left in its blocks is not in those of the next',
    plugins: [
      plugin(
        'a',
        `${imports('alloc', 'input_length', 'store_u64', 'load_u64', 'output_set')}
         (func (export "leave") (local $b i64) (local $i i64)
           (local.set $b (call $alloc (i64.const 4096)))
           (loop $l (call $store_u64 (i64.add (local.get $b) (local.get $i)) (i64.const 0x7465726365732121))
             (local.set $i (i64.add (local.get $i) (i64.const 8))) (br_if $l (i64.lt_u (local.get $i) (i64.const 4096)))))
         (func (export "look") (local $b i64)
           (local.set $b (call $alloc (i64.const 4096)))
           (call $output_set (local.get $b) (i64.const 4096)))`,
      ),
    ],
    run: async (host) => {
      await host.call('a', 'leave');
      expect(await outcome(host.call('a', 'look'))).toBe('\0'.repeat(4096));
    },
  },
  {
    name: 'an output larger than outputBytes is refused, also of a program that exits with 0',
    options: { limits: { outputBytes: 10 }, ...NO_QUARANTINE },
    plugins: [
      plugin(
        'a',
        `${imports('input_offset', 'input_length', 'output_set', 'proc_exit')} (memory (export "memory") 1)
         (func $echo (call $output_set (call $input_offset) (call $input_length)))
         (func (export "f") (call $echo)) (func (export "exits") (call $echo) (call $proc_exit (i32.const 0)))`,
      ),
    ],
    run: async (host) => {
      expect(await outcome(host.call('a', 'f', 'x'.repeat(11)))).toBe('ERR_OUTPUT');
      expect(await outcome(host.call('a', 'exits', 'x'.repeat(11)))).toBe('ERR_OUTPUT');
      expect(await outcome(host.call('a', 'exits', 'x'.repeat(10)))).toBe('x'.repeat(10));
    },
    violations: ['a output-size', 'a output-size'],
  },
  {
    name: 'an error text of megabytes arrives cut, and its control characters do not reach a terminal',
    plugins: [
      plugin(
        'a',
        `${imports('input_offset', 'error_set')} (func (export "f") (result i32) (call $error_set (call $input_offset)) (i32.const 1))`,
      ),
    ],
    run: async (host) => {
      const error = await failure(host.call('a', 'f', `\u001b[2J\r\n${'x'.repeat(4_000_000)}`));
      expect(error.code).toBe('ERR_GUEST');
      expect(error.message.length).toBeLessThan(20_000);
      expect(error.message).toContain('\\x1b[2J\\r\\n');
    },
  },
  {
    name: 'a flood of log lines ends at logBytesPerCall, counted in bytes and not in characters',
    options: { limits: { logBytesPerCall: 3000 } },
    plugins: [
      plugin(
        'a',
        `${imports('input_offset', 'log_info')}
         (func (export "f") (local $i i32) (loop $l (call $log_info (call $input_offset))
           (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 10000)))))`,
      ),
    ],
    run: async (host, scene) => {
      expect(await outcome(host.call('a', 'f', '€'.repeat(200)))).toBe('');
      const bytes = scene.lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
      expect(bytes).toBeGreaterThan(1000);
      expect(bytes).toBeLessThanOrEqual(3000);
    },
    violations: ['a log-flood'],
  },
  {
    name: 'vars with masses of names end at varBytes',
    options: { limits: { varBytes: 10_000 } },
    plugins: [
      plugin(
        'a',
        `${imports('alloc', 'store_u64', 'var_set')}
         (func (export "f") (local $b i64) (local $i i64)
           (local.set $b (call $alloc (i64.const 8)))
           (loop $l (call $store_u64 (local.get $b) (i64.add (local.get $i) (i64.const 0x3030303030303030)))
             (call $var_set (local.get $b) (local.get $b))
             (local.set $i (i64.add (local.get $i) (i64.const 1)))
             (br_if $l (i64.lt_u (local.get $i) (i64.const 100000)))))`,
      ),
    ],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe('ERR_MEMORY'),
    violations: ['a var-size'],
  },
  ...['__proto__', 'constructor', 'toString'].map(
    (name): Attack => ({
      name: `config and vars have no ${name}`,
      plugins: [
        plugin(
          'a',
          `${imports('alloc', 'store_u8', 'config_get', 'var_get')} (memory 1) (data (i32.const 0) "${name}") ${BLOCK}
           (func (export "f") (result i32) (local $b i64)
             (local.set $b (call $block (i32.const 0) (i32.const ${name.length})))
             (i32.wrap_i64 (i64.or (call $config_get (local.get $b)) (call $var_get (local.get $b)))))`,
        ),
      ],
      run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe(''),
    }),
  ),
  {
    name: 'tables that grow end below what the memory limit allows, and the thread lives',
    options: LIMITS,
    plugins: [
      plugin(
        'a',
        `(table $t 1 funcref) (func (export "f") (loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1)))))`,
      ),
    ],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe(''),
  },
  {
    name: 'an input that does not fit into the memory limit fails the call and nothing else',
    options: LIMITS,
    plugins: [plugin('a', '(memory 60) (func (export "f"))')],
    run: async (host) => {
      expect(await outcome(host.call('a', 'f', 'x'.repeat(2_000_000)))).toBe('ERR_MEMORY');
      expect(await outcome(host.call('a', 'f', 'x'))).toBe('');
    },
    violations: ['a memory'],
  },
]);
