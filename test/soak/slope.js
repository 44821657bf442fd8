// @ts-check
// Does a series grow? Theil and Sen's slope, which single peaks do not bend, and whether the trend is more than chance
// by Mann and Kendall's test.

/**
 * @typedef {object} Verdict
 * @property {number} level the median
 * @property {number} growth of the trend line over the whole of `x`, in the unit of the values
 * @property {number} z of Mann and Kendall; above 1.64 a rise is significant at 5 %
 * @property {number} allowed growth that is let pass
 * @property {boolean} flat whether it is within `allowed`, or no significant rise
 */

/**
 * @param {readonly number[]} x rising
 * @param {readonly number[]} values
 * @param {{ readonly share?: number, readonly least?: number }} [tolerance] growth that is let pass: `share` of the
 *   median, and at least `least`
 * @returns {Verdict}
 */
export function judge(x, values, { share = 0, least = 0 } = {}) {
  const slopes = [];
  let sign = 0;
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      const rise = Number(values[j]) - Number(values[i]);
      slopes.push(rise / (Number(x[j]) - Number(x[i])));
      sign += Math.sign(rise);
    }
  }
  const n = x.length;
  const level = median(values);
  const growth = n < 2 ? 0 : median(slopes) * (Number(x[n - 1]) - Number(x[0]));
  const variance = (n * (n - 1) * (2 * n + 5)) / 18;
  const z = variance === 0 ? 0 : (sign - Math.sign(sign)) / Math.sqrt(variance);
  const allowed = Math.max(least, Math.abs(level) * share);
  return { level, growth, z, allowed, flat: growth <= allowed || z < 1.64 };
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return 0;
  return sorted.length % 2
    ? Number(sorted[middle])
    : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2;
}

/** The smallest value that `share` of the values are not above; undefined where there are none. @param {number[]} values @param {number} share */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
