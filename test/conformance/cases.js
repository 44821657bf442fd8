import { assemble, guest } from './abi-guest.js';

/**
 * What a case does: the outcome is what its calls gave, in order, and what it logged.
 * @typedef {object} Case
 * @property {string} area the function of the ABI, or what else is tried
 * @property {string} name
 * @property {() => Uint8Array | readonly { name: string, data: Uint8Array }[]} wasm
 * @property {readonly (string | [fn: string, input?: string | Uint8Array, context?: unknown])[]} [calls] `go` by default
 * @property {boolean} [atOnce] all calls at a time
 * @property {'text' | 'u64'} [read]
 * @property {object} [options]
 * @property {string} [differs] why Cordon deliberately does not do as the SDK in the foreground does
 */

/** @param {string} body @param {Record<string, string>} [functions] */
const go = (body, functions) => () => guest(`(func (export "go") (result i32) ${body})`, functions);
const F = { f: '(param i64) (result i64)' };
/** @param {(context: any, ...args: any[]) => unknown} f */
const user = (f) => ({ functions: { 'extism:host/user': { f } } });
const WASI = (/** @type {string} */ body) => () =>
  assemble(
    `(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
       (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
       (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
       (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
       (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
       (memory (export "memory") 1) (global $n (mut i32) (i32.const 48))
       (func (export "go") (result i32) (local $o i64) (local.set $o (call $alloc (i64.const 1)))
         (call $store_u8 (local.get $o) (global.get $n)) (call $output_set (local.get $o) (i64.const 1)) (i32.const 0))
       ${body})`,
  );

/** @type {readonly Case[]} */
export const CASES = [
  {
    area: 'alloc',
    name: 'a new block holds zeros',
    read: 'u64',
    wasm: go('(call $number (call $load_u64 (call $alloc (i64.const 8))))'),
  },
  {
    area: 'alloc',
    name: 'a block of no bytes has length 0',
    read: 'u64',
    wasm: go('(call $number (call $length (call $alloc (i64.const 0))))'),
  },
  {
    area: 'alloc',
    name: 'beyond maxPages gives 0',
    read: 'u64',
    options: { memory: { maxPages: 2 } },
    wasm: go('(call $number (i64.extend_i32_u (i64.eqz (call $alloc (i64.const 1000000)))))'),
    differs:
      'the block is not made and later ones are; in the SDK it counts, and no block can be made in the rest of the call',
  },
  {
    area: 'alloc',
    name: '4 GiB',
    read: 'u64',
    wasm: go('(call $number (i64.extend_i32_u (i64.eqz (call $alloc (i64.const 4294967296)))))'),
    differs: 'the guest’s memory is bounded: the SDK takes it from the host',
  },
  {
    area: 'free',
    name: 'a freed block has length 0',
    read: 'u64',
    wasm: go(
      '(local $b i64) (local.set $b (call $alloc (i64.const 8))) (call $free (local.get $b)) (call $number (call $length (local.get $b)))',
    ),
  },
  {
    area: 'free',
    name: 'freeing twice, and nothing, is harmless',
    read: 'u64',
    wasm: go(
      '(local $b i64) (local.set $b (call $alloc (i64.const 8))) (call $free (local.get $b)) (call $free (local.get $b)) (call $free (i64.const 0)) (call $number (i64.const 7))',
    ),
  },
  {
    area: 'length',
    name: 'of a block',
    read: 'u64',
    wasm: go('(call $number (call $length (call $alloc (i64.const 77))))'),
  },
  {
    area: 'length',
    name: 'of what is no block is 0',
    read: 'u64',
    wasm: go('(call $number (call $length (i64.const 0x7fff000000000000)))'),
  },
  {
    area: 'length',
    name: 'of the inside of a block',
    read: 'u64',
    wasm: go('(call $number (call $length (i64.add (call $alloc (i64.const 77)) (i64.const 1))))'),
    differs: 'an offset into a block is no block; the SDK takes it for the whole one',
  },
  {
    area: 'length_unsafe',
    name: 'of a block',
    read: 'u64',
    wasm: go('(call $number (call $length_unsafe (call $alloc (i64.const 77))))'),
  },
  {
    area: 'load_u8',
    name: 'reads the byte that was stored',
    read: 'u64',
    wasm: go(
      '(local $b i64) (local.set $b (call $alloc (i64.const 2))) (call $store_u8 (i64.add (local.get $b) (i64.const 1)) (i32.const 200)) (call $number (i64.extend_i32_u (call $load_u8 (i64.add (local.get $b) (i64.const 1)))))',
    ),
  },
  {
    area: 'load_u8',
    name: 'from what is no block',
    read: 'u64',
    wasm: go('(call $number (i64.extend_i32_u (call $load_u8 (i64.const 0x7fff000000000000))))'),
    differs: 'a bad pointer is an error, and a violation; the SDK gives 0',
  },
  {
    area: 'load_u64',
    name: 'is little-endian',
    read: 'u64',
    wasm: go(
      '(local $b i64) (local.set $b (call $alloc (i64.const 8))) (call $store_u8 (local.get $b) (i32.const 1)) (call $store_u8 (i64.add (local.get $b) (i64.const 7)) (i32.const 1)) (call $number (call $load_u64 (local.get $b)))',
    ),
  },
  {
    area: 'load_u64',
    name: 'from far beyond the heap',
    read: 'u64',
    wasm: go('(call $number (call $load_u64 (i64.add (call $alloc (i64.const 4)) (i64.const 1000000))))'),
    differs: 'both refuse, in their own words',
  },
  {
    area: 'store_u8',
    name: 'keeps the low byte',
    read: 'u64',
    wasm: go(
      '(local $b i64) (local.set $b (call $alloc (i64.const 8))) (call $store_u8 (local.get $b) (i32.const 511)) (call $number (call $load_u64 (local.get $b)))',
    ),
  },
  {
    area: 'store_u8',
    name: 'to what is no block',
    wasm: go('(call $store_u8 (i64.const 0x7fff000000000000) (i32.const 1)) (i32.const 0)'),
    differs: 'a bad pointer is an error, and a violation; the SDK drops the byte',
  },
  {
    area: 'store_u64',
    name: 'all bits',
    read: 'u64',
    wasm: go(
      '(local $b i64) (local.set $b (call $alloc (i64.const 8))) (call $store_u64 (local.get $b) (i64.const -2)) (call $number (call $load_u64 (local.get $b)))',
    ),
  },
  {
    area: 'input_offset',
    name: 'is the input as a block',
    calls: [['go', 'héllo']],
    wasm: go('(call $give (call $input_offset))'),
  },
  {
    area: 'input_length',
    name: 'counts bytes of UTF-8',
    read: 'u64',
    calls: [['go', 'héllo']],
    wasm: go('(call $number (call $input_length))'),
  },
  {
    area: 'input_length',
    name: 'of no input is 0',
    read: 'u64',
    calls: ['go', ['go', '']],
    wasm: go('(call $number (call $input_length))'),
  },
  {
    area: 'input_load_u8',
    name: 'reads by index',
    read: 'u64',
    calls: [['go', 'AB']],
    wasm: go('(call $number (i64.extend_i32_u (call $input_load_u8 (i64.const 1))))'),
  },
  {
    area: 'input_load_u8',
    name: 'beyond the input',
    calls: [['go', 'AB']],
    wasm: go('(drop (call $input_load_u8 (i64.const 2))) (i32.const 0)'),
    differs: 'both refuse, in their own words',
  },
  {
    area: 'input_load_u64',
    name: 'reads eight',
    read: 'u64',
    calls: [['go', 'ABCDEFGH']],
    wasm: go('(call $number (call $input_load_u64 (i64.const 0)))'),
  },
  { area: 'output_set', name: 'nothing set is null', wasm: go('(i32.const 0)') },
  {
    area: 'output_set',
    name: 'an empty block is an empty output',
    wasm: go('(call $output_set (call $alloc (i64.const 0)) (i64.const 0)) (i32.const 0)'),
  },
  {
    area: 'output_set',
    name: 'a part of a block',
    calls: [['go', 'hello']],
    wasm: go('(call $output_set (call $input_offset) (i64.const 2)) (i32.const 0)'),
    differs: 'the length that the guest gives is honoured; the SDK gives the whole block',
  },
  {
    area: 'output_set',
    name: 'longer than the block',
    calls: [['go', 'hello']],
    wasm: go('(call $output_set (call $input_offset) (i64.const 60000)) (i32.const 0)'),
    differs: 'both refuse, in their own words',
  },
  {
    area: 'output_set',
    name: 'twice: the last counts',
    calls: [['go', 'hello']],
    wasm: go('(drop (call $number (i64.const 1))) (call $give (call $input_offset))'),
  },
  {
    area: 'error_set',
    name: 'is the error of the call',
    calls: [['go', 'my text']],
    wasm: go('(call $error_set (call $input_offset)) (i32.const 1)'),
  },
  {
    area: 'error_set',
    name: 'wins over the output',
    calls: [['go', 'my text']],
    wasm: go('(call $error_set (call $input_offset)) (call $give (call $input_offset))'),
  },
  {
    area: 'error_set',
    name: 'before a trap',
    calls: [['go', 'my text']],
    wasm: go('(call $error_set (call $input_offset)) unreachable'),
    differs: 'the guest’s own text is told; the SDK loses it',
  },
  {
    area: 'error_set',
    name: 'with 0',
    calls: [['go', 'x']],
    wasm: go(
      '(call $error_set (call $input_offset)) (call $error_set (i64.const 0)) (call $give (call $input_offset))',
    ),
    differs: '0 takes the error back; the SDK reports an error of one NUL',
  },
  {
    area: 'error_set',
    name: 'with what is no block',
    wasm: go('(call $error_set (i64.const 0x7fff000000000000)) (i32.const 0)'),
    differs: 'both refuse, in their own words',
  },
  {
    area: 'error_get',
    name: 'without an error is 0',
    read: 'u64',
    wasm: go('(call $number (call $error_get))'),
  },
  {
    area: 'result',
    name: 'not 0, without an error text',
    calls: [['go', 'out']],
    wasm: go('(drop (call $give (call $input_offset))) (i32.const 3)'),
  },
  {
    area: 'config_get',
    name: 'a value',
    calls: [['go', 'key']],
    options: { config: { key: 'välue' } },
    wasm: go('(call $give (call $config_get (call $input_offset)))'),
  },
  {
    area: 'config_get',
    name: 'what is not there is 0',
    calls: [['go', 'other']],
    options: { config: { key: 'value' } },
    wasm: go('(call $give (call $config_get (call $input_offset)))'),
  },
  {
    area: 'config_get',
    name: 'a name that every object has',
    calls: [['go', 'constructor']],
    options: { config: { key: 'value' } },
    wasm: go('(call $give (call $config_get (call $input_offset)))'),
    differs: 'config is what the host gave; the SDK reaches JavaScript’s own objects',
  },
  {
    area: 'config_get',
    name: 'the key can be used twice',
    calls: [['go', 'key']],
    options: { config: { key: 'value' } },
    wasm: go(
      '(drop (call $config_get (call $input_offset))) (call $give (call $config_get (call $input_offset)))',
    ),
    differs: 'the guest’s block stays its own; the SDK frees it',
  },
  {
    area: 'var_set',
    name: 'stays from call to call',
    calls: [['set', 'value'], 'get', ['set', 'other'], 'get'],
    wasm: () =>
      guest(`(data (i32.const 0) "key")
      (func (export "set") (result i32) (call $var_set (call $block (i32.const 0) (i32.const 3)) (call $input_offset)) (i32.const 0))
      (func (export "get") (result i32) (call $give (call $var_get (call $block (i32.const 0) (i32.const 3)))))`),
  },
  {
    area: 'var_set',
    name: 'with 0 deletes',
    calls: [['set', 'value'], 'drop', 'get'],
    wasm: () =>
      guest(`(data (i32.const 0) "key")
      (func (export "set") (result i32) (call $var_set (call $block (i32.const 0) (i32.const 3)) (call $input_offset)) (i32.const 0))
      (func (export "drop") (result i32) (call $var_set (call $block (i32.const 0) (i32.const 3)) (i64.const 0)) (i32.const 0))
      (func (export "get") (result i32) (call $give (call $var_get (call $block (i32.const 0) (i32.const 3)))))`),
  },
  {
    area: 'var_set',
    name: 'beyond maxVarBytes',
    calls: [['go', 'x'.repeat(2000)]],
    options: { memory: { maxVarBytes: 1000 } },
    wasm: go('(call $var_set (call $input_offset) (call $input_offset)) (i32.const 0)'),
    differs: 'names count as well, and a flat cost for each, so that empty vars are not free',
  },
  {
    area: 'var_get',
    name: 'what is not there is 0',
    calls: [['go', 'nothing']],
    wasm: go('(call $give (call $var_get (call $input_offset)))'),
  },
  {
    area: 'log',
    name: 'each level goes to its method',
    calls: [['go', 'line']],
    options: { logLevel: 'trace' },
    wasm: go(
      ['trace', 'debug', 'info', 'warn', 'error']
        .map((level) => `(call $log_${level} (call $block (i32.const 0) (i32.const 4)))`)
        .join(' ')
        .concat(' (i32.const 0)) (data (i32.const 0) "line"'),
    ),
  },
  {
    area: 'log',
    name: 'below the level is dropped',
    calls: [['go', 'line']],
    options: { logLevel: 'warn' },
    wasm: go(
      '(call $log_info (call $block (i32.const 0) (i32.const 4))) (call $log_error (call $input_offset)) (i32.const 0)',
    ),
  },
  {
    area: 'log',
    name: 'silent by default',
    calls: [['go', 'line']],
    wasm: go('(call $log_error (call $input_offset)) (i32.const 0)'),
  },
  {
    area: 'log',
    name: 'line breaks and escapes',
    calls: [['go', 'a\nb\u001b[2J']],
    options: { logLevel: 'info' },
    wasm: go('(call $log_info (call $input_offset)) (i32.const 0)'),
    differs: 'a guest’s line is one line, and its escapes are shown instead of obeyed',
  },
  {
    area: 'get_log_level',
    name: 'of "warn"',
    read: 'u64',
    options: { logLevel: 'warn' },
    wasm: go('(call $number (i64.extend_i32_u (call $get_log_level)))'),
  },
  {
    area: 'get_log_level',
    name: 'of silent',
    read: 'u64',
    wasm: go('(call $number (i64.extend_i32_u (call $get_log_level)))'),
  },
  {
    area: 'http_status_code',
    name: 'before any request is 0',
    read: 'u64',
    wasm: go('(call $number (i64.extend_i32_u (call $http_status_code)))'),
    differs: 'HTTP is there on every Node, and the SDK logs in the foreground that it is not',
  },
  {
    area: 'http_request',
    name: 'to a host that is not allowed',
    calls: [['go', '{"url":"http://example.com/"}']],
    wasm: go('(call $give (call $http_request (call $input_offset) (i64.const 0)))'),
    differs: 'HTTP is there on every Node without runInWorker; the refusal is that of the SDK’s worker',
  },
  {
    area: 'http_request',
    name: 'to an allowed host',
    calls: [['go', '{"url":"http://example.com/"}']],
    options: { runInWorker: true, allowedHosts: ['*.com'], fetch: async () => new Response('page') },
    wasm: go('(call $give (call $http_request (call $input_offset) (i64.const 0)))'),
  },
  {
    area: 'http_request',
    name: 'redirected to a host that is not allowed',
    calls: [['go', '{"url":"http://example.com/"}']],
    options: {
      runInWorker: true,
      allowedHosts: ['example.com'],
      fetch: async (/** @type {string} */ url, /** @type {RequestInit} */ init) =>
        init?.redirect === 'manual' && String(url).includes('example.com')
          ? new Response(null, { status: 302, headers: { location: 'http://evil.test/' } })
          : new Response('the other host'),
    },
    wasm: go('(call $give (call $http_request (call $input_offset) (i64.const 0)))'),
    differs: 'every hop is checked; the SDK leaves redirects to fetch',
  },
  {
    area: 'host function',
    name: 'reads and stores',
    calls: [['go', 'hi']],
    options: user((c, at) => c.store(`${c.read(at).text()}!`)),
    wasm: go('(call $give (call $f (call $input_offset)))', F),
  },
  {
    area: 'host function',
    name: 'asynchronous',
    calls: [['go', 'hi']],
    options: user(async (c, at) => c.store(`${c.read(at).text()}!`)),
    wasm: go('(call $give (call $f (call $input_offset)))', F),
    differs: 'asynchronous functions work on every Node; the SDK needs runInWorker or Node 24',
  },
  {
    area: 'host function',
    name: 'gets the call’s context',
    calls: [['go', 'hi', { user: 'me' }]],
    options: user((c) => c.store(c.hostContext().user)),
    wasm: go('(call $give (call $f (call $input_offset)))', F),
  },
  {
    area: 'host function',
    name: 'read of no block is null',
    options: user((c) => c.store(String(c.read(0x7fff000000000000n)))),
    wasm: go('(call $give (call $f (i64.const 0)))', F),
  },
  {
    area: 'host function',
    name: 'setError',
    options: user((c) => {
      c.setError('from host');
      return 0n;
    }),
    wasm: go('(call $give (call $f (i64.const 0)))', F),
  },
  {
    area: 'host function',
    name: 'setVariable and getVariable',
    calls: ['go', 'go'],
    options: user((c) => {
      const old = c.getVariable('n')?.text() ?? '0';
      c.setVariable('n', String(Number(old) + 1));
      return c.store(old);
    }),
    wasm: go('(call $give (call $f (i64.const 0)))', F),
  },
  {
    area: 'host function',
    name: 'throws; the next call',
    calls: [
      ['go', 'bad'],
      ['go', 'good'],
    ],
    options: user((c, at) => {
      if (c.read(at).text() === 'bad') throw new TypeError('mine');
      return at;
    }),
    wasm: go('(call $give (call $f (call $input_offset)))', F),
  },
  {
    area: 'host function',
    name: 'gives a number where 64 bits are expected',
    options: user((c) => Number(c.store('x')) * 0),
    wasm: go('(drop (call $f (i64.const 0))) (i32.const 0)', F),
    differs: 'a whole number is taken; the SDK throws in the foreground, and takes it in a worker',
  },
  { area: 'call', name: 'of what is not there', calls: ['nothing'], wasm: go('(i32.const 0)') },
  { area: 'call', name: 'of what is no function', calls: ['memory'], wasm: go('(i32.const 0)') },
  {
    area: 'call',
    name: 'traps; the next call',
    calls: ['boom', 'go'],
    wasm: () =>
      guest(
        '(func (export "boom") (result i32) unreachable) (func (export "go") (result i32) (call $number (i64.const 5)))',
      ),
    differs:
      'a trap says which function; the next call gets a fresh instance, where the SDK goes on in the broken one',
  },
  {
    area: 'call',
    name: 'three at once',
    calls: [
      ['go', 'a'],
      ['go', 'b'],
      ['go', 'c'],
    ],
    atOnce: true,
    differs: 'calls queue; in the foreground they overwrite each other, in a worker all but one are refused',
    wasm: go('(call $give (call $input_offset))'),
  },
  {
    area: 'call',
    name: 'state of the guest stays',
    read: 'u64',
    calls: ['go', 'go'],
    wasm: () =>
      guest(
        '(global $n (mut i64) (i64.const 0)) (func (export "go") (result i32) (global.set $n (i64.add (global.get $n) (i64.const 1))) (call $number (global.get $n)))',
      ),
  },
  {
    area: 'call',
    name: 'spins',
    options: { runInWorker: true, timeoutMs: 2000 },
    calls: ['spin', 'go'],
    wasm: () =>
      guest(
        '(func (export "spin") (result i32) (loop $l (br $l)) (i32.const 0)) (func (export "go") (result i32) (call $give (call $block (i32.const 0) (i32.const 3)))) (data (i32.const 0) "yes")',
      ),
  },
  {
    area: 'call',
    name: 'grows its memory to 1 GiB',
    read: 'u64',
    options: { memory: { maxPages: 100 } },
    wasm: go('(call $number (i64.extend_i32_s (memory.grow (i32.const 16384))))'),
    differs: 'maxPages bounds the guest’s memory too; in the SDK only blocks',
  },
  {
    area: 'linking',
    name: 'a second module',
    calls: ['go'],
    wasm: () => [
      { name: 'lib', data: assemble('(module (func (export "answer") (result i64) (i64.const 42)))') },
      {
        name: 'main',
        data: assemble(
          '(module (import "lib" "answer" (func $a (result i64))) (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64))) (import "extism:host/env" "store_u8" (func $s (param i64 i32))) (import "extism:host/env" "output_set" (func $o (param i64 i64))) (func (export "go") (result i32) (local $b i64) (local.set $b (call $alloc (i64.const 1))) (call $s (local.get $b) (i32.wrap_i64 (call $a))) (call $o (local.get $b) (i64.const 1)) (i32.const 0)))',
        ),
      },
    ],
  },
  {
    area: 'linking',
    name: 'in a circle',
    calls: ['go'],
    wasm: () => [
      {
        name: 'lib',
        data: assemble(
          '(module (import "main" "code" (func $code (result i32))) (func (export "answer") (result i32) (call $code)))',
        ),
      },
      {
        name: 'main',
        data: assemble(
          '(module (import "lib" "answer" (func $a (result i32))) (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64))) (import "extism:host/env" "store_u8" (func $s (param i64 i32))) (import "extism:host/env" "output_set" (func $o (param i64 i64))) (func (export "code") (result i32) (i32.const 43)) (func (export "go") (result i32) (local $b i64) (local.set $b (call $alloc (i64.const 1))) (call $s (local.get $b) (call $a)) (call $o (local.get $b) (i64.const 1)) (i32.const 0)))',
        ),
      },
    ],
  },
  {
    area: 'import',
    name: 'that nobody provides',
    wasm: () => assemble('(module (import "nowhere" "f" (func)) (func (export "go")))'),
  },
  {
    area: 'import',
    name: 'that a known namespace lacks',
    wasm: go('(drop (call $g (i64.const 0))) (i32.const 0)', { g: '(param i64) (result i64)' }),
    options: user(() => 0n),
  },
  { area: 'WASI', name: 'without useWasi', wasm: WASI('') },
  {
    area: 'WASI',
    name: 'a reactor is initialized',
    options: { useWasi: true },
    wasm: WASI('(func (export "_initialize") (global.set $n (i32.const 49)))'),
  },
  {
    area: 'WASI',
    name: 'a command waits to be called',
    calls: ['go', '_start', 'go'],
    options: { useWasi: true },
    wasm: WASI('(func (export "_start") (global.set $n (i32.const 50)))'),
  },
  {
    area: 'start',
    name: 'a reactor without WASI',
    wasm: () =>
      guest(
        '(global $n (mut i64) (i64.const 1)) (func (export "_initialize") (global.set $n (i64.const 2))) (func (export "go") (result i32) (call $number (global.get $n)))',
      ),
    read: 'u64',
  },
  {
    area: 'start',
    name: 'traps',
    wasm: () =>
      guest('(func $start unreachable) (start $start) (func (export "go") (result i32) (i32.const 0))'),
    differs: 'the error says which plugin did not start',
  },
  {
    area: 'close',
    name: 'during a call',
    options: { runInWorker: true },
    calls: ['spin', 'close'],
    atOnce: true,
    wasm: () => guest('(func (export "spin") (result i32) (loop $l (br $l)) (i32.const 0))'),
    differs:
      'a call that close ends is rejected; in the foreground nothing can end it, in a worker it never settles',
  },
];
