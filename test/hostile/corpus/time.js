import { corpus, SHORT, succeeded, text } from './attack.js';
import { SPIN } from './guest.js';

const { attack, attacks } = corpus('time');
export default attacks;

const LATE = { limits: SHORT, expected: ['ERR_TIMEOUT'], violations: ['timeout'], got: succeeded };

attack('an endless loop', `(func (export "f") ${SPIN})`, LATE);
attack('an endless loop, twice in a row', `(func (export "f") ${SPIN})`, {
  limits: SHORT,
  calls: [{ fn: 'f' }, { fn: 'f' }],
  expected: ['ERR_TIMEOUT', 'ERR_TIMEOUT'],
  violations: ['timeout', 'timeout'],
  got: succeeded,
});
attack(
  'functions that call each other in a tail for ever',
  '(func $a (return_call $b)) (func $b (return_call $a)) (func (export "f") (call $a))',
  LATE,
);
attack(
  'an endless loop through a table',
  '(type $t (func)) (table funcref (elem $a)) (func $a) (func (export "f") (loop $l (call_indirect (type $t) (i32.const 0)) (br $l)))',
  LATE,
);
attack(
  'a loop of fills of 16 MB',
  '(memory 200) (func (export "f") (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 13000000)) (br $l)))',
  LATE,
);
attack(
  'a loop of copies of 8 MB',
  '(memory 200) (func (export "f") (loop $l (memory.copy (i32.const 0) (i32.const 5000000) (i32.const 8000000)) (br $l)))',
  LATE,
);
attack(
  'a loop of table fills',
  '(table $t 100000 funcref) (func (export "f") (loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 100000)) (br $l)))',
  LATE,
);
attack(
  '80 000 fills of 1 MB one after the other, without a loop',
  `(memory 20) (func (export "f") ${'(memory.fill (i32.const 0) (i32.const 1) (i32.const 1000000))'.repeat(80_000)})`,
  LATE,
);
attack(
  'a loop around 1 000 000 divisions in a straight line',
  `(func (export "f") (local i64) (loop $l ${'(local.set 0 (i64.div_u (i64.const -7) (i64.or (local.get 0) (i64.const 3))))'.repeat(20_000)} (br $l)))`,
  LATE,
);
attack(
  'freeing and allocating for ever',
  '(func (export "f") (loop $l (call $free (call $alloc (i64.const 100000))) (br $l)))',
  LATE,
);
attack(
  'asking for the length of its input for ever',
  '(func (export "f") (loop $l (drop (call $input_length)) (br $l)))',
  LATE,
);
attack(
  'a wait in the memory that nobody ends',
  '(memory 1 1 shared) (func (export "f") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))',
  {
    expected: ['load ERR_FEATURE'],
    violations: ['feature'],
  },
);
attack(
  'a sleep of ten years',
  `(memory (export "memory") 1)
  (func (export "f") (i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const 315360000000000000))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))`,
  LATE,
);
attack(
  'a sleep of no time, for ever',
  `(memory (export "memory") 1)
  (func (export "f") (i32.store (i32.const 16) (i32.const 1))
    (loop $l (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))) (br $l)))`,
  LATE,
);
attack(
  'random numbers for ever',
  '(memory (export "memory") 16) (func (export "f") (loop $l (drop (call $random_get (i32.const 0) (i32.const 1048576))) (br $l)))',
  LATE,
);
attack(
  'waiting for a host function that never answers',
  text('(func (export "f") (call $never))', { permissions: () => ({ hostFunctions: ['never'] }) }),
  LATE,
);
attack(
  'an answer of a host function that comes after the deadline',
  text(
    '(func (export "f") (call $late)) (func (export "g") (call $output_set (call $input_offset) (call $input_length)))',
    { permissions: () => ({ hostFunctions: ['late'] }) },
  ),
  {
    limits: SHORT,
    calls: [{ fn: 'f' }, { fn: 'g', input: 'own' }, { fn: 'g', input: 'own' }],
    expected: ['ERR_TIMEOUT', 'ok own', 'ok own'],
    violations: ['timeout'],
    got: ({ outcomes }) =>
      outcomes.slice(2).some(({ output }) => output !== 'own') && 'a later call did not get its own answer',
  },
);
attack(
  'a flood of calls of a host function',
  text('(func (export "f") (loop $l (call $tick) (br $l)))', {
    permissions: () => ({ hostFunctions: ['tick'] }),
  }),
  LATE,
);
attack(
  'a call that spins beside one that was aborted by its deadline',
  `(func (export "f") ${SPIN}) (func (export "g") (call $output_set (call $input_offset) (call $input_length)))`,
  {
    limits: SHORT,
    calls: [{ fn: 'f' }, { fn: 'g', input: 'one' }, { fn: 'f' }, { fn: 'g', input: 'two' }],
    expected: ['ERR_TIMEOUT', 'ok one', 'ERR_TIMEOUT', 'ok two'],
    violations: ['timeout', 'timeout'],
    got: ({ outcomes }) =>
      (outcomes[2]?.output !== 'one' || outcomes[4]?.output !== 'two') &&
      'a later call got no answer or another',
  },
);
attack(
  'leaving by proc_exit and spinning in the next call',
  `(memory (export "memory") 1) (func (export "leave") (call $proc_exit (i32.const 3))) (func (export "f") ${SPIN})`,
  {
    limits: SHORT,
    calls: [{ fn: 'leave' }, { fn: 'f' }],
    expected: ['ERR_TRAP', 'ERR_TIMEOUT'],
    violations: ['timeout'],
    got: succeeded,
  },
);
