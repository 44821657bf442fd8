// @ts-check
// What this process has and how fast it is, every so often.
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { guestProcesses } from './operator.js';
import { percentile } from './slope.js';

const MiB = 1024 * 1024;

/**
 * @typedef {object} Sample
 * @property {number} minutes since the start
 * @property {number} rss MiB, of this process; children apart
 * @property {number} heapUsed MiB, after a full garbage collection, as all of this process's memory
 * @property {number} external MiB
 * @property {number} arrayBuffers MiB
 * @property {number} children MiB of resident memory of all child processes
 * @property {number} descriptors
 * @property {number} threads of the operating system
 * @property {number} resources what Node says keeps the process alive
 * @property {number} processes
 * @property {number} instances
 * @property {number} guestMemory MiB that guests have
 * @property {number} callsPerSecond
 * @property {number | undefined} p50 ms
 * @property {number | undefined} p99 ms
 * @property {number | undefined} loopDelay ms, 99 % of the turns of the event loop were late by less
 */

/** Takes samples of the process, its hosts and its clients. */
export class Sampler {
  #hosts;
  #clients;
  #started = performance.now();
  #last = { at: performance.now(), settled: 0 };
  #delay = monitorEventLoopDelay({ resolution: 10 });
  /** @type {Sample[]} */
  samples = [];

  /** @param {readonly import('cordon').Host[]} hosts @param {readonly import('./clients.js').Clients[]} clients */
  constructor(hosts, clients) {
    this.#hosts = hosts;
    this.#clients = clients;
    this.#delay.enable();
  }

  /** One more. */
  take() {
    const now = performance.now();
    const settled = this.#clients.reduce((sum, one) => sum + one.settled, 0);
    const latencies = this.#clients.flatMap((one) => one.latencies.splice(0));
    const loopDelay = this.#delay.percentile(99) / 1e6 - 10;
    const stats = this.#hosts.map((host) => host.stats());
    globalThis.gc?.();
    const memory = process.memoryUsage();
    const pids = guestProcesses();
    const sample = {
      minutes: round((now - this.#started) / 60_000),
      rss: round(memory.rss / MiB),
      heapUsed: round(memory.heapUsed / MiB),
      external: round(memory.external / MiB),
      arrayBuffers: round(memory.arrayBuffers / MiB),
      children: round(pids.reduce((sum, pid) => sum + residentMiB(pid), 0)),
      descriptors: count('/proc/self/fd'),
      threads: count('/proc/self/task'),
      resources: process.getActiveResourcesInfo().length,
      processes: pids.length,
      instances: stats.reduce((sum, one) => sum + one.instances, 0),
      guestMemory: round(stats.reduce((sum, one) => sum + one.memoryBytes, 0) / MiB),
      callsPerSecond: round(((settled - this.#last.settled) / (now - this.#last.at)) * 1000),
      p50: rounded(percentile(latencies, 0.5)),
      p99: rounded(percentile(latencies, 0.99)),
      loopDelay: rounded(Math.max(0, loopDelay)),
    };
    this.#last = { at: performance.now(), settled };
    // The collection that was asked for is no delay of the host's.
    this.#delay.reset();
    this.samples.push(sample);
    return sample;
  }

  stop() {
    this.#delay.disable();
  }
}

/** What this process has open. */
export function holdings() {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return {
    descriptors: count('/proc/self/fd'),
    threads: count('/proc/self/task'),
    resources: process.getActiveResourcesInfo().length,
    processes: guestProcesses().length,
    heapUsed: round(heapUsed / MiB),
    external: round(external / MiB),
  };
}

/** @param {string} folder */
function count(folder) {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}

/** @param {number} pid */
function residentMiB(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** @param {number} value */
const round = (value) => Math.round(value * 100) / 100;
/** @param {number | undefined} value */
const rounded = (value) => (value === undefined ? undefined : round(value));
