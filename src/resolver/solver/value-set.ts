/**
 * A set of values of one variable as bits. Value 0 always means "absent". Version sets are finite, so npm's ranges with
 * `||` and prereleases need no algebra of their own: union, intersection and complement are exact by construction.
 */
export type ValueSet = bigint;

/** Sets of so few values are kept ready; all of them together take about 2 MB. */
const KEPT = 4096;
const singles: ValueSet[] = [];
const ranges: ValueSet[] = [];

/** The set of one value. */
export function only(value: number): ValueSet {
  if (value > KEPT) return 1n << BigInt(value);
  for (let i = singles.length; i <= value; i++) singles.push(1n << BigInt(i));
  return singles[value]!;
}

/** The set of the values 0 to `size - 1`. */
export function full(size: number): ValueSet {
  if (size > KEPT) return only(size) - 1n;
  for (let i = ranges.length; i <= size; i++) ranges.push(only(i) - 1n);
  return ranges[size]!;
}

/** The set of the values from `first` up to, not including, `end`. */
export function between(first: number, end: number): ValueSet {
  return end <= first ? 0n : full(end) ^ full(first);
}

/** Whether `value` is in the set. */
export function has(set: ValueSet, value: number): boolean {
  return (set & only(value)) !== 0n;
}

/** The least value of a set that is not empty. */
export function least(set: ValueSet): number {
  for (let value = 0; value < 32; value++) if (has(set, value)) return value;
  return (set & -set).toString(2).length - 1;
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
