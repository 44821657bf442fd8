import { corpus, last, SHORT, succeeded, text } from './attack.js';

const { attack, attacks } = corpus('memory');
export default attacks;

/** How many of so many bytes the guest says that it got, if that is more than all that it may have. */
const took = (/** @type {number} */ unit) => (/** @type {import('./attack.js').Evidence} */ evidence) => {
  const said = Buffer.from(last(evidence)?.output ?? '', 'latin1');
  const bytes = said.length === 4 ? said.readUInt32LE(0) * unit : 0;
  return bytes > 16 * 1024 * 1024 && `it got ${Math.round(bytes / 1024 / 1024)} MiB of 16`;
};
/** Says a number as four bytes. */
const SAY = `(func $number (param $n i32) (local $b i64) (local $i i32)
  (local.set $b (call $alloc (i64.const 4)))
  (loop $next
    (call $store_u8 (i64.add (local.get $b) (i64.extend_i32_u (local.get $i)))
      (i32.and (i32.shr_u (local.get $n) (i32.mul (local.get $i) (i32.const 8))) (i32.const 127)))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 4))))
  (call $output_set (local.get $b) (i64.const 4)))`;

attack(
  'a memory that grows page by page until it is refused',
  `(memory 1)
  (func (export "f") (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (if (i32.gt_u (memory.size) (i32.const 256)) (then (loop $x (br_if $x (i32.const 0)))) (else unreachable)))`,
  {
    expected: ['ERR_MEMORY'],
    violations: ['memory'],
    got: (e) => succeeded(e) && 'it grew past 16 MiB',
  },
);
attack(
  'a memory that grows by 1 GiB at once and writes to all of it',
  `(memory 1)
  (func (export "f") (if (i32.eq (memory.grow (i32.const 16384)) (i32.const -1)) (then unreachable))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 1073741824)))`,
  {
    expected: ['ERR_MEMORY'],
    violations: ['memory'],
    got: (e) => succeeded(e) && 'it wrote to 1 GiB',
  },
);
attack('a memory that declares 4 GiB at the start', '(memory 65536) (func (export "f"))', {
  expected: ['load ERR_MEMORY'],
  violations: ['memory'],
  got: (e) => succeeded(e) && 'it got 4 GiB',
});
attack(
  'a memory that declares a maximum of 4 GiB and grows to it, touching each page',
  `(memory 1 65536)
  (func (export "f") (local $p i32)
    (loop $l
      (local.set $p (memory.grow (i32.const 256)))
      (if (i32.ne (local.get $p) (i32.const -1)) (then
        (memory.fill (i32.mul (local.get $p) (i32.const 65536)) (i32.const 1) (i32.const 16777216))
        (br_if $l (i32.lt_u (local.get $p) (i32.const 16000))))
        (else unreachable))))`,
  {
    expected: ['ERR_MEMORY'],
    violations: ['memory'],
    got: (e) => succeeded(e) && 'it took 1 GiB',
  },
);
attack(
  'twenty memories of one module that grow together',
  `${Array.from({ length: 20 }, (_, i) => `(memory $m${i} 1)`).join(' ')}
  ${SAY} (func (export "f") (local $n i32)
    ${Array.from({ length: 20 }, (_, i) => `(if (i32.ne (memory.grow $m${i} (i32.const 200)) (i32.const -1)) (then (local.set $n (i32.add (local.get $n) (i32.const 200)))))`).join('\n')}
    (call $number (local.get $n)))`,
  { expected: ['load ERR_BYTECODE'], violations: ['bytecode'], got: took(65536) },
);
attack(
  'a table that grows until it is refused',
  `(table $t 1 funcref) ${SAY} (func (export "f")
    (loop $l (br_if $l (i32.and (i32.ne (table.grow $t (ref.null func) (i32.const 100000)) (i32.const -1))
      (i32.lt_u (table.size $t) (i32.const 9000000)))))
    (call $number (table.size $t)))`,
  { expected: ['ok'], got: took(8) },
);
attack(
  'a table of a hundred million elements at the start',
  '(table 100000000 funcref) (func (export "f"))',
  {
    expected: ['load ERR_BYTECODE'],
    violations: ['bytecode'],
    got: (e) => succeeded(e) && 'it got 100 million table elements',
  },
);
attack(
  'twenty tables of ten million elements at the start',
  `${'(table 10000000 funcref)'.repeat(20)} (func (export "f"))`,
  {
    expected: ['load ERR_BYTECODE'],
    violations: ['bytecode'],
    got: (e) => succeeded(e) && 'it got 200 million table elements',
  },
);
attack(
  'a table of references to the host that grows until it is refused',
  `(table $t 1 externref) ${SAY} (func (export "f")
    (loop $l (br_if $l (i32.and (i32.ne (table.grow $t (ref.null extern) (i32.const 1000000)) (i32.const -1))
      (i32.lt_u (table.size $t) (i32.const 9000000)))))
    (call $number (table.size $t)))`,
  { expected: ['ok'], got: took(8) },
);
attack('a shared memory', '(memory 1 2 shared) (func (export "f"))', {
  expected: ['load ERR_FEATURE'],
  violations: ['feature'],
});
attack(
  'blocks of the host until none is left',
  `(func (export "f") (local $n i32)
    (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $l (i32.and (i64.ne (call $alloc (i64.const 1000000)) (i64.const 0)) (i32.lt_u (local.get $n) (i32.const 400)))))
    (if (i32.lt_u (local.get $n) (i32.const 20)) (then unreachable)))`,
  {
    expected: ['ERR_MEMORY'],
    violations: ['memory'],
    got: (e) => succeeded(e) && 'it got more blocks than 16 MiB',
  },
);
attack(
  'blocks of 1 GiB, five of them, whatever is answered',
  `(func (export "f")
    ${'(drop (call $alloc (i64.const 1000000000)))'.repeat(5)})`,
  { violations: ['memory'] },
);
attack(
  'a block of 2^40 bytes',
  '(func (export "f") (if (i64.ne (call $alloc (i64.const 1099511627776)) (i64.const 0)) (then unreachable)))',
  { violations: [] },
);
attack(
  'a block of minus one bytes',
  '(func (export "f") (if (i64.ne (call $alloc (i64.const -1)) (i64.const 0)) (then unreachable)))',
  { violations: [] },
);
attack(
  'a million blocks of one byte',
  `(func (export "f") (local $n i32)
    (loop $l (drop (call $alloc (i64.const 1))) (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $n) (i32.const 1000000)))))`,
  { expected: ['ok|ERR_(TIMEOUT|MEMORY)'], violations: ['.*'], limits: SHORT },
);
attack(
  'memory and blocks, each up to the limit, at the same time',
  `(memory 1)
  (func (export "f") (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (if (i64.eqz (call $alloc (i64.const 8000000))) (then unreachable)))`,
  {
    expected: ['ERR_MEMORY'],
    violations: ['memory'],
    got: (e) => succeeded(e) && 'it got both',
  },
);
attack('an input that does not fit', text('(memory 250) (func (export "f"))'), {
  calls: [
    { fn: 'f', input: () => 'x'.repeat(4_000_000) },
    { fn: 'f', input: 'x' },
  ],
  expected: ['ERR_MEMORY', 'ok'],
  violations: ['memory'],
});
attack(
  'a fresh instance of 8 MiB for each of 60 calls',
  text('(memory 128) (func (export "f") (memory.fill (i32.const 0) (i32.const 1) (i32.const 8000000)))', {
    instance: 'per-call',
  }),
  {
    calls: Array.from({ length: 60 }, () => ({ fn: 'f' })),
    expected: Array.from({ length: 60 }, () => 'ok'),
  },
);
attack(
  'what one call left in its blocks is not in those of the next',
  `(func $block (result i64) (call $alloc (i64.const 64)))
  (func (export "leave") (local $b i64) (local.set $b (call $block))
    (call $store_u64 (local.get $b) (i64.const 0x7465726365732121)))
  (func (export "f") (local $b i64) (local $n i32)
    (loop $l (local.set $b (call $block)) (if (i64.ne (call $load_u64 (local.get $b)) (i64.const 0)) (then
        (call $output_set (local.get $b) (i64.const 64))))
      (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 100)))))`,
  {
    calls: [{ fn: 'leave' }, { fn: 'f' }],
    expected: ['ok', 'ok'],
    got: (e) => last(e)?.output?.includes('secret') && "another call's block",
  },
);
attack(
  'the input of the call before, read from the address that it had',
  `(global $at (mut i64) (i64.const 0))
  (func (export "keep") (global.set $at (call $input_offset)))
  (func (export "f") (call $output_set (global.get $at) (call $length (global.get $at))))`,
  {
    calls: [
      { fn: 'keep', input: 'a secret of another tenant' },
      { fn: 'f', input: 'x' },
    ],
    expected: ['ok', 'ok|ERR_TRAP'],
    violations: ['(abi)?'],
    got: (e) => last(e)?.output?.includes('secret') && "another call's input",
  },
);
