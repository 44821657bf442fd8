// @ts-check
// Charts as SVG text: small, the same input gives the same bytes, readable on light and on dark pages.

const WIDTH = 760;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 16;
const BOTTOM = 40;
const STYLE = `
    .back { fill: #ffffff } text { fill: #3b4048; font: 12px system-ui, -apple-system, sans-serif } .title { font-size: 15px; font-weight: 600 }
    .grid { stroke: #e3e6ea; stroke-width: 1 } .axis { stroke: #8a919c; stroke-width: 1 }
    .s0 { --c: #2563c9 } .s1 { --c: #c2570c } .s2 { --c: #15803d } .s3 { --c: #a21caf } .s4 { --c: #0e7490 } .s5 { --c: #b91c1c }
    .line { fill: none; stroke: var(--c); stroke-width: 1.75; stroke-linejoin: round } .fill { fill: var(--c) }
    @media (prefers-color-scheme: dark) {
      .back { fill: #12161c } text { fill: #d3d8df } .grid { stroke: #2a313b } .axis { stroke: #6b7480 }
      .s0 { --c: #6ea8fe } .s1 { --c: #fb9a4b } .s2 { --c: #4ade80 } .s3 { --c: #e879f9 } .s4 { --c: #22d3ee } .s5 { --c: #f87171 }
    }`;
const COLOURS = 6;

/**
 * @typedef {{ readonly name: string, readonly values: readonly (number | null | undefined)[] }} Series
 * values beside `x` or `labels`; null, undefined and NaN leave a gap
 */

/**
 * Lines over a number line. Up to six series.
 *
 * @param {object} chart
 * @param {string} chart.title
 * @param {readonly number[]} chart.x rising, one for each value
 * @param {string} [chart.xLabel] what `x` is, such as "minutes"
 * @param {readonly Series[]} chart.series
 * @param {string} [chart.unit] of the values, such as "MiB"
 * @param {boolean} [chart.log] logarithmic: values of 0 and less leave a gap
 * @returns {string} an SVG document
 */
export function lineChart({ title, x, xLabel = '', series, unit = '', log = false }) {
  check(series, x.length);
  const [from, to] = [x[0] ?? 0, x.at(-1) ?? 1];
  const ticks = niceTicks(from, to > from ? to : from + 1, 8).filter((tick) => tick >= from && tick <= to);
  const frame = frameOf(series);
  const scale = valueScale(series, frame, log);
  /** @param {number} value */
  const across = (value) => LEFT + ((value - from) / (to - from || 1)) * (WIDTH - LEFT - RIGHT);
  const lines = series.map(({ values }, index) => {
    let pen = 'M';
    let path = '';
    for (const [i, value] of values.entries()) {
      if (!drawable(value, log)) {
        pen = 'M';
        continue;
      }
      path += `${pen}${round(across(/** @type {number} */ (x[i])))} ${round(scale.at(value))}`;
      pen = 'L';
    }
    return path && `<path class="line s${index}" d="${path}"/>`;
  });
  const bottoms = ticks.map((tick) => label(across(tick), HEIGHT - BOTTOM + 18, figure(tick), 'middle'));
  return picture({ title, unit, series, frame, scale, xLabel }, [...bottoms, ...lines]);
}

/**
 * Groups of bars, one group for each label. Up to six series.
 *
 * @param {object} chart
 * @param {string} chart.title
 * @param {readonly string[]} chart.labels one for each group
 * @param {readonly Series[]} chart.series
 * @param {string} [chart.unit] of the values, such as "calls/s"
 * @param {boolean} [chart.log] logarithmic: values of 0 and less have no bar
 * @returns {string} an SVG document
 */
export function barChart({ title, labels, series, unit = '', log = false }) {
  check(series, labels.length);
  const frame = frameOf(series);
  const scale = valueScale(series, frame, log);
  const group = (WIDTH - LEFT - RIGHT) / Math.max(1, labels.length);
  const bar = (group * 0.78) / Math.max(1, series.length);
  const floor = HEIGHT - BOTTOM;
  const bars = series.flatMap(({ values }, index) =>
    values.map((value, i) => {
      if (!drawable(value, log)) return '';
      const left = LEFT + group * (i + 0.11) + bar * index;
      const top = scale.at(value);
      const rect = `<rect class="fill s${index}" x="${round(left)}" y="${round(top)}" width="${round(bar * 0.92)}" height="${round(floor - top)}"/>`;
      return bar < 26 ? rect : rect + label(left + bar * 0.46, top - 4, figure(value), 'middle');
    }),
  );
  const names = labels.map((name, i) => label(LEFT + group * (i + 0.5), floor + 18, name, 'middle'));
  return picture({ title, unit, series, frame, scale, xLabel: '' }, [...bars, ...names]);
}

/** @param {readonly Series[]} series @param {number} length */
function check(series, length) {
  if (series.length > COLOURS) throw new RangeError(`${series.length} series; there are ${COLOURS} colours.`);
  const wrong = series.find(({ values }) => values.length !== length);
  if (wrong) throw new RangeError(`"${wrong.name}" has ${wrong.values.length} values; expected ${length}.`);
}

/** @param {unknown} value @param {boolean} log @returns {value is number} */
function drawable(value, log) {
  return typeof value === 'number' && Number.isFinite(value) && (!log || value > 0);
}

/** Room for the title, and for a line of names where there are several. @param {readonly Series[]} series */
function frameOf(series) {
  return { top: series.length > 1 ? 62 : 44, bottom: HEIGHT - BOTTOM };
}

/** @param {readonly Series[]} series @param {{ top: number, bottom: number }} frame @param {boolean} log */
function valueScale(series, { top, bottom }, log) {
  let [low, high] = log ? [Number.POSITIVE_INFINITY, 0] : [0, 0];
  for (const { values } of series) {
    for (const value of values) {
      if (!drawable(value, log)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (high <= low) [low, high] = log ? [high / 10 || 0.1, high || 1] : [low, low + 1];
  const ticks = log ? powersOfTen(low, high) : niceTicks(low, high, 5);
  /** @param {number} value */
  const place = (value) => (log ? Math.log10(value) : value);
  const [first, last] = [place(ticks[0] ?? 0), place(ticks.at(-1) ?? 1)];
  return {
    ticks,
    /** @param {number} value */
    at: (value) => bottom - ((place(value) - first) / (last - first || 1)) * (bottom - top),
  };
}

/** @param {number} low @param {number} high */
function powersOfTen(low, high) {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

/** Round numbers that reach from at most `low` to at least `high`. @param {number} low @param {number} high @param {number} count */
function niceTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((one) => one * power >= rough * 0.999) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * @param {{ title: string, unit: string, series: readonly Series[], frame: { top: number, bottom: number }, scale: { ticks: number[], at: (value: number) => number }, xLabel: string }} chart
 * @param {readonly string[]} inside
 */
function picture({ title, unit, series, frame, scale, xLabel }, inside) {
  const grid = scale.ticks.flatMap((tick) => {
    const y = round(scale.at(tick));
    return [
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>`,
      label(LEFT - 8, y + 4, figure(tick), 'end'),
    ];
  });
  let at = LEFT;
  const names = series.flatMap(({ name }, index) => {
    if (series.length < 2) return [];
    const x = at;
    at += 30 + name.length * 7;
    return [
      `<rect class="fill s${index}" x="${x}" y="38" width="11" height="11" rx="2"/>`,
      label(x + 16, 48, name),
    ];
  });
  const heading = unit ? `${title} (${unit})` : title;
  const parts = [
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    `<text class="title" x="${LEFT}" y="25">${escapeText(heading)}</text>`,
    ...names,
    ...grid,
    ...inside,
    `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${frame.bottom}" y2="${frame.bottom}"/>`,
    xLabel && label(WIDTH - RIGHT, HEIGHT - 6, xLabel, 'end'),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(heading)}">
  <style>${STYLE}
  </style>
  ${parts.filter((part) => part !== '').join('\n  ')}
</svg>
`;
}

/** @param {number} x @param {number} y @param {string} text @param {'start' | 'middle' | 'end'} [anchor] */
function label(x, y, text, anchor = 'start') {
  const end = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${round(x)}" y="${round(y)}"${end}>${escapeText(text)}</text>`;
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/** Three digits that count, and thousands apart. @param {number} value */
function figure(value) {
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** @param {string} text */
function escapeText(text) {
  /** @type {Readonly<Record<string, string>>} */
  const names = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => names[character] ?? character);
}
