// @ts-check
// What came out of it: the verdict in words, figures as JSON, charts as SVG.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineChart } from '../bench/svg-chart.js';
import { judge, median } from './slope.js';

/** So much of the time is warm-up and not judged. */
export const WARM_UP = 0.3;

/**
 * What is judged, and by how much each may grow over all that is judged: a share of its median, and at least so much. What
 * is not the process's own to keep flat on a machine that others use, latency, is in the charts only.
 * @type {readonly (readonly [keyof import('./sampler.js').Sample, string, { share: number, least: number }])[]}
 */
const JUDGED = [
  ['rss', 'MiB', { share: 0.08, least: 16 }],
  ['heapUsed', 'MiB', { share: 0.05, least: 2 }],
  ['external', 'MiB', { share: 0.08, least: 4 }],
  ['children', 'MiB', { share: 0.1, least: 16 }],
  ['descriptors', '', { share: 0.05, least: 4 }],
  ['threads', '', { share: 0.05, least: 4 }],
  ['resources', '', { share: 0.05, least: 6 }],
];

/** @param {readonly import('./sampler.js').Sample[]} samples @param {number} slack by which more growth is let pass */
export function verdicts(samples, slack = 1) {
  const minutes = samples.at(-1)?.minutes ?? 0;
  const judged = samples.filter((sample) => sample.minutes >= minutes * WARM_UP);
  const x = judged.map((sample) => sample.minutes);
  return JUDGED.map(([name, unit, { share, least }]) => {
    const values = judged.map((sample) => Number(sample[name]));
    return { name, unit, ...judge(x, values, { share: share * slack, least: least * slack }) };
  });
}

/** @param {ReturnType<typeof verdicts>} list @param {readonly import('./sampler.js').Sample[]} samples */
export function tell(list, samples) {
  const range = `${(Number(samples.at(-1)?.minutes) * (1 - WARM_UP)).toFixed(1)} minutes after warm-up`;
  return list.map(({ name, unit, level, growth, allowed, z, flat }) => {
    const change = `${growth >= 0 ? '+' : ''}${growth.toFixed(2)}`;
    return `${flat ? 'flat ' : 'GROWS'}  ${name.padEnd(12)} ${level.toFixed(1)} ${unit} in the middle, ${change} over ${range} (let pass: ${allowed.toFixed(1)}; z ${z.toFixed(1)})`;
  });
}

/** @param {string} folder @param {Record<string, unknown>} figures @param {readonly import('./sampler.js').Sample[]} samples */
export function writeReport(folder, figures, samples) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'figures.json'), `${JSON.stringify({ ...figures, samples }, undefined, 1)}\n`);
  for (const [name, svg] of Object.entries(charts(samples))) writeFileSync(join(folder, `${name}.svg`), svg);
}

/** @param {readonly import('./sampler.js').Sample[]} samples */
function charts(samples) {
  const x = samples.map(({ minutes }) => minutes);
  /** @param {Record<string, keyof import('./sampler.js').Sample>} names */
  const lines = (names) =>
    Object.entries(names).map(([name, key]) => ({ name, values: samples.map((sample) => sample[key]) }));
  const common = { x, xLabel: 'minutes' };
  return {
    memory: lineChart({
      ...common,
      title: 'Memory of the host process, and of its children',
      unit: 'MiB',
      series: lines({
        ...{ 'resident (RSS)': 'rss', 'heap used': 'heapUsed', external: 'external' },
        ...{ 'memories of guests': 'guestMemory', 'children (RSS)': 'children' },
      }),
    }),
    handles: lineChart({
      ...common,
      title: 'Handles',
      series: lines({
        ...{ 'file descriptors': 'descriptors', threads: 'threads' },
        ...{ 'active resources': 'resources', 'child processes': 'processes' },
      }),
    }),
    latency: lineChart({
      ...common,
      title: 'Latency of a call of a good plugin, and delay of the event loop',
      unit: 'ms',
      log: true,
      series: lines({ p50: 'p50', p99: 'p99', 'event loop p99': 'loopDelay' }),
    }),
    throughput: lineChart({
      ...common,
      title: 'Calls that were settled',
      unit: 'calls/s',
      series: lines({ 'calls/s': 'callsPerSecond' }),
    }),
  };
}

/** The middle of each figure over what is judged. @param {readonly import('./sampler.js').Sample[]} samples */
export function middles(samples) {
  const judged = samples.filter(({ minutes }) => minutes >= Number(samples.at(-1)?.minutes) * WARM_UP);
  const keys = /** @type {(keyof import('./sampler.js').Sample)[]} */ (Object.keys(judged[0] ?? {}));
  return Object.fromEntries(
    keys.map((key) => [key, median(judged.map((sample) => Number(sample[key] ?? 0)))]),
  );
}
