// What each tier of isolation costs: `node test/bench/isolation.js` after `npm run build`.
import { readFileSync } from 'node:fs';
import { createHost } from 'cordon';

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const wasm = readFileSync(new URL('../../guest-examples/count-vowels/count-vowels.wasm', import.meta.url));
const plugin = (name) => ({ manifest: { manifestVersion: 1, name, version: '1.0.0' }, wasm });
const ROUNDS = 7;
const CALLS = 2000;
const TEXT = 'the quick brown fox jumps over the lazy dog';

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const rss = () => {
  let pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]);
  for (const pid of readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')) {
    if (pid) pages += Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  }
  return (pages * 4096) / 2 ** 20;
};

console.log('tier          load ms   one call µs  64 at a time    MiB each');
for (const isolation of ['shared', 'thread', 'process']) {
  const host = await createHost({ logger: silent, isolation });
  await host.load(plugin('warm'));
  await host.call('warm', 'count_vowels', TEXT);
  const before = rss();
  const loads = [];
  for (let i = 0; i < ROUNDS; i++) {
    const from = performance.now();
    await host.load(plugin(`p${i}`));
    loads.push(performance.now() - from);
  }
  const memory = (rss() - before) / ROUNDS;
  const single = [];
  const many = [];
  for (let i = 0; i < ROUNDS; i++) {
    let from = performance.now();
    for (let call = 0; call < CALLS; call++) await host.call('warm', 'count_vowels', TEXT);
    single.push(((performance.now() - from) * 1000) / CALLS);
    from = performance.now();
    const worker = async () => {
      for (let call = 0; call < CALLS / 64; call++) await host.call('warm', 'count_vowels', TEXT);
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    many.push(((performance.now() - from) * 1000) / CALLS);
  }
  const figures = [median(loads), median(single), median(many), memory].map((value) =>
    value.toFixed(1).padStart(12),
  );
  console.log(isolation.padEnd(8), figures.join('  '));
  await host.close();
}
