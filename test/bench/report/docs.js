// @ts-check
// The part of docs/benchmarks.md between its markers, and the charts, from the figures in docs/benchmarks/.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { figure } from '../statistics.js';
import { barChart } from '../svg-chart.js';

export const FIGURES = new URL('../../../docs/benchmarks/', import.meta.url);
const PAGE = new URL('../../../docs/benchmarks.md', import.meta.url);
const MARKED = /(<!-- figures:.*?-->\n)[\s\S]*?(\n<!-- \/figures -->)/;

/** @returns {Promise<any[]>} the runs, the oldest Node first */
async function runs() {
  const files = (await readdir(FIGURES)).filter((name) => /^node-\d+\.json$/.test(name));
  files.sort((a, b) => Number.parseInt(a.slice(5), 10) - Number.parseInt(b.slice(5), 10));
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(new URL(name, FIGURES), 'utf8'))));
}

/** Draws the charts and writes the tables. */
export async function writeDocs() {
  const all = await runs();
  const page = await readFile(PAGE, 'utf8');
  if (!MARKED.test(page)) throw new Error('docs/benchmarks.md has lost its markers.');
  await writeFile(
    PAGE,
    page.replace(MARKED, (_, from, to) => `${from}\n${section(all)}${to}`),
  );
  const names = new Set(all.flatMap(({ rows }) => rows.map((/** @type {any} */ row) => row.name)));
  for (const name of names) {
    await writeFile(new URL(`${name}.svg`, FIGURES), chart(name, all));
  }
}

/** One group of bars for each variant, one bar for each Node. @param {string} name @param {any[]} all */
function chart(name, all) {
  const rows = all.map(({ node, rows: list }) => ({
    node,
    row: list.find((/** @type {any} */ row) => row.name === name),
  }));
  const there = rows.filter(({ row }) => row);
  const { title, unit, log = false } = there[0]?.row ?? {};
  const labels = [...new Set(there.flatMap(({ row }) => Object.keys(row.samples)))];
  return barChart({
    title,
    unit,
    log,
    labels,
    series: there.map(({ node, row }) => ({
      name: `Node ${node.slice(1)}`,
      values: labels.map((label) => row.samples[label]?.median),
    })),
  });
}

/** @param {any[]} all */
function section(all) {
  const nodes = all.map(({ node }) => `Node ${node.slice(1)}`);
  const about = all.map(
    ({ node, at, cores, cpu, memoryGiB, load, rounds }) =>
      `- Node ${node.slice(1)}: ${at.slice(0, 16).replace('T', ' ')} UTC, ${cores} cores of ${cpu}, ${memoryGiB} GiB, ${rounds} rounds, load average ${load[0]} before and ${load[1]} after`,
  );
  const names = [...new Set(all.flatMap(({ rows }) => rows.map((/** @type {any} */ row) => row.name)))];
  const parts = names.map((name) => rowSection(name, all));
  const bars = [
    table(
      ['row', 'bar', ...nodes],
      names.flatMap((name) => barLines(name, all)),
    ),
  ];
  return ['### The runs', '', ...about, '', '### The bars', '', ...bars, '', ...parts].join('\n');
}

/** @param {string} name @param {any[]} all */
function barLines(name, all) {
  const rows = all.map(({ rows: list }) => list.find((/** @type {any} */ row) => row.name === name));
  const first = rows.find(Boolean);
  return first.bars.map((/** @type {any} */ bar, /** @type {number} */ i) => [
    `[${name}](#${name})`,
    `${bar.says} (${bar.atLeast === undefined ? `at most ${bar.atMost}` : `at least ${bar.atLeast}`})`,
    ...rows.map((row) => verdict(row?.bars[i])),
  ]);
}

/** @param {any} bar */
function verdict(bar) {
  if (!bar || bar.skipped) return bar?.skipped ?? '';
  return `${figure(bar.value)}${bar.met ? '' : ' **missed**'}`;
}

/** @param {string} name @param {any[]} all */
function rowSection(name, all) {
  const rows = all.map(({ rows: list }) => list.find((/** @type {any} */ row) => row.name === name));
  const first = rows.find(Boolean);
  const variants = [...new Set(rows.flatMap((row) => Object.keys(row?.samples ?? {})))];
  const lines = variants.map((variant) => [
    variant,
    ...rows.map((row) => {
      const one = row?.samples[variant];
      if (!one) return '';
      const tail = one.p99 === undefined ? '' : `; p99 ${figure(one.p99)} µs`;
      return `${figure(one.median)} (${figure(one.low)} to ${figure(one.high)}${tail})`;
    }),
  ]);
  const notes = [...new Set(rows.flatMap((row) => row?.notes ?? []))];
  return [
    `### ${name}`,
    '',
    `![${first.title}](benchmarks/${name}.svg)`,
    '',
    table([first.unit, ...all.map(({ node }) => `Node ${node.slice(1)}`)], lines),
    '',
    ...notes.flatMap((note) => [`- ${note}`]),
    ...(notes.length > 0 ? [''] : []),
  ].join('\n');
}

/** @param {string[]} head @param {string[][]} lines */
function table(head, lines) {
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
