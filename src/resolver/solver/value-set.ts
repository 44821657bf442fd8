/**
 * A set of values of one variable as bits. Value 0 always means "absent". Version sets are finite, so npm's ranges with
 * `||` and prereleases need no algebra of their own: union, intersection and complement are exact by construction.
 */
export type ValueSet = bigint;

const BITS: bigint[] = [];

/** The set of one value. */
export function only(value: number): ValueSet {
  for (let i = BITS.length; i <= value; i++) BITS.push(1n << BigInt(i));
  return BITS[value]!;
}

const FULL: ValueSet[] = [];

/** The set of the values 0 to `size - 1`. */
export function full(size: number): ValueSet {
  for (let i = FULL.length; i <= size; i++) FULL.push(only(i) - 1n);
  return FULL[size]!;
}

/** The set of the values from `first` up to, not including, `end`. */
export function between(first: number, end: number): ValueSet {
  return end <= first ? 0n : full(end) ^ full(first);
}

/** Whether `value` is in the set. */
export function has(set: ValueSet, value: number): boolean {
  return (set & only(value)) !== 0n;
}

/** Whether the whole of `set` is in `other`. */
export function isWithin(set: ValueSet, other: ValueSet): boolean {
  return (set & other) === set;
}

/** The values, ascending. */
export function valuesOf(set: ValueSet): number[] {
  const values: number[] = [];
  const bits = set.toString(2);
  for (let i = bits.length - 1; i >= 0; i--) {
    if (bits[i] === '1') values.push(bits.length - 1 - i);
  }
  return values;
}
