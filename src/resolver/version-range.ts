import semver, { type Comparator, type SemVer } from 'semver';
import { placeOf } from './version-place.js';

/** Nobody writes longer ranges, and parsing one costs time in proportion. */
const MAX_RANGE_LENGTH = 1024;
/** So many ranges are kept after they were read. */
const MAX_KEPT = 10_000;

/** A bound of a range. */
export interface Bound {
  readonly operator: string;
  readonly version: SemVer;
  readonly place: number;
}

/** A range with the bounds of each part between `||`. */
export interface ParsedRange {
  readonly range: semver.Range;
  readonly parts: readonly (readonly Bound[])[];
}

/** Ranges by their text, until there are too many of them. */
type Kept = Map<string, ParsedRange | undefined>;
const kept: Readonly<Record<'named' | 'all', Kept>> = { named: new Map(), all: new Map() };

/**
 * A range by npm's rules; `undefined` where the text is none. `prereleases`: whether those are in it that it does not
 * name.
 */
export function readRange(text: string, prereleases: 'named' | 'all'): ParsedRange | undefined {
  const ranges = kept[prereleases];
  const known = ranges.get(text);
  if (known !== undefined || ranges.has(text)) return known;
  const range = parse(text, prereleases === 'all');
  if (ranges.size >= MAX_KEPT) ranges.clear();
  ranges.set(text, range);
  return range;
}

/** A range in which prereleases are only where it names one of the same version. */
export function parseRange(text: string): semver.Range | undefined {
  return readRange(text, 'named')?.range;
}

function parse(text: string, includePrerelease: boolean): ParsedRange | undefined {
  if (text.length > MAX_RANGE_LENGTH) return undefined;
  try {
    const range = new semver.Range(text, { includePrerelease });
    return { range, parts: range.set.map(boundsOf) };
  } catch {
    return undefined;
  }
}

/** The comparator of `*` has no version, and bounds nothing. */
function boundsOf(comparators: readonly Comparator[]): Bound[] {
  return comparators.flatMap(({ operator, semver: version }) =>
    version instanceof semver.SemVer ? [{ operator, version, place: placeOf(version.version) }] : [],
  );
}
