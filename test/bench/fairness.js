// @ts-check
// What a quiet plugin notices of one that floods its host: the time of single calls of a small plugin, alone and beside
// another of which 500 calls wait all the time. One thread and one place for all, so that they meet everywhere: in the
// places of the host, and in the thread. "Fair" is: it waits for the call that runs, and not for those that wait.
//
//   node test/bench/fairness.js [--smoke]

import { createHost } from 'cordon';

const smoke = process.argv.includes('--smoke');
const CALLS = smoke ? 20 : 300;
const FLOOD = 500;
const guests = new URL('../../guest-examples', import.meta.url).pathname;
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const document = 'A line of *text* with `code`, and a [link](https://example.com).\n\n'.repeat(
  smoke ? 20 : 200,
);

/** @param {number[]} values @param {number} share */
const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

/** @param {number[]} values */
const line = (values) =>
  `p50 ${percentile(values, 0.5).toFixed(3)} ms, p99 ${percentile(values, 0.99).toFixed(3)} ms`;

/** @param {import('cordon').Host} host */
async function quietCalls(host) {
  /** @type {number[]} */
  const times = [];
  for (let i = 0; i < CALLS; i++) {
    const start = performance.now();
    await host.call('@acme/count-vowels', 'count_vowels', 'a quiet neighbour');
    times.push(performance.now() - start);
  }
  return times;
}

for (const concurrentCalls of [1, 100]) {
  const host = await createHost({
    catalog: [guests],
    threads: { min: 1, max: 1 },
    budget: { concurrentCalls, cpuPercent: Number.POSITIVE_INFINITY },
    logger: silent,
  });
  await host.load(['@acme/count-vowels', '@acme/markdown']);
  const flood = () => host.call('@acme/markdown', 'render', document);
  await quietCalls(host);
  /** @type {number[]} */
  const alone = [];
  for (let i = 0; i < (smoke ? 3 : 30); i++) {
    const start = performance.now();
    await flood();
    alone.push(performance.now() - start);
  }
  const quiet = await quietCalls(host);
  let going = true;
  let flooded = 0;
  const floods = Array.from({ length: FLOOD }, async () => {
    while (going) {
      await flood();
      flooded++;
    }
  });
  const beside = await quietCalls(host);
  going = false;
  const during = flooded;
  console.log(`budget.concurrentCalls ${concurrentCalls}, one thread`);
  console.log(`  a call of the flood takes    ${line(alone)}`);
  console.log(`  the quiet plugin alone       ${line(quiet)}`);
  console.log(`  beside ${FLOOD} waiting calls     ${line(beside)}; the flood went on with ${during} calls`);
  await Promise.all(floods);
  await host.close();
}
