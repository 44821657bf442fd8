import semver, { type Comparator } from 'semver';
import { placeOf } from './version-place.js';

/** Nobody writes longer ranges, and parsing one costs time in proportion. */
const MAX_RANGE_LENGTH = 1024;
/** So many ranges are kept after they were read. */
const MAX_KEPT = 10_000;

/** A bound of a range. */
export interface Bound {
  readonly operator: string;
  readonly version: string;
  readonly place: number;
}

/** A range with the bounds of each part between `||`. */
export class ParsedRange {
  readonly parts: readonly (readonly Bound[])[];
  readonly #text: string;
  #range: semver.Range | undefined;

  constructor(text: string, parts: readonly (readonly Bound[])[], range?: semver.Range) {
    this.parts = parts;
    this.#text = text;
    this.#range = range;
  }

  /** For versions one by one. */
  get range(): semver.Range {
    this.#range ??= new semver.Range(this.#text);
    return this.#range;
  }
}

/** What most ranges are: a caret before a plain version from 1.0.0 on. Reading it takes semver 20 steps, and us one. */
const CARET = /^\^([1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})$/;

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
  const caret = includePrerelease ? null : CARET.exec(text);
  if (caret !== null) {
    const above = `${Number(caret[1]) + 1}.0.0-0`;
    return new ParsedRange(text, [[bound('>=', text.slice(1)), bound('<', above)]]);
  }
  try {
    const range = new semver.Range(text, { includePrerelease });
    return new ParsedRange(text, range.set.map(boundsOf), range);
  } catch {
    return undefined;
  }
}

/** The comparator of `*` has no version, and bounds nothing. */
function boundsOf(comparators: readonly Comparator[]): Bound[] {
  return comparators.flatMap(({ operator, semver: version }) =>
    version instanceof semver.SemVer ? [bound(operator, version.version)] : [],
  );
}

function bound(operator: string, version: string): Bound {
  return { operator, version, place: placeOf(version) };
}
