import fc from 'fast-check';

/** A statement of a random program; depths and choices are taken modulo what is possible where they stand. */
export type Statement =
  | { readonly kind: 'work'; readonly amount: number }
  | {
      readonly kind: 'block' | 'loop' | 'try';
      readonly body: readonly Statement[];
      readonly other: readonly Statement[];
    }
  | { readonly kind: 'if'; readonly body: readonly Statement[]; readonly other: readonly Statement[] }
  | {
      /** As compilers write it: blocks in each other, a `br_table` in the innermost, an arm behind the end of each. */
      readonly kind: 'switch';
      readonly arms: readonly (readonly Statement[])[];
      readonly lead: readonly Statement[];
      readonly leaves: readonly boolean[];
      /** What the table has beside its arms: a target that something else leads to as well, or twice the same one. */
      readonly extra: number;
    }
  | { readonly kind: 'br' | 'br_if' | 'br_table'; readonly depth: number }
  | { readonly kind: 'call' | 'call_indirect' | 'return_call'; readonly callee: number }
  | { readonly kind: 'return' | 'throw' };

export const FUNCTIONS = 4;

/** Random bodies for the functions of a program. @param exceptions whether `try` and `throw` occur */
export function programs(exceptions: boolean): fc.Arbitrary<readonly (readonly Statement[])[]> {
  const { body } = fc.letrec<{ body: Statement[]; statement: Statement }>((tie) => ({
    body: fc.array(tie('statement'), { maxLength: 6 }),
    statement: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.record({ kind: fc.constant('work' as const), amount: fc.nat(40) }),
      fc.record({ kind: fc.constantFrom('br', 'br_if', 'br_if', 'br_table'), depth: fc.nat(6) }),
      fc.record({
        kind: fc.constantFrom('call', 'call', 'call_indirect', 'return_call'),
        callee: fc.nat(FUNCTIONS - 1),
      }),
      fc.record({ kind: fc.constantFrom('return', exceptions ? 'throw' : 'return') }),
      fc.record({
        kind: fc.constantFrom('block', 'loop', 'if', exceptions ? 'try' : 'if'),
        body: tie('body') as fc.Arbitrary<Statement[]>,
        other: tie('body') as fc.Arbitrary<Statement[]>,
      }),
      fc.record({
        kind: fc.constant('switch' as const),
        arms: fc.array(tie('body') as fc.Arbitrary<Statement[]>, { minLength: 1, maxLength: 4 }),
        lead: fc.array(
          fc.record({ kind: fc.constant('work' as const), amount: fc.nat(6) }) as fc.Arbitrary<Statement>,
          { maxLength: 2 },
        ),
        leaves: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        extra: fc.nat(9),
      }),
    ) as fc.Arbitrary<Statement>,
  }));
  return fc.array(body, { minLength: FUNCTIONS, maxLength: FUNCTIONS });
}

// A pseudo-random bit from a global, so that a run depends on its seed only.
const BIT = `global.get $seed i32.const 1103515245 i32.mul i32.const 12345 i32.add global.set $seed
  global.get $seed i32.const 16 i32.shr_u`;
// Every loop and call takes one from a global budget, without which the function returns: all programs end.
const BUDGET = `global.get $budget i32.eqz if return end
  global.get $budget i32.const 1 i32.sub global.set $budget`;

/** The program as WebAssembly text; `run` takes a seed and gives a digest of what was executed. */
export function programText(bodies: readonly (readonly Statement[])[]): string {
  const functions = bodies.map(
    (body, i) => `(func $f${i} (type $f) ${i % 2 ? '(local i32 i64)' : ''} ${BUDGET} ${statements(body, 0)})`,
  );
  return `(module (type $f (func)) (tag $e)
    (global $seed (mut i32) (i32.const 0)) (global $budget (mut i32) (i32.const 0)) (global $sum (mut i32) (i32.const 0))
    (table ${FUNCTIONS} funcref) (elem (i32.const 0) ${bodies.map((_, i) => `$f${i}`).join(' ')})
    ${functions.join('\n')}
    (func (export "run") (param $s i32) (result i32)
      local.get $s global.set $seed i32.const 60 global.set $budget i32.const 0 global.set $sum
      call $f0 global.get $sum))`;
}

function statements(body: readonly Statement[], level: number): string {
  return body.map((statement) => text(statement, level)).join('\n');
}

function text(statement: Statement, level: number): string {
  switch (statement.kind) {
    case 'work':
      return `${'nop '.repeat(statement.amount % 3)}global.get $sum i32.const ${statement.amount} i32.add global.set $sum
        ${'global.get $sum drop '.repeat(statement.amount)}`;
    case 'block':
      return `block ${statements(statement.body, level + 1)} end`;
    case 'loop':
      return `loop ${BUDGET} ${statements(statement.body, level + 1)} end`;
    case 'try':
      return `try ${statements(statement.body, level + 1)} catch_all ${statements(statement.other, level + 1)} end`;
    case 'if':
      return `${BIT} i32.const 1 i32.and if ${statements(statement.body, level + 1)}
        else ${statements(statement.other, level + 1)} end`;
    case 'switch':
      return switchText(statement, level);
    case 'br':
      return `br ${statement.depth % (level + 1)}`;
    case 'br_if':
      return `${BIT} i32.const 1 i32.and br_if ${statement.depth % (level + 1)}`;
    case 'br_table':
      return `${BIT} i32.const 3 i32.and br_table ${statement.depth % (level + 1)} 0 ${level}`;
    case 'call_indirect':
      return `i32.const ${statement.callee} call_indirect (type $f)`;
    case 'throw':
      return `throw $e`;
    case 'return':
      return 'return';
    default:
      return `${statement.kind} $f${statement.callee}`;
  }
}

function switchText(
  { arms, lead, leaves, extra }: Extract<Statement, { kind: 'switch' }>,
  level: number,
): string {
  const count = arms.length;
  // One block around all, which arms may leave for.
  const inside = level + 1 + count;
  const targets = [...arms.keys(), 0];
  if (extra > 4) targets.push(extra % (inside + 1));
  const open = 'block '.repeat(count + 1);
  const head = `${statements(lead, inside)} ${BIT} i32.const 7 i32.and br_table ${targets.join(' ')}`;
  const rest = arms.map((arm, i) => {
    const at = inside - 1 - i;
    // At depth `at - level - 1` lies the block around all.
    return `end ${statements(arm, at)} ${leaves[i] ? `br ${at - level - 1}` : ''}`;
  });
  return `${open} ${head} ${rest.join(' ')} end`;
}
