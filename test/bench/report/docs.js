// @ts-check
// The part of docs/benchmarks.md between its markers, and the charts, from the figures in docs/benchmarks/.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { figure } from '../statistics.js';
import { barChart } from '../svg-chart.js';

export const FIGURES = new URL('../../../docs/benchmarks/', import.meta.url);
const PAGE = new URL('../../../docs/benchmarks.md', import.meta.url);
const MARKED = /(<!-- figures:.*?-->\n)[\s\S]*?(\n<!-- \/figures -->)/;

/**
 * The runs of each machine, the oldest Node first. The one without a name is the first, and has the charts.
 *
 * @returns {Promise<[string, any[]][]>}
 */
async function runs() {
  const names = await readdir(FIGURES);
  /** @type {Map<string, { major: number, name: string }[]>} */
  const machines = new Map([['', []]]);
  for (const name of names.sort()) {
    const [, major, machine = ''] = /^node-(\d+)(?:\.([a-z0-9-]+))?\.json$/.exec(name) ?? [];
    if (major === undefined) continue;
    machines.set(machine, [...(machines.get(machine) ?? []), { major: Number(major), name }]);
  }
  return Promise.all(
    [...machines].map(async ([machine, list]) => {
      list.sort((a, b) => a.major - b.major);
      const read = list.map(async ({ name }) => JSON.parse(await readFile(new URL(name, FIGURES), 'utf8')));
      return /** @type {[string, any[]]} */ ([machine, await Promise.all(read)]);
    }),
  );
}

/** Draws the charts and writes the tables. */
export async function writeDocs() {
  const [[, all] = ['', []], ...others] = await runs();
  const page = await readFile(PAGE, 'utf8');
  if (!MARKED.test(page)) throw new Error('docs/benchmarks.md has lost its markers.');
  await writeFile(
    PAGE,
    page.replace(MARKED, (_, from, to) => `${from}\n${section(all, others)}${to}`),
  );
  for (const name of rowNames(all)) {
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

/** @param {any[]} all @param {[string, any[]][]} others */
function section(all, others) {
  const names = rowNames(all);
  return [
    '### The runs',
    '',
    ...all.map(aboutRun),
    '',
    '### The bars',
    '',
    barTable(all),
    '',
    ...others.flatMap(([machine, runs]) => [
      `### The bars on another machine: ${machine}`,
      '',
      ...runs.map(aboutRun),
      '',
      barTable(runs),
      '',
    ]),
    ...names.map((name) => rowSection(name, all)),
  ].join('\n');
}

/** @param {any[]} all @returns {string[]} */
function rowNames(all) {
  return [...new Set(all.flatMap(({ rows }) => rows.map((/** @type {any} */ row) => row.name)))];
}

/** @param {any} run */
function aboutRun({ node, at, cores, cpu, memoryGiB, load, rounds, interrupted }) {
  const when = `- Node ${node.slice(1)}: ${at.slice(0, 16).replace('T', ' ')} UTC, ${cores} cores of ${cpu}, ${memoryGiB} GiB`;
  const how = `${rounds} rounds, load average ${load[0]} before and ${load[1]} after`;
  const noise = interrupted
    ? `; a program that reads its clock was interrupted ${interrupted.perSecond} times a second, ${interrupted.percent} % of the time`
    : '';
  return `${when}, ${how}${noise}`;
}

/** @param {any[]} runs */
function barTable(runs) {
  return table(
    ['row', 'bar', ...runs.map(({ node }) => `Node ${node.slice(1)}`)],
    rowNames(runs).flatMap((name) => barLines(name, runs)),
  );
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
