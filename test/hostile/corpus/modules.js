import { corpus, loaded, SHORT, succeeded } from './attack.js';
import { functionOf, leb, SPIN, sections, wat } from './guest.js';

const { attack, attacks } = corpus('modules');
export default attacks;

const BAD = { expected: ['load ERR_BYTECODE'], violations: ['bytecode'], got: loaded };
const NO_IMPORT = { expected: ['load ERR_IMPORT'], got: loaded };
const repeat = (/** @type {number} */ count, /** @type {number[]} */ ...bytes) => {
  const all = new Uint8Array(count * bytes.length);
  for (let i = 0; i < all.length; i++) all[i] = bytes[i % bytes.length] ?? 0;
  return all;
};

attack('HTML in place of a module', () => new TextEncoder().encode('<html>'), BAD);
attack('an empty file', () => new Uint8Array(), BAD);
attack('a module that was cut off', () => wat('(func (export "f"))').subarray(0, 30), BAD);
attack('a component in place of a module', () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), BAD);
attack(
  'a section that is longer than the file',
  () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f),
  BAD,
);
attack(
  'a count of four thousand million functions',
  () => sections([1, [1, 0x60, 0, 0]], [3, leb(0xffffffff)]),
  BAD,
);
attack(
  'a custom section of 60 MB',
  () =>
    new Uint8Array(
      Buffer.concat([
        wat('(func (export "f"))'),
        Uint8Array.of(0, ...leb(60_000_002), 1, 0x78),
        new Uint8Array(60_000_000),
      ]),
    ),
  { expected: ['load ERR_(MODULE_TOO_LARGE|BYTECODE)'], violations: ['(bytecode)?'], got: loaded },
);
attack(
  '100 000 custom sections',
  () => new Uint8Array(Buffer.concat([wat('(func (export "f"))'), repeat(100_000, 0, 2, 1, 0x78)])),
  { expected: ['ok|load ERR_BYTECODE'], violations: ['(bytecode)?'] },
);
attack(
  'two million nested blocks',
  () => functionOf(Buffer.concat([Uint8Array.of(0), repeat(2_000_000, 0x02, 0x40), repeat(2_000_001, 0x0b)])),
  BAD,
);
attack('a billion locals', () => functionOf([1, ...leb(1_000_000_000), 0x7e, 0x0b]), BAD);
attack(
  '49 999 locals in each of 200 functions',
  () => {
    const body = Uint8Array.of(1, ...leb(49_999), 0x7e, 0x0b);
    return sections(
      [1, [1, 0x60, 0, 0]],
      [3, [...leb(200), ...repeat(200, 0)]],
      [7, [1, 1, 0x66, 0, 0]],
      [
        10,
        Buffer.concat([
          Uint8Array.from(leb(200)),
          ...Array.from({ length: 200 }, () => Buffer.concat([Uint8Array.of(body.length), body])),
        ]),
      ],
    );
  },
  { ...BAD, got: () => undefined },
);
attack(
  'a br_table of a million targets',
  () =>
    functionOf(
      Buffer.concat([
        Uint8Array.of(0, 0x02, 0x40, 0x41, 0, 0x0e, ...leb(1_000_000)),
        repeat(1_000_001, 0),
        Uint8Array.of(0x0b, 0x0b),
      ]),
    ),
  { ...BAD, got: () => undefined },
);
attack(
  'a function body of 10 MB',
  () =>
    functionOf(
      Buffer.concat([
        Uint8Array.of(0),
        repeat(5_000_000, 0x01),
        repeat(1_000_000, 0x41, 0, 0x1a),
        Uint8Array.of(0x0b),
      ]),
    ),
  { ...BAD, got: loaded },
);
attack(
  '100 000 types',
  () => sections([1, Buffer.concat([Uint8Array.from(leb(1_000_001)), repeat(1_000_001, 0x60, 0, 0)])]),
  BAD,
);
attack(
  'a type section of a function type with 100 000 parameters',
  () =>
    sections([
      1,
      Buffer.concat([Uint8Array.of(1, 0x60, ...leb(100_000)), repeat(100_000, 0x7e), Uint8Array.of(0)]),
    ]),
  BAD,
);
attack('an import that nobody provides', '(import "env" "abort" (func)) (func (export "f"))', NO_IMPORT);
attack('an import named __proto__', '(import "__proto__" "__proto__" (func)) (func (export "f"))', NO_IMPORT);
attack(
  'an import of constructor from the host functions',
  '(import "extism:host/user" "constructor" (func)) (func (export "f"))',
  NO_IMPORT,
);
attack(
  'an import with escape sequences in its name',
  '(import "\\1b[2J\\0d\\0aERROR" "\\1b[2J" (func)) (func (export "f"))',
  NO_IMPORT,
);
attack(
  'an import with a name of 90 000 characters',
  `(import "x" "${'n'.repeat(90_000)}" (func)) (func (export "f"))`,
  {
    ...NO_IMPORT,
    got: (e) =>
      loaded(e) ||
      (e.outcomes.some(({ messageLength = 0 }) => messageLength > 50_000) &&
        'an error message of 90 000 characters'),
  },
);
attack(
  'an import of alloc with another type',
  '(import "extism:host/env" "alloc" (func (param i32) (result i32))) (func (export "f"))',
  { ...NO_IMPORT, got: () => undefined },
);
attack(
  'an import of a memory of the host',
  '(import "extism:host/env" "memory" (memory 1)) (func (export "f"))',
  NO_IMPORT,
);
attack(
  'an import of the meter of Cordon',
  '(import "cordon:meter" "out_of_fuel" (func (result i32))) (func (export "f"))',
  { ...NO_IMPORT, cordonOnly: true },
);
attack(
  'an import of the WASI of Cordon',
  '(import "cordon:wasi" "proc_exit" (func (param i32))) (func (export "f"))',
  { ...NO_IMPORT, cordonOnly: true },
);
attack(
  'an export that stands for the fuel',
  '(global (export "cordon:fuel") (mut i32) (i32.const 0)) (func (export "f"))',
  { ...BAD, cordonOnly: true },
);
attack(
  '10 000 exports',
  `(func $f) ${Array.from({ length: 10_000 }, (_, i) => `(export "number${i}" (func $f))`).join('')}`,
  { calls: [{ fn: 'number9999' }, { fn: 'nothing' }], expected: ['ok', 'ERR_NO_EXPORT'] },
);
attack(
  '9 000 imports',
  `${Array.from({ length: 9000 }, (_, i) => `(import "extism:host/env" "alloc" (func $a${i} (param i64) (result i64)))`).join('')} (func (export "f"))`,
);
attack(
  'a name of a function of 50 000 characters',
  `(func $${'f'.repeat(50_000)} unreachable) (func (export "f") (call $${'f'.repeat(50_000)}))`,
  {
    expected: ['ERR_TRAP'],
    got: (e) =>
      e.outcomes.some(({ messageLength = 0 }) => messageLength > 20_000) &&
      'an error message of 50 000 characters',
  },
);
attack(
  'a data segment of 20 MB in a memory of one page',
  `(memory 1) (data (i32.const 0) "${'x'.repeat(1_000_000)}") (func (export "f"))`,
  { expected: ['load ERR_(TRAP|BYTECODE)'], violations: ['(bytecode)?'], got: loaded },
);
attack('a module of 64-bit memory', () => sections([5, [1, 4, 1]]), {
  // Newer Nodes know it: there the module, which has no function, is loaded.
  expected: ['(?:load )?ERR_(FEATURE|BYTECODE|MEMORY|NO_EXPORT|MANIFEST)'],
  violations: ['.*'],
  got: () => undefined,
});

const metering = corpus('stopping');
export const STOPPING = metering.attacks;
const LATE = { limits: SHORT, expected: ['ERR_TIMEOUT'], violations: ['timeout'], got: succeeded };
metering.attack(
  'a stop that catch_all would swallow',
  `(tag $e) (func (export "f") (loop $again (try (do ${SPIN}) (catch_all)) (br $again)))`,
  LATE,
);
metering.attack(
  'a stop inside a host function that catch_all would swallow',
  `(tag $e) (func (export "f") (loop $again (try (do (loop $l (call $free (call $alloc (i64.const 8))) (br $l))) (catch_all)) (br $again)))`,
  LATE,
);
metering.attack(
  'exits that catch_all would swallow',
  `(memory (export "memory") 1) (tag $e) (func (export "f") (loop $again (try (do (call $proc_exit (i32.const 1))) (catch_all)) (br $again)))`,
  { expected: ['ERR_(TIMEOUT|TRAP)'], violations: ['(timeout)?'], limits: SHORT, got: succeeded },
);
metering.attack(
  'a loop of exceptions thrown and caught',
  '(tag $e) (func (export "f") (loop $l (try (do (throw $e)) (catch_all)) (br $l)))',
  LATE,
);
metering.attack(
  'a loop whose only way back is a br_table',
  `(func (export "f") (local i32) (loop $l (br_table ${'$l '.repeat(1000)} (local.get 0))))`,
  LATE,
);
metering.attack(
  'a loop of a hundred nested loops',
  `(func (export "f") ${'(loop '.repeat(100)}(br 99)${')'.repeat(100)})`,
  LATE,
);
metering.attack(
  'a loop of memory.init from a passive segment',
  `(memory 20) (data $d "${'x'.repeat(100_000)}") (func (export "f") (loop $l (memory.init $d (i32.const 0) (i32.const 0) (i32.const 100000)) (br $l)))`,
  LATE,
);
metering.attack(
  'a loop of table.copy',
  '(table $t 100000 funcref) (func (export "f") (loop $l (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 99999)) (br $l)))',
  LATE,
);
metering.attack(
  'a loop of memory.grow by nothing',
  '(memory 1) (func (export "f") (loop $l (drop (memory.grow (i32.const 0))) (br $l)))',
  LATE,
);
metering.attack(
  'a fill of minus one bytes, which wraps around a charge',
  '(memory 1) (func (export "f") (loop $l (memory.fill (i32.const 0) (i32.const 0) (i32.const -1)) (br $l)))',
  { expected: ['ERR_(TRAP|TIMEOUT)'], violations: ['(timeout)?'], limits: SHORT, got: succeeded },
);
metering.attack(
  'a loop of fills of no bytes',
  '(memory 1) (func (export "f") (loop $l (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (br $l)))',
  LATE,
);
metering.attack(
  'exponential calls without a loop',
  `${Array.from({ length: 40 }, (_, i) => `(func $d${i} ${i === 0 ? '' : `(call $d${i - 1}) (call $d${i - 1})`})`).join(' ')} (func (export "f") (call $d39))`,
  LATE,
);
