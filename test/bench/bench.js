// @ts-check
// What a row gets: how long and how often to measure, and who closes what it opened.
import { median, quantile, spread } from './statistics.js';

/** Latencies that are kept of one variant, for its percentiles. */
const MAX_EACH = 200_000;

/**
 * One measurement of a variant; the row says in which unit. Latencies of single calls, in µs, go into `each`.
 * @typedef {(each: number[]) => Promise<number>} Variant
 * @typedef {{ median: number, low: number, high: number, rounds: number[], p50?: number, p99?: number }} VariantSamples
 * @typedef {Record<string, VariantSamples>} Samples by variant
 * @typedef {Record<string, number>} Round one value of each variant
 * @typedef {{
 *   says: string, atLeast?: number, atMost?: number, skip?: string,
 *   of?: (round: Round) => number, ofEach?: (samples: Samples) => number,
 * }} Bar `of` is asked for each round, and the median of its answers counts
 * @typedef {{
 *   name: string, title: string, unit: string, better: 'lower' | 'higher', chart?: readonly string[], log?: boolean,
 *   bar: readonly Bar[], run: (bench: Bench) => Promise<Samples>,
 * }} Row
 */

export class Bench {
  /** @type {(() => unknown)[]} */
  #closers = [];
  /** @type {string[]} */
  notes = [];

  /** @param {{ smoke: boolean, rounds: number }} options */
  constructor({ smoke, rounds }) {
    this.smoke = smoke;
    this.rounds = rounds;
    /** One measurement takes about so long. */
    this.ms = smoke ? 10 : 200;
  }

  /** Runs when the row is over, the last one first. @param {() => unknown} close */
  after(close) {
    this.#closers.push(close);
  }

  /** Something that a reader of the figures has to know. @param {string} text */
  note(text) {
    this.notes.push(text);
  }

  async close() {
    for (const close of this.#closers.reverse()) await close();
    this.#closers = [];
  }

  /**
   * Microseconds for one of `perRun` calls: the median of what is run in about `ms` milliseconds. The mean of a shared
   * machine is mostly the slices of the processor that others took. `after` is not counted.
   * @template T
   * @param {() => Promise<T> | T} act
   * @param {{ perRun?: number, ms?: number, after?: (result: T) => unknown }} [options]
   * @returns {Variant}
   */
  time(act, { perRun = 1, ms = this.ms, after } = {}) {
    return async (each) => {
      const times = [];
      let spent = 0;
      do {
        const start = performance.now();
        const result = await act();
        const took = performance.now() - start;
        spent += took;
        times.push((took * 1000) / perRun);
        if (after) await after(result);
      } while (spent < ms);
      if (each.length < MAX_EACH) each.push(...times.slice(0, 50_000));
      return median(times);
    };
  }

  /**
   * Calls a second, over about `ms` milliseconds.
   * @param {() => Promise<unknown>} act @param {{ perRun?: number, ms?: number }} [options]
   * @returns {Variant}
   */
  rate(act, { perRun = 1, ms = this.ms } = {}) {
    return async (each) => {
      const start = performance.now();
      let last = start;
      for (let runs = 1; ; runs++) {
        await act();
        const now = performance.now();
        if (each.length < MAX_EACH) each.push(((now - last) * 1000) / perRun);
        last = now;
        if (now - start >= ms) return (runs * perRun * 1000) / (now - start);
      }
    };
  }

  /**
   * Measures all variants once in each round, in an order that turns, after one round that does not count. Variants that
   * are undefined are peers that are not there.
   * @param {Record<string, Variant | undefined>} variants
   * @param {{ rounds?: number, warmUp?: number }} [options]
   * @returns {Promise<Samples>}
   */
  async compare(variants, { rounds = this.rounds, warmUp = this.smoke ? 0 : 1 } = {}) {
    const there = Object.entries(variants).flatMap(([name, measure]) => (measure ? [{ name, measure }] : []));
    /** @type {Record<string, { rounds: number[], each: number[] }>} */
    const taken = Object.fromEntries(there.map(({ name }) => [name, { rounds: [], each: [] }]));
    for (let i = 0; i < warmUp; i++) for (const { measure } of there) await measure([]);
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < there.length; i++) {
        const { name, measure } = /** @type {typeof there[0]} */ (there[(i + round) % there.length]);
        const into = /** @type {typeof taken['']} */ (taken[name]);
        into.rounds.push(await measure(into.each));
      }
    }
    return Object.fromEntries(
      Object.entries(taken).map(([name, { rounds: values, each }]) => [
        name,
        {
          ...spread(values),
          rounds: values,
          ...(each.length > 1 && { p50: quantile(each, 0.5), p99: quantile(each, 0.99) }),
        },
      ]),
    );
  }
}

/**
 * What became of a bar.
 * @param {Bar} bar @param {Samples} samples @param {boolean} judged
 */
export function judge({ says, atLeast, atMost, of, ofEach, skip }, samples, judged) {
  const count = Math.max(0, ...Object.values(samples).map(({ rounds }) => rounds.length));
  const values = of
    ? Array.from({ length: count }, (_, i) =>
        of(
          Object.fromEntries(
            Object.entries(samples).map(([name, { rounds }]) => [name, rounds[i] ?? Number.NaN]),
          ),
        ),
      ).filter(Number.isFinite)
    : [ofEach?.(samples) ?? Number.NaN].filter(Number.isFinite);
  const { median: value, low, high } = spread(values);
  const bound = atLeast === undefined ? { atMost } : { atLeast };
  if (skip !== undefined || values.length === 0) return { says, ...bound, skipped: skip ?? 'not measured' };
  const met = atLeast === undefined ? value <= (atMost ?? Number.POSITIVE_INFINITY) : value >= atLeast;
  return { says, ...bound, value, low, high, ...(judged && { met }) };
}
