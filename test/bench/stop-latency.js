// @ts-check
// How late a runaway is stopped, and what its neighbours notice: a guest that never returns is called a hundred times
// with a deadline, while a well-behaved one is called all the time. Beside it the same without metering, where the end
// of a thread is the only way to stop a guest.
//
//   node test/bench/stop-latency.js [--smoke]

import { createHost } from 'cordon';

const smoke = process.argv.includes('--smoke');
const STOPS = smoke ? 5 : 100;
const DEADLINE_MS = 20;
const guests = new URL('../../guest-examples', import.meta.url).pathname;
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** @param {number[]} values @param {number} share */
const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

/** Calls of the neighbour in a second while `work` goes on. @param {import('cordon').Host} host @param {() => Promise<void>} work */
async function callsPerSecond(host, work) {
  let calls = 0;
  let going = true;
  const start = performance.now();
  const neighbour = (async () => {
    while (going) {
      await host.call('@acme/count-vowels', 'count_vowels', 'a neighbour');
      calls++;
    }
  })();
  await work();
  going = false;
  await neighbour;
  return calls / ((performance.now() - start) / 1000);
}

for (const metering of [true, false]) {
  const host = await createHost({
    catalog: [guests],
    metering,
    threads: { min: 2, max: 2 },
    quarantine: { maxViolations: Number.POSITIVE_INFINITY },
    logger: silent,
  });
  await host.load(['@acme/count-vowels', '@acme/runaway']);
  await host.call('@acme/runaway', 'ping');
  const idle = () => new Promise((resolve) => setTimeout(resolve, STOPS * DEADLINE_MS));
  const alone = await callsPerSecond(host, async () => void (await idle()));
  /** @type {number[]} */
  const late = [];
  /** @type {number[]} */
  const again = [];
  const beside = await callsPerSecond(host, async () => {
    for (let i = 0; i < STOPS; i++) {
      const start = performance.now();
      await host.call('@acme/runaway', 'spin', '', { timeoutMs: DEADLINE_MS }).catch(() => {});
      late.push(performance.now() - start - DEADLINE_MS);
      const next = performance.now();
      await host.call('@acme/runaway', 'ping');
      again.push(performance.now() - next);
    }
  });
  const ms = (/** @type {number} */ value) => `${value.toFixed(2)} ms`;
  console.log(
    `${metering ? 'metered' : 'unmetered'}: settled ${ms(percentile(late, 0.5))} after the deadline (p99 ${ms(percentile(late, 0.99))}), ` +
      `next call answered ${ms(percentile(again, 0.5))} later (p99 ${ms(percentile(again, 0.99))}); ` +
      `neighbour: ${(beside / alone).toFixed(2)} of its calls per second beside an idle host; threads lost: ${host.stats().restarts} restarts`,
  );
  await host.close();
}
