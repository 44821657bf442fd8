import { corpus, last, SHORT, succeeded, text } from './attack.js';

const ECHO = '(call $output_set (call $input_offset) (call $input_length))';

const outputs = corpus('outputs');
export const OUTPUTS = outputs.attacks;
const BIG = {
  calls: [{ fn: 'f', input: () => 'x'.repeat(1_500_000) }],
  expected: ['ERR_OUTPUT'],
  violations: ['output-size'],
  got: succeeded,
};
outputs.attack('an output larger than outputBytes', `(func (export "f") ${ECHO})`, BIG);
outputs.attack(
  'an output larger than outputBytes, then proc_exit(0)',
  `(memory (export "memory") 1) (func (export "f") ${ECHO} (call $proc_exit (i32.const 0)))`,
  BIG,
);
outputs.attack(
  'an error text of megabytes with control characters',
  '(func (export "f") (result i32) (call $error_set (call $input_offset)) (i32.const 1))',
  {
    calls: [{ fn: 'f', input: () => `\u001b[2J\r\n${'x'.repeat(4_000_000)}` }],
    expected: ['ERR_GUEST'],
    got: (e) => {
      const { messageLength = 0, message = '' } = last(e) ?? {};
      if (messageLength > 100_000) return `an error message of ${messageLength} characters`;
      return /[\u0000-\u0008\u001b]/.test(message) && 'escape sequences in an error message';
    },
  },
);
outputs.attack(
  'an error text and a return value of 0',
  '(func (export "f") (result i32) (call $error_set (call $input_offset)) (i32.const 0))',
  {
    calls: [{ fn: 'f', input: 'no' }],
    expected: ['ok|ERR_GUEST'],
  },
);
outputs.attack(
  'a return value of 1 without an error text',
  '(func (export "f") (result i32) (i32.const 1))',
  {
    expected: ['ERR_GUEST'],
    got: (e) => succeeded(e) && 'a failure counts as a success',
  },
);
for (const [type, value, expected] of [
  ['funcref', '(ref.func $f)', 'ERR_GUEST'],
  ['externref', '(ref.null extern)', 'ok|ERR_.*'],
  ['f64', '(f64.const nan)', 'ERR_GUEST'],
  ['i64', '(i64.const -1)', 'ERR_GUEST'],
  ['v128', '(v128.const i64x2 0 0)', 'ok|ERR_.*'],
]) {
  outputs.attack(`a result of type ${type}`, `(func $f (export "f") (result ${type}) ${value})`, {
    expected: [expected ?? ''],
  });
}
outputs.attack('an export that is a memory is called', '(memory (export "f") 1)', {
  expected: ['ERR_NO_EXPORT'],
});
outputs.attack(
  'an export that takes twenty parameters is called',
  `(func (export "f") (param ${'i64 '.repeat(20)}) unreachable)`,
  { expected: ['ERR_.*'] },
);
outputs.attack(
  'exports named __proto__, constructor and toString',
  '(func $f unreachable) (export "__proto__" (func $f)) (export "constructor" (func $f)) (export "toString" (func $f))',
  {
    calls: ['__proto__', 'constructor', 'toString', 'valueOf'].map((fn) => ({ fn })),
    expected: ['ERR_TRAP', 'ERR_TRAP', 'ERR_TRAP', 'ERR_NO_EXPORT'],
    got: succeeded,
  },
);

const vars = corpus('vars and config');
export const VARS = vars.attacks;
vars.attack(
  'vars in masses, each of 8 bytes',
  `(func (export "f") (local $b i64) (local $i i64)
  (local.set $b (call $alloc (i64.const 8)))
  (loop $l (call $store_u64 (local.get $b) (i64.add (local.get $i) (i64.const 0x3030303030303030)))
    (call $var_set (local.get $b) (local.get $b))
    (local.set $i (i64.add (local.get $i) (i64.const 1))) (br_if $l (i64.lt_u (local.get $i) (i64.const 100000)))))`,
  {
    expected: ['ERR_MEMORY'],
    violations: ['var-size'],
    got: succeeded,
  },
);
vars.attack(
  'a var larger than varBytes',
  '(func (export "f") (call $var_set (call $alloc (i64.const 3)) (call $alloc (i64.const 1000000))))',
  { expected: ['ERR_MEMORY'], violations: ['var-size'], got: succeeded },
);
vars.attack(
  'names of vars of a megabyte with values of one byte',
  `(func (export "f") (local $i i32) (local $b i64)
  (local.set $b (call $alloc (i64.const 1000000)))
  (loop $l (call $store_u8 (local.get $b) (local.get $i)) (call $var_set (local.get $b) (call $alloc (i64.const 1)))
    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 100)))))`,
  {
    expected: ['ERR_MEMORY'],
    violations: ['var-size'],
    got: (e) => succeeded(e) && '100 MB of names were kept',
  },
);
vars.attack(
  'a var set, deleted and set again for ever',
  `(func (export "f") (local $b i64) (local.set $b (call $alloc (i64.const 3)))
  (loop $l (call $var_set (local.get $b) (local.get $b)) (call $var_set (local.get $b) (i64.const 0)) (br $l)))`,
  { expected: ['ERR_TIMEOUT'], limits: SHORT, violations: ['timeout'], got: succeeded },
);
for (const name of ['__proto__', 'constructor', 'toString']) {
  const block = `(memory 1) (data (i32.const 0) "${name}")
    (func $block (result i64) (local $b i64) (local $i i32) (local.set $b (call $alloc (i64.const ${name.length})))
      (loop $l (call $store_u8 (i64.add (local.get $b) (i64.extend_i32_u (local.get $i))) (i32.load8_u (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const ${name.length}))))
      (local.get $b))`;
  vars.attack(
    `a config entry named ${name}`,
    text(
      `${block} (func (export "f") (local $b i64) (local.set $b (call $config_get (call $block)))
    (if (i64.ne (local.get $b) (i64.const 0)) (then (call $output_set (local.get $b) (call $length (local.get $b))))))`,
      { config: { theme: 'light' } },
    ),
    {
      got: (e) => (last(e)?.code || (last(e)?.bytes ?? 0) > 0) && 'something of a JavaScript prototype',
    },
  );
  vars.attack(
    `a var named ${name} that nobody set`,
    `${block} (func (export "f") (if (i64.ne (call $var_get (call $block)) (i64.const 0)) (then unreachable)))`,
    {
      got: (e) => last(e)?.code && 'something of a JavaScript prototype',
    },
  );
}

const logs = corpus('logs');
export const LOGS = logs.attacks;
const flooded = (/** @type {import('./attack.js').Evidence} */ e) =>
  e.lineBytes > 256 * 1024 && `${e.lines} lines with ${Math.round(e.lineBytes / 1024)} KiB reached the log`;
logs.attack(
  'ten thousand lines',
  `(func (export "f") (local $i i32) (loop $l (call $log_info (call $alloc (i64.const 100)))
  (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 10000)))))`,
  { violations: ['log-flood'], got: flooded },
);
logs.attack(
  'lines for ever',
  '(func (export "f") (loop $l (call $log_info (call $alloc (i64.const 100))) (br $l)))',
  {
    expected: ['ERR_(TIMEOUT|MEMORY)'],
    limits: SHORT,
    violations: ['log-flood', '.*'],
    got: (e) => succeeded(e) || flooded(e),
  },
);
logs.attack('one line of 8 MB', '(func (export "f") (call $log_info (call $alloc (i64.const 8000000))))', {
  violations: ['(log-flood)?'],
  got: flooded,
});
logs.attack(
  'a line with line ends and escape sequences, which forges another',
  '(func (export "f") (call $log_info (call $input_offset)))',
  {
    calls: [{ fn: 'f', input: '\u001b[2J\r\n{"level":50,"msg":"all is lost"}\u0007' }],
    got: (e) => /[\u001b\r\n]/.test(e.firstLine) && 'control characters in the log',
  },
);
logs.attack(
  'a line that is no UTF-8',
  `(memory 1) (func (export "f") (local $b i64) (local.set $b (call $alloc (i64.const 8))) (call $store_u64 (local.get $b) (i64.const -1)) (call $log_info (local.get $b)))`,
);
logs.attack(
  'standard output for ever',
  '(memory (export "memory") 1) (func (export "f") (i32.store (i32.const 4) (i32.const 8000)) (loop $l (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (br $l)))',
  {
    expected: ['ERR_TIMEOUT'],
    limits: SHORT,
    violations: ['(log-flood)?', 'timeout'],
    got: (e) => succeeded(e) || flooded(e),
  },
);
