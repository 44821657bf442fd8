import { corpus, last, loaded, SHORT, succeeded, text } from './attack.js';
import { ask } from './guest.js';

const functions = corpus('host functions');
export const HOST_FUNCTIONS = functions.attacks;

/** @param {string} name @param {string} call @param {string} expected @param {string} what */
const misbehaving = (name, call, expected, what, violations = /** @type {string[]} */ ([])) =>
  functions.attack(
    what,
    text(`(func (export "f") ${call} (call $tick))`, {
      permissions: () => ({ hostFunctions: [name, 'tick'] }),
    }),
    {
      calls: [{ fn: 'f' }, { fn: 'fine' }],
      expected: [expected, 'ok'],
      violations,
      got: ({ outcomes }) =>
        outcomes.some(({ fn, code }) => fn === 'f' && !code) && 'the guest ran on as if nothing had happened',
    },
  );
misbehaving('throws', '(call $throws)', 'ERR_HOST_FUNCTION', 'a host function that throws');
misbehaving(
  'throws_nothing',
  '(call $throws_nothing)',
  'ERR_HOST_FUNCTION',
  'a host function that throws undefined',
);
misbehaving(
  'throws_bare',
  '(call $throws_bare)',
  'ERR_HOST_FUNCTION',
  'a host function that throws what has no text',
);
misbehaving('rejects', '(drop (call $rejects))', 'ERR_HOST_FUNCTION', 'a host function that rejects');
misbehaving(
  'gives_symbol',
  '(drop (call $gives_symbol))',
  'ERR_HOST_FUNCTION',
  'a host function that answers with a symbol',
);
misbehaving(
  'gives_number',
  '(drop (call $gives_number))',
  'ERR_HOST_FUNCTION',
  'a host function that answers with a number where text is due',
);
misbehaving(
  'gives_thenable',
  '(drop (call $gives_thenable))',
  'ERR_HOST_FUNCTION',
  'a host function whose thenable throws',
);
misbehaving(
  'gives_huge',
  '(drop (call $gives_huge))',
  'ERR_MEMORY',
  'a host function that answers with 100 MB',
  ['memory'],
);

const filled = (/** @type {string} */ eight, /** @type {number} */ bytes) =>
  text(
    `(func (export "f") (local $b i64) (local $i i64)
  (local.set $b (call $alloc (i64.const ${bytes})))
  (loop $l (call $store_u64 (i64.add (local.get $b) (local.get $i)) (i64.const ${eight}))
    (local.set $i (i64.add (local.get $i) (i64.const 8))) (br_if $l (i64.lt_u (local.get $i) (i64.const ${bytes}))))
  (call $takes_json (local.get $b)))`,
    { permissions: () => ({ hostFunctions: ['takes_json'] }), limits: { timeoutMs: 5000 } },
  );
functions.attack('JSON of eight million brackets', filled('0x5b5b5b5b5b5b5b5b', 8_000_000), {
  expected: ['ERR_HOST_FUNCTION'],
  violations: ['host-function'],
  got: succeeded,
});
functions.attack('JSON of two million small lists', filled('0x2c5d5b2c5d5b2c5b', 6_000_000), {
  expected: ['ERR_HOST_FUNCTION'],
  violations: ['host-function'],
  got: succeeded,
});
functions.attack(
  'JSON that is none',
  text('(func (export "f") (call $takes_json (call $input_offset)))', {
    permissions: () => ({ hostFunctions: ['takes_json'] }),
  }),
  {
    calls: [{ fn: 'f', input: '{"a":' }],
    expected: ['ERR_HOST_FUNCTION'],
    violations: [],
    got: succeeded,
  },
);
functions.attack(
  'an argument that is no block',
  text('(func (export "f") (call $takes_text (i64.const 31337)))', {
    permissions: () => ({ hostFunctions: ['takes_text'] }),
  }),
  {
    expected: ['ERR_TRAP'],
    violations: ['abi'],
    got: (e) => e.hostFunction.includes('takes_text') && 'the handler ran with nothing',
  },
);
functions.attack(
  'an argument of bytes that are no text',
  text(
    '(func (export "f") (local $b i64) (local.set $b (call $alloc (i64.const 8))) (call $store_u64 (local.get $b) (i64.const -1)) (call $takes_text (local.get $b)))',
    { permissions: () => ({ hostFunctions: ['takes_text'] }) },
  ),
  { expected: ['ok|ERR_HOST_FUNCTION'], violations: ['(host-function)?'] },
);
functions.attack('a host function that was not granted', '(func (export "f") (call $tick))', {
  expected: ['load ERR_PERMISSION'],
  violations: ['host-function'],
  got: succeeded,
});
functions.attack(
  'a host function with another type',
  text(
    '(import "extism:host/user" "tick" (func $t (param f64 f64) (result i64))) (func (export "f") (drop (call $t (f64.const 1) (f64.const 2))))',
    { permissions: () => ({ hostFunctions: ['tick'] }) },
  ),
  { expected: ['load ERR_IMPORT'], got: loaded },
);

const calls = corpus('plugin calls');
export const PLUGIN_CALLS = calls.attacks;
/** @param {string} target @param {string} [fn] */
const caller = (target, fn = 'f') =>
  text(`(memory 1) ${ask(target, fn)} (func (export "f") (result i32) (call $ask))`, {
    permissions: () => ({ plugins: [target] }),
  });
calls.attack('a plugin that calls itself', caller('a'), {
  expected: ['ERR_REENTRANT'],
  violations: [],
  got: succeeded,
});
calls.attack('two plugins that call each other in a circle', caller('b'), {
  others: { b: caller('a') },
  expected: ['ERR_(REENTRANT|GUEST)'],
  got: succeeded,
});
calls.attack('three plugins that call each other in a circle', caller('b'), {
  others: { b: caller('c'), c: caller('a') },
  expected: ['ERR_(REENTRANT|GUEST)'],
  got: succeeded,
});
calls.attack(
  'a plugin that nobody granted',
  text(`(memory 1) ${ask('neighbour', 'count')} (func (export "f") (result i32) (call $ask))`),
  { expected: ['ERR_PERMISSION'], violations: ['plugin-call'], got: succeeded },
);
calls.attack(
  'a plugin of the name __proto__',
  text(`(memory 1) ${ask('__proto__', 'f')} (func (export "f") (result i32) (call $ask))`),
  { expected: ['ERR_PERMISSION'], violations: ['plugin-call'], got: succeeded },
);
calls.attack('a dependency that traps at every call', caller('b'), {
  others: { b: text('(func (export "f") unreachable)') },
  expected: ['ERR_GUEST'],
  got: succeeded,
});
calls.attack('a dependency that never answers', caller('b'), {
  others: { b: text('(func (export "f") (loop $l (br $l)))') },
  limits: SHORT,
  expected: ['ERR_TIMEOUT'],
  violations: ['.*', '.*'],
  got: succeeded,
});
calls.attack('a function of a dependency that is none', caller('b', '__proto__'), {
  others: { b: text('(func (export "f"))') },
  expected: ['ERR_NO_EXPORT'],
  got: succeeded,
});
calls.attack(
  'a dependency called 100 000 times',
  text(
    `(memory 1) ${ask('b', 'f')} (func (export "f") (local $i i32) (loop $l (drop (call $ask)) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 100000)))))`,
    { permissions: () => ({ plugins: ['b'] }) },
  ),
  {
    others: { b: text('(func (export "f"))') },
    limits: SHORT,
    expected: ['ok|ERR_(TIMEOUT|MEMORY)'],
    violations: ['.*'],
  },
);
calls.attack(
  'a name of a plugin that is no block',
  text('(func (export "f") (drop (call $plugin_call (i64.const 77777) (i64.const 77777) (i64.const 0))))'),
  { expected: ['ERR_TRAP'], violations: ['abi'], got: (e) => last(e)?.pending && 'nothing' },
);
