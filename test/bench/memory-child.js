// @ts-check
// The memory of loaded plugins, in a process of its own: `node --expose-gc memory-child.js <cordon|background> <count>…`.
// Prints what the process has (RSS) at each count, and the kibibytes that a plugin more takes, as JSON.
import { readFileSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';
import createPlugin from '@extism/extism';
import { createHost } from 'cordon';
import { echo } from './guests.js';
import { inMemory } from './hosts.js';

const [peer = 'cordon', ...counts] = process.argv.slice(2);
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const collect = /** @type {() => void} */ (globalThis.gc);
/** So many are loaded before the counting begins: by then the heaps have grown to what any busy host comes to have. */
const WARM = 300;
/** Objects that live for a while in {@link fillYoungGeneration}. */
const RING = 20_000;
/** Plugins that are loaded with one call of `load`. */
const BATCH = 250;

/**
 * V8's young generation grows with all that ever survived in it, to a size that has nothing to do with plugins (here 32 MiB
 * on Node 20, 128 on Node 24, 64 on Node 26). That of a busy host has it; without this the plugins that are counted would pay for
 * it: 20 to 30 KiB each on Node 24 and 26.
 */
function fillYoungGeneration() {
  const size = () =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.physical_space_size ?? 0;
  /** @type {object[]} */
  const ring = [];
  for (let last = 0, same = 0; same < 3; ) {
    for (let i = 0; i < 100 * RING; i++) ring[i % RING] = { i, of: [i] };
    same = size() > last ? 0 : same + 1;
    last = Math.max(last, size());
  }
}

/** Bytes in memory; the pages that a guest never touched are not among them. */
function resident() {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  // Not memoryUsage.rss(): Linux counts a thread's pages late there.
  return Number(/^Rss:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1]) * 1024;
}

async function settled() {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return resident();
}

async function cordon() {
  const host = await createHost({
    logger: silent,
    threads: { min: 1, max: 1 },
    budget: { cpuPercent: Number.POSITIVE_INFINITY },
  });
  return {
    /** @param {number} from @param {number} to */
    async load(from, to) {
      for (let at = from; at < to; at += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, to - at) }, (_, i) =>
          inMemory(`p${at + i}`, echo),
        );
        for (const plugin of await host.load(batch)) await plugin.call('echo', 'x');
      }
    },
    close: () => host.close(),
    instances: () => host.stats().instances,
  };
}

function background() {
  /** @type {import('@extism/extism').Plugin[]} */
  const plugins = [];
  return {
    /** @param {number} from @param {number} to */
    async load(from, to) {
      for (let at = from; at < to; at++) {
        const plugin = await createPlugin({ wasm: [{ data: echo }] }, { runInWorker: true });
        await plugin.call('echo', 'x');
        plugins.push(plugin);
      }
    },
    close: () => Promise.all(plugins.map((plugin) => plugin.close())),
    instances: () => plugins.length,
  };
}

const { load, close, instances } = peer === 'cordon' ? await cordon() : background();
fillYoungGeneration();
const warm = peer === 'cordon' ? WARM : 2;
await load(0, warm);
let last = { count: 0, bytes: await settled() };
const marks = [];

for (const count of counts.map(Number)) {
  const start = performance.now();
  await load(warm + last.count, warm + count);
  const ms = performance.now() - start;
  const bytes = await settled();
  const kib = (bytes - last.bytes) / 1024 / (count - last.count);
  marks.push({ count, kib, msEach: ms / (count - last.count), instances: instances() });
  last = { count, bytes };
}
await close();
console.log(JSON.stringify(marks));
