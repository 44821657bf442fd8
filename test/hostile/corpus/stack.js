import { corpus, SHORT, succeeded, text } from './attack.js';

const { attack, attacks } = corpus('stack');
export default attacks;

const DEEP = { expected: ['ERR_STACK'], violations: ['stack'], got: succeeded };

attack('a function that calls itself for ever', '(func $r (call $r)) (func (export "f") (call $r))', DEEP);
attack(
  'recursion with 1 000 locals a frame',
  `(func $r (param ${'i64 '.repeat(200)}) (local ${'i64 '.repeat(800)}) (call $r ${Array.from({ length: 200 }, (_, i) => `(local.get ${i})`).join('')})) (func (export "f") (call $r ${'(i64.const 1)'.repeat(200)}))`,
  DEEP,
);
attack(
  'recursion through a table',
  '(type $t (func)) (table funcref (elem $r)) (func $r (call_indirect (type $t) (i32.const 0))) (func (export "f") (call $r))',
  DEEP,
);
attack(
  'recursion that asks the host at its end',
  text('(func $r (call $tick) (call $r) (call $tick)) (func (export "f") (call $r))', {
    permissions: () => ({ hostFunctions: ['tick'] }),
  }),
  { expected: ['ERR_(STACK|TIMEOUT)'], violations: ['stack|timeout'], limits: SHORT, got: succeeded },
);
attack(
  'recursion whose overflow is caught again and again',
  `(tag $e) (func $r (try (do (call $r)) (catch_all (call $r)))) (func (export "f") (call $r))`,
  { expected: ['ERR_(STACK|TIMEOUT)'], violations: ['stack|timeout'], limits: SHORT, got: succeeded },
);
attack(
  'a call of 1 000 results',
  `(func $many (result ${'i64 '.repeat(1000)}) ${'(i64.const 1)'.repeat(1000)}) (func $r (call $many) ${'drop '.repeat(1000)} (call $r)) (func (export "f") (call $r))`,
  DEEP,
);
attack(
  'a log line from the bottom of the stack',
  '(func $r (call $log_info (call $alloc (i64.const 1))) (call $r)) (func (export "f") (call $r))',
  { expected: ['ERR_(STACK|TIMEOUT|TRAP)'], violations: ['.*'], limits: SHORT, got: succeeded },
);
