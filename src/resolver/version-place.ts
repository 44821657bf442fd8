/** What each of major, minor and patch has to be below, so that all three, and a half, fit into the 53 bits of a number. */
const LIMIT = 2 ** 17;
const ZERO = 48;
const DOT = 46;
const MINUS = 45;
const PLUS = 43;

/**
 * The place of a version among all versions, as one number. Most versions of a catalog are only put in order, and most of
 * what a search over versions does is comparing them.
 *
 * Prereleases stand half below their release, all in one place; build metadata counts for nothing. `NaN` for numbers so
 * large that one number does not hold them.
 */
export function placeOf(version: string): number {
  let place = 0;
  let part = 0;
  for (let i = 0; i < version.length; i++) {
    const code = version.charCodeAt(i);
    if (code === DOT) {
      place = (place + part) * LIMIT;
      part = 0;
    } else if (code === MINUS) return place + part - 0.5;
    else if (code === PLUS) break;
    else part = part * 10 + (code - ZERO);
    if (part >= LIMIT) return Number.NaN;
  }
  return place + part;
}

/** Whether two versions in one place are the same but for build metadata. */
export function saysAll(place: number): boolean {
  return Number.isInteger(place);
}
