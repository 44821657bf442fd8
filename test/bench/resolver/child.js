// @ts-check
// One fresh process: solves one universe, first as the first thing that it does, then again. Started by run.js with the
// title of the universe and the name of the solver; prints one line of JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import { resolve } from '../../../dist/src/resolver/resolve.js';
import { solveNaively } from '../../resolver/naive.js';
import { median } from '../statistics.js';
import { UNIVERSES } from './universes.js';

/** After so many decisions the naive solver is stopped: it would take hours. */
const MAX_DECISIONS = 20_000;
const WARM_RUNS = 10;

const [title = '', solver] = process.argv.slice(2);
const universe = UNIVERSES[title]?.();
if (universe === undefined) throw new Error(`No universe has the title "${title}".`);
const { specs, source, locked } = universe;

/** @returns {Promise<Record<string, number | string>>} */
async function cordon() {
  const request = { specs, source, ...(locked && { locked }) };
  try {
    const { figures, order } = await resolve(request);
    return { ...figures, outcome: `${order.length} plugins` };
  } catch (error) {
    const { code, details } = /** @type {import('../../../dist/src/errors/cordon-error.js').CordonError} */ (
      error
    );
    const figures = /** @type {Record<string, number>} */ (details.figures);
    return { ...figures, outcome: code };
  }
}

/** @returns {Promise<Record<string, number | string>>} */
async function naive() {
  const { set, decisions, gaveUp } = solveNaively(/** @type {any} */ (universe), MAX_DECISIONS);
  const outcome = gaveUp ? 'gave up' : set === undefined ? 'nothing fits' : `${set.size} plugins`;
  return { decisions, outcome };
}

const solve = solver === 'naive' ? naive : cordon;

/** Milliseconds of processor time, with those of V8's own threads. */
async function timed() {
  const before = process.cpuUsage();
  const work = await solve();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, work };
}

// What making the universe left behind, garbage and code that V8 still compiles in its own threads, is not the solver's.
globalThis.gc?.();
await sleep(500);
const cold = await timed();
/** @type {number[]} */
const warm = [];
while (solver !== 'naive' && warm.length < WARM_RUNS) warm.push((await timed()).ms);
console.log(JSON.stringify({ ...cold.work, coldMs: cold.ms, warmMs: median(warm) }));
