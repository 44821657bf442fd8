import { corpus, last } from './attack.js';

const { attack, attacks } = corpus('blocks');
export default attacks;

const BAD = { expected: ['ERR_TRAP'], violations: ['abi'] };
const f = (/** @type {string} */ body) => `(memory (export "memory") 1) (func (export "f") ${body})`;

attack('a byte read below the heap', f('(drop (call $load_u8 (i64.const 0)))'), BAD);
attack("a byte read of the host's own state", f('(drop (call $load_u8 (i64.const 8)))'), BAD);
attack('a word read across the end of the heap', f('(drop (call $load_u64 (i64.const 65530)))'), BAD);
attack('a byte read at minus one', f('(drop (call $load_u8 (i64.const -1)))'), BAD);
attack('a word read at 2^32', f('(drop (call $load_u64 (i64.const 4294967504)))'), BAD);
attack('a byte written to the state of the host', f('(call $store_u8 (i64.const 0) (i32.const 1))'), BAD);
attack('a word written that begins below zero', f('(call $store_u64 (i64.const -4) (i64.const 1))'), BAD);
attack('an input index past its end', f('(drop (call $input_load_u8 (i64.const 0)))'), BAD);
attack('an output outside the heap', f('(call $output_set (i64.const 208) (i64.const 99999999))'), BAD);
attack('an output of minus one bytes', f('(call $output_set (i64.const 208) (i64.const -1))'), BAD);
attack('an error text that is no block', f('(call $error_set (i64.const 12345))'), BAD);
attack('a log line that is no block', f('(call $log_info (i64.const 999999))'), BAD);
attack('a var name that is no block', f('(drop (call $var_get (i64.const -7)))'), BAD);
attack(
  'a var value that is no block',
  f('(call $var_set (call $alloc (i64.const 3)) (i64.const 77777))'),
  BAD,
);
attack('a config name that is no block', f('(drop (call $config_get (i64.const 31337)))'), BAD);
attack('a request that is no block', f('(drop (call $http_request (i64.const 31337) (i64.const 0)))'), BAD);
attack('freeing what is no block, twice', f('(call $free (i64.const 77)) (call $free (i64.const -1))'));
attack(
  'freeing the input and reading it again',
  f('(call $free (call $input_offset)) (call $output_set (call $input_offset) (call $input_length))'),
  {
    calls: [{ fn: 'f', input: 'x' }],
    expected: ['ok x|ok|ERR_TRAP'],
    violations: ['(abi)?'],
  },
);
attack(
  'a block freed twice, then handed out to two owners',
  f(`(local $a i64) (local $b i64) (local $c i64)
  (local.set $a (call $alloc (i64.const 64))) (call $free (local.get $a)) (call $free (local.get $a))
  (local.set $b (call $alloc (i64.const 64))) (local.set $c (call $alloc (i64.const 64)))
  (if (i64.eq (local.get $b) (local.get $c)) (then unreachable))`),
  { got: (e) => last(e)?.code && 'one block was given out twice' },
);
attack(
  'headers of blocks overwritten, then freed and allocated again',
  f(`(local $b i64) (local $i i64)
  (local.set $b (call $alloc (i64.const 64)))
  (loop $l (call $store_u64 (i64.add (i64.sub (local.get $b) (i64.const 16)) (local.get $i)) (i64.const -1))
    (local.set $i (i64.add (local.get $i) (i64.const 8))) (br_if $l (i64.lt_u (local.get $i) (i64.const 64))))
  (call $free (local.get $b)) (drop (call $alloc (i64.const 64))) (drop (call $length (local.get $b)))`),
  { expected: ['ok|ERR_TRAP'], violations: ['(abi)?'] },
);
attack(
  'a random number into the last byte of memory and beyond',
  f('(if (i32.eqz (call $random_get (i32.const 65535) (i32.const 2))) (then unreachable))'),
  { expected: ['ok|ERR_TRAP'], violations: ['(abi)?'] },
);
attack(
  'a write of 2^28 vectors to standard output',
  f('(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 268435456) (i32.const 8)))'),
  { violations: ['.*'] },
);
attack(
  'a vector of 4 GiB to standard output',
  f(
    '(i32.store (i32.const 4) (i32.const -1)) (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))',
  ),
  { violations: ['.*'] },
);
attack(
  'a path of 4 GiB',
  f(
    '(drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)))',
  ),
  { violations: ['.*'] },
);
