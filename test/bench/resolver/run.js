// @ts-check
// The resolver beside a naive backtracking one, each universe in fresh processes, interleaved:
//
//   npm run bench:resolver                       all universes, 9 processes each
//   npm run bench:resolver -- --rounds 31
//   npm run bench:resolver -- --only diamonds    universes with that in their title
//
// Times are milliseconds of processor time, which other work on the machine lengthens less than a clock's: cold is the first
// resolution of a process, warm the median of ten more in the same one, both with what V8 compiles and collects in its own
// threads; "main" is what of cold the thread of the event loop takes. In parentheses between which values the middle half
// of the processes lies.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, machine } from '../machine.js';
import { figure, spread } from '../statistics.js';
import { UNIVERSES } from './universes.js';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, only: { type: 'string', default: '' } },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1.');
const titles = Object.keys(UNIVERSES).filter((title) => title.includes(options.only));
if (titles.length === 0) throw new Error(`No universe has "${options.only}" in its title.`);

const child = fileURLToPath(new URL('child.js', import.meta.url));

/**
 * @typedef {object} Work
 * @property {number} coldMs
 * @property {number} coldMainMs
 * @property {number} warmMs
 * @property {number} decisions
 * @property {number} conflicts
 * @property {string} outcome
 */

/** @param {string} title @param {'cordon' | 'naive'} solver @returns {Work} */
function solve(title, solver) {
  const printed = execFileSync(process.execPath, ['--expose-gc', child, title, solver], { encoding: 'utf8' });
  return JSON.parse(printed);
}

/** @param {readonly number[]} values */
function range(values) {
  const { median, low, high } = spread(values);
  return `${figure(median)} (${figure(low)} to ${figure(high)})`;
}

/** @type {Map<string, Work[]>} */
const works = new Map(titles.map((title) => [title, []]));
/** @type {Map<string, Work>} */
const naive = new Map();
const before = load();
for (let round = 0; round < rounds; round++) {
  for (const title of titles) {
    works.get(title)?.push(solve(title, 'cordon'));
    // It takes long where it gives up, and does the same each time.
    if (round === 0) naive.set(title, solve(title, 'naive'));
  }
}

console.log(
  `${JSON.stringify(machine())}, load ${before} before and ${load()} after, ${rounds} processes each\n`,
);
console.log(
  '| universe | outcome | decisions | conflicts | cold ms | main ms | warm ms | naive: decisions | naive: ms |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const [title, rows] of works) {
  const [first] = rows;
  const other = naive.get(title);
  if (first === undefined || other === undefined) continue;
  const { outcome, decisions, conflicts } = first;
  const cold = range(rows.map(({ coldMs }) => coldMs));
  const main = range(rows.map(({ coldMainMs }) => coldMainMs));
  const warm = range(rows.map(({ warmMs }) => warmMs));
  const theirs = `${other.outcome === outcome ? '' : `${other.outcome} after `}${figure(other.decisions)}`;
  console.log(
    `| ${title} | ${outcome} | ${decisions} | ${conflicts} | ${cold} | ${main} | ${warm} | ${theirs} | ${figure(other.coldMs)} |`,
  );
  if (rows.some((row) => row.decisions !== decisions || row.conflicts !== conflicts))
    throw new Error(`${title}: not the same work in every process.`);
}
