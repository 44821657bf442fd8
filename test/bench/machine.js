// @ts-check
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';

/** What a reader has to know of where the figures come from. */
export const machine = () => ({
  node: process.version,
  v8: process.versions.v8,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  platform: `${process.platform} ${process.arch}`,
  interrupted: interruptions(),
});

/** What an interruption takes at least, in milliseconds: reading the clock takes a twentieth of it. */
const INTERRUPTION_MS = 0.001;
const LOOK_MS = 500;

/**
 * How a program fares here that only reads its clock: how often a second something takes a microsecond and more of its time,
 * and how much of it in all. One virtual machine had 18 000 and 6 %: there no p99 of microseconds is a program's own.
 */
function interruptions() {
  countInterruptions(LOOK_MS / 10);
  const { count, lostMs, ms } = countInterruptions(LOOK_MS);
  return { perSecond: Math.round((count * 1000) / ms), percent: Number(((lostMs * 100) / ms).toFixed(1)) };
}

/** @param {number} forMs */
function countInterruptions(forMs) {
  const start = performance.now();
  let last = start;
  let count = 0;
  let lostMs = 0;
  while (last - start < forMs) {
    const now = performance.now();
    if (now - last >= INTERRUPTION_MS) {
      count++;
      lostMs += now - last;
    }
    last = now;
  }
  return { count, lostMs, ms: last - start };
}

/** The load of the last minute; 0 on systems that do not tell. */
export const load = () => Number((loadavg()[0] ?? 0).toFixed(2));
