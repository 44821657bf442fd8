/** An expression of WebAssembly's text format. */
type Expression = string | Expression[];

const LOADS_AND_STORES = /^[if](32|64)\.(load|store)/;
const isOffset = (one: Expression): boolean => typeof one === 'string' && /^(offset|align)=/.test(one);

/**
 * The kernel for a memory of 64 bits: the same code, whose addresses are extended where memory is touched. They stay
 * below 2^32, as do all sizes. Knows what `kernel.wat` is made of, folded expressions, and refuses the rest.
 */
export function toMemory64(wat: string): string {
  return printed(read(wat).map(changed));
}

function changed(expression: Expression): Expression {
  if (typeof expression === 'string') {
    if (/^(memory\.|[if](32|64)\.(load|store))/.test(expression))
      throw new Error(`not folded: ${expression}`);
    return expression;
  }
  const [head, ...rest] = expression;
  if (typeof head !== 'string') return expression.map(changed);
  const operands = rest.map(changed);
  if (head === 'memory') return [head, 'i64', ...operands];
  if (head === 'import' && rest.some((one) => Array.isArray(one) && one[0] === 'memory')) {
    return [head, rest[0]!, '"memory64"', ...operands.slice(2)];
  }
  if (head === 'memory.size') return ['i32.wrap_i64', [head]];
  if (head === 'memory.grow') return ['i32.wrap_i64', [head, extended(operands[0]!)]];
  if (head === 'memory.fill') return [head, extended(operands[0]!), operands[1]!, extended(operands[2]!)];
  if (LOADS_AND_STORES.test(head)) {
    const at = operands.findIndex((one) => !isOffset(one));
    return [head, ...operands.slice(0, at), extended(operands[at]!), ...operands.slice(at + 1)];
  }
  if (head.startsWith('memory.')) throw new Error(`not known: ${head}`);
  return [changed(head), ...operands];
}

function extended(address: Expression): Expression {
  return ['i64.extend_i32_u', address];
}

function read(wat: string): Expression[] {
  const open: Expression[][] = [[]];
  for (const [token] of wat.replaceAll(/;;.*/g, '').matchAll(/"[^"]*"|[()]|[^\s()"]+/g)) {
    if (token === '(') open.push([]);
    else if (token === ')') {
      const closed = open.pop()!;
      open.at(-1)!.push(closed);
    } else open.at(-1)!.push(token);
  }
  return open[0]!;
}

function printed(expressions: readonly Expression[]): string {
  return expressions.map((one) => (typeof one === 'string' ? one : `(${printed(one)})`)).join(' ');
}
