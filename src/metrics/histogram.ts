/**
 * A double's first 16 bits are its sign, its exponent and the first 4 bits of its mantissa: read as an integer they grow with
 * the value and split every octave into 16 equal parts. That is the whole index of a log-linear histogram, as in HDR.
 */
const view = new DataView(new ArrayBuffer(8));
function slotOf(value: number): number {
  view.setFloat64(0, value);
  return view.getUint16(0);
}

const MIN = 2 ** -10;
const MAX = 2 ** 26;
const FIRST_SLOT = slotOf(MIN);
const SLOTS = slotOf(MAX) - FIRST_SLOT;
/** What a byte holds. */
const FULL = 255;
/** So many values are kept one by one. */
const FEW = 16;

/** By bucket. */
type Counts = Uint8Array | Float64Array;

/** The lower edge of a bucket; its upper edge is the lower one of the next. */
function lowerEdge(index: number): number {
  view.setFloat64(0, 0);
  view.setUint16(0, FIRST_SLOT + index);
  return view.getFloat64(0);
}

/** Upper edges for the cumulative counts of a snapshot: a power of two each, 0.25 to 32 768; in ms, up to half a minute. */
export const BUCKET_EDGES: readonly number[] = Object.freeze(
  Array.from({ length: 18 }, (_, i) => 2 ** (i - 2)),
);
const EDGE_INDEX = BUCKET_EDGES.map((edge) => slotOf(edge) - FIRST_SLOT);

/** What a {@link Histogram} has seen; plain, frozen. All but the counts are 0 where nothing was recorded. */
export interface HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  /** Exact. */
  readonly max: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** For each of {@link BUCKET_EDGES} how many values were below it. */
  readonly cumulative: readonly number[];
}

/**
 * Counts values (here: milliseconds) in 576 buckets, from 2^-10 (about 1 µs) to 2^26 (18 h), 16 to an octave: 0.6 KB,
 * taken with the 17th value, and 4.6 KB once a bucket has more than 255 values. A percentile is off by at most 3.2 % of its
 * value; `count`, `sum`, `mean` and `max` are exact. Smaller values count as the smallest, larger ones as the largest.
 * Recording allocates nothing else.
 */
export class Histogram {
  // A host may hold thousands of plugins that are hardly called. Not Uint32 later: a busy bucket overflows that in hours.
  #counts: Counts | undefined;
  /** The buckets of the first values, where there are no counts yet. */
  #few: number[] | undefined;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** Counts one value; what is no positive number counts as 0. */
  record(value: number): void {
    const known = value > 0 && value < Number.POSITIVE_INFINITY ? value : 0;
    const slot = slotOf(known) - FIRST_SLOT;
    const index = slot < 0 ? 0 : slot >= SLOTS ? SLOTS - 1 : slot;
    if (this.#counts) this.#add(this.#counts, index);
    else this.#addToFew(index);
    this.#count++;
    this.#sum += known;
    if (known < this.#min) this.#min = known;
    if (known > this.#max) this.#max = known;
  }

  #add(counts: Counts, index: number): void {
    if (counts[index] === FULL && counts instanceof Uint8Array) {
      this.#counts = Float64Array.from(counts);
      this.#counts[index]!++;
    } else counts[index]!++;
  }

  #addToFew(index: number): void {
    if (!this.#few) this.#few = [index];
    else if (this.#few.length < FEW) this.#few.push(index);
    else {
      const counts = countsOf(this.#few);
      this.#few = undefined;
      this.#counts = counts;
      counts[index]!++;
    }
  }

  get count(): number {
    return this.#count;
  }

  /** The value that a share `q` (0 to 1) of all values does not exceed; 0 where there are none. */
  quantile(q: number): number {
    return this.#quantile(q, this.#allCounts());
  }

  snapshot(): HistogramSnapshot {
    const counts = this.#allCounts();
    return Object.freeze({
      count: this.#count,
      sum: this.#sum,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      max: this.#max,
      p50: this.#quantile(0.5, counts),
      p95: this.#quantile(0.95, counts),
      p99: this.#quantile(0.99, counts),
      cumulative: cumulative(counts),
    });
  }

  #allCounts(): Counts {
    return this.#counts ?? countsOf(this.#few);
  }

  #quantile(q: number, counts: Counts): number {
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    if (rank >= this.#count) return this.#max;
    let seen = 0;
    let index = 0;
    while (index < SLOTS) {
      seen += counts[index]!;
      if (seen >= rank) break;
      index++;
    }
    const middle = (lowerEdge(index) + lowerEdge(index + 1)) / 2;
    return Math.min(this.#max, Math.max(this.#min, middle));
  }
}

function cumulative(counts: Counts): readonly number[] {
  let seen = 0;
  let index = 0;
  return Object.freeze(
    EDGE_INDEX.map((end) => {
      while (index < end) seen += counts[index++]!;
      return seen;
    }),
  );
}

function countsOf(indices: readonly number[] = []): Counts {
  const counts = new Uint8Array(SLOTS);
  for (const index of indices) counts[index]!++;
  return counts;
}
