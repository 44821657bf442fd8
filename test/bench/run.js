// @ts-check
// Cordon beside its peers, on the same guests in one run: rounds are interleaved, each figure is the median of its rounds,
// and what counts is the ratio. What each row shows, and what it does not: docs/benchmarks.md.
//
//   npm run bench                       all rows
//   npm run bench -- --only echo-64-kib,per-call
//   npm run bench -- --smoke            few and short rounds: does it run and answer right, nothing is judged
//   npm run bench -- --rounds 15        default 9
//   npm run bench -- --json out.json    the figures
//   npm run bench -- --write            into docs/benchmarks/, with the tables and charts of docs/benchmarks.md; with --only
//                                       the other rows stay as they are
//   npm run bench -- --render           tables and charts anew from the figures that are there

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Bench, judge } from './bench.js';
import { load, machine } from './machine.js';
import { FIGURES, writeDocs } from './report/docs.js';
import { printRow } from './report/print.js';

const ROWS = [
  'echo-one-caller',
  'echo-in-flight',
  'echo-64-kib',
  'echo-1-mib',
  'script',
  'load-compiled',
  'per-call',
  'pool-cpu',
  'waiting',
  'host-function',
  'host-function-async',
  'plugin-call',
  'runaway',
  'event-loop',
  'metering-kernels',
  'metering-programs',
  'memory',
];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    machine: { type: 'string' },
    render: { type: 'boolean', default: false },
  },
});
const only = options.only?.split(',') ?? ROWS;
const unknown = only.filter((name) => !ROWS.includes(name));
if (unknown.length > 0) throw new Error(`No such row: ${unknown.join(', ')}. There are ${ROWS.join(', ')}.`);
const rounds = Number(options.rounds ?? (options.smoke ? 1 : 9));
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1.');
if (options.machine !== undefined && !/^[a-z0-9-]+$/.test(options.machine))
  throw new Error('--machine takes a name of small letters, digits and hyphens.');
if (options.write && options.smoke) throw new Error('--write takes a real run, not --smoke.');

if (!options.render) {
  const begin = load();
  const facts = machine();
  const { perSecond, percent } = facts.interrupted;
  console.log(`Node ${facts.node}, ${facts.cores} × ${facts.cpu}, load ${begin}, ${rounds} rounds`);
  console.log(
    `A program that reads its clock is interrupted ${perSecond} times a second, ${percent} % of the time`,
  );
  const rows = [];
  for (const name of ROWS) {
    if (!only.includes(name)) continue;
    const row = await measure(name);
    rows.push(row);
    printRow(row);
  }
  const results = {
    ...facts,
    at: new Date().toISOString(),
    load: [begin, load()],
    smoke: options.smoke,
    rounds,
    rows,
  };
  if (options.json) await writeFile(options.json, textOf(results));
  if (options.write) {
    await mkdir(FIGURES, { recursive: true });
    const file = new URL(figuresFile(facts.node, options.machine), FIGURES);
    /** @type {{ rows: { name: string }[] }} */
    const before = await readFile(file, 'utf8').then(JSON.parse, () => ({ rows: [] }));
    const both = ROWS.flatMap((name) => [...rows, ...before.rows].find((row) => row.name === name) ?? []);
    await writeFile(file, textOf({ ...results, rows: both }));
  }
}
if (options.write || options.render) await writeDocs();

/** @param {string} node @param {string} [machine] */
function figuresFile(node, machine) {
  return `node-${node.slice(1).split('.')[0]}${machine === undefined ? '' : `.${machine}`}.json`;
}

/** @param {unknown} value */
function textOf(value) {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

/** @param {string} name */
async function measure(name) {
  const { default: row } = /** @type {{ default: import('./bench.js').Row }} */ (
    await import(`./rows/${name}.js`)
  );
  const bench = new Bench({ smoke: options.smoke, rounds });
  const at = load();
  try {
    const samples = await row.run(bench);
    const { run: _run, bar, ...about } = row;
    return {
      ...about,
      at: new Date().toISOString(),
      load: at,
      samples,
      bars: bar.map((one) => judge(one, samples, !options.smoke)),
      notes: bench.notes,
    };
  } finally {
    await bench.close();
  }
}
