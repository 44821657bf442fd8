import { corpus, loaded, SHORT_START, succeeded, text } from './attack.js';
import { SPIN } from './guest.js';

const { attack, attacks } = corpus('start-up');
export default attacks;

const EXITS = '(memory (export "memory") 1)';
const refused = (/** @type {string} */ code, /** @type {string[]} */ ...violations) => ({
  limits: SHORT_START,
  expected: [`load ${code}`],
  violations,
  got: succeeded,
});

attack(
  'a start section that never ends',
  `(func $s ${SPIN}) (start $s) (func (export "f"))`,
  refused('ERR_TIMEOUT', 'timeout'),
);
attack(
  'a start section that traps',
  '(func $s unreachable) (start $s) (func (export "f"))',
  refused('ERR_TRAP'),
);
attack(
  'a start section that overflows the stack',
  '(func $r (call $r)) (start $r) (func (export "f"))',
  refused('ERR_STACK', '(stack)?'),
);
attack(
  'a start section that fills memory for ever',
  `(memory 200) (func $s (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 13000000)) (br $l))) (start $s) (func (export "f"))`,
  refused('ERR_TIMEOUT', 'timeout'),
);
attack(
  'an _initialize that never ends',
  `(func (export "_initialize") ${SPIN}) (func (export "f"))`,
  refused('ERR_TIMEOUT', 'timeout'),
);
attack(
  'an _initialize that traps',
  '(func (export "_initialize") unreachable) (func (export "f"))',
  refused('ERR_TRAP'),
);
attack(
  'an _initialize that leaves by proc_exit(0)',
  `${EXITS} (func (export "_initialize") (call $proc_exit (i32.const 0))) (func (export "f"))`,
  refused('ERR_TRAP'),
);
attack(
  'a start section that leaves by proc_exit(0)',
  `${EXITS} (func $s (call $proc_exit (i32.const 0))) (start $s) (func (export "f"))`,
  refused('ERR_TRAP'),
);
attack(
  'an hs_init that never ends',
  `(func (export "hs_init") (param i32 i32) ${SPIN}) (func (export "f"))`,
  refused('ERR_TIMEOUT', 'timeout'),
);
attack(
  'a __wasm_call_ctors that never ends',
  `(func (export "__wasm_call_ctors") ${SPIN}) (func (export "f"))`,
  { expected: ['ok|load ERR_TIMEOUT'], violations: ['(timeout)?'], limits: SHORT_START },
);
attack('an on_activate that never ends', `(func (export "on_activate") ${SPIN}) (func (export "f"))`, {
  ...refused('ERR_TIMEOUT', 'timeout'),
  cordonOnly: true,
});
attack('an on_deactivate that never ends', `(func (export "on_deactivate") ${SPIN}) (func (export "f"))`, {
  expected: ['ok'],
  limits: SHORT_START,
  cordonOnly: true,
});
attack(
  'a start section that waits for a host function that never answers',
  text('(func $s (call $never)) (start $s) (func (export "f"))', {
    permissions: () => ({ hostFunctions: ['never'] }),
  }),
  refused('ERR_TIMEOUT', 'timeout'),
);
attack(
  'a start section that writes a million lines',
  '(memory 1) (func $s (loop $l (call $log_info (call $alloc (i64.const 100))) (br $l))) (start $s) (func (export "f"))',
  refused('ERR_(MEMORY|TIMEOUT)', 'log-flood', 'memory|timeout', '(timeout)?'),
);
attack('a data segment out of bounds', '(memory 1) (data (i32.const 70000) "x") (func (export "f"))', {
  ...refused('ERR_TRAP'),
  got: loaded,
});
attack(
  'an element segment out of bounds',
  '(table 1 funcref) (func $f) (elem (i32.const 5) $f) (func (export "f"))',
  { ...refused('ERR_TRAP'), got: loaded },
);
