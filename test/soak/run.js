// @ts-check
// 200 plugins, good and bad, on two hosts of one process, one that meters and one that does not, called without a pause while
// they are reloaded, broken, unloaded, quarantined, killed and attacked:
//
//   npm run soak -- --minutes 20              writes figures and charts into docs/soak
//   npm run soak -- --seconds 35 --plugins 60 a short one, which fails on lost calls and on growth, and writes nothing
//   npm run soak -- --minutes 60 --out /tmp/soak
//
// Ends with 1 where a call was lost, doubled, never settled, failed without a reason or was answered wrongly, where
// something grew after warm-up or was left after close.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createHost, defineHostFunction } from 'cordon';
import { isLegal } from '../../dist/src/lifecycle/transitions.js';
import { HOST_FUNCTIONS } from '../hostile/host-functions.js';
import { openWorld } from '../hostile/world.js';
import { Clients } from './clients.js';
import { Ledger } from './ledger.js';
import { Operator } from './operator.js';
import { populate } from './population.js';
import { middles, tell, verdicts, writeReport } from './report.js';
import { holdings, Sampler } from './sampler.js';

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    plugins: { type: 'string', default: '200' },
    out: { type: 'string' },
  },
});
const short = given.seconds !== undefined;
const seconds = short ? Number(given.seconds) : Number(given.minutes ?? 20) * 60;
const plugins = Number(given.plugins);
const out = given.out ?? (short ? undefined : 'docs/soak');
const everyMs = Math.max(500, Math.min(10_000, (seconds * 1000) / 120));
if (!(seconds > 0) || !(plugins >= 20))
  throw new Error('Give --minutes or --seconds, and at least 20 --plugins.');

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {}, child: () => silent };
/** @type {string[]} */
const wrong = [];
process.on('uncaughtException', (error) => wrong.push(`uncaught: ${error?.stack ?? error}`));
process.on('unhandledRejection', (error) => wrong.push(`unhandled: ${error}`));

const root = mkdtempSync(join(tmpdir(), 'cordon-soak-'));
const place = await openWorld();
const server = createServer((request, response) => response.end(request.headers['x-id'] ?? 'no id'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const ledger = new Ledger();
const atStart = holdings();

const events = { lifecycle: 0, violations: 0, restarts: 0, reloads: 0, threadsLost: 0 };

/** @param {string} name @param {number} count @param {Partial<import('cordon').HostOptions>} options */
async function open(name, count, options) {
  const members = populate({ root, host: name, count, port, processes: process.platform === 'linux' });
  const host = await createHost({
    catalog: [join(root, name)],
    logger: silent,
    threads: { min: 2, max: 2, idleMs: 5000 },
    idle: { unloadAfterMs: Math.min(20_000, seconds * 100), sweepMs: 1000 },
    cache: { maxBytes: '4MiB', directory: join(root, `${name}-cache`) },
    isolation: Object.fromEntries(members.map((member) => [member.name, member.isolation])),
    hostFunctions: /** @type {any} */ ({
      ...Object.fromEntries(
        Object.entries(HOST_FUNCTIONS).map(([key, { params, result, handler }]) => [
          key,
          defineHostFunction(
            /** @type {any} */ ({ ...(params && { params }), ...(result && { result }) }),
            /** @type {any} */ (handler),
          ),
        ]),
      ),
      takes_text: defineHostFunction({ params: ['text'] }, (text) => ledger.run(text)),
      wait: defineHostFunction({}, () => sleep(Math.random() * 10)),
    }),
    onPermissionRequest: async () => 'grant',
    grants: { '*': { http: ['127.0.0.1'] } },
    ...options,
  });
  const kinds = new Map(members.map((member) => [member.name, member.kind]));
  let told = 0;
  host.on('call', ({ plugin, ok }) => {
    told++;
    const kind = kinds.get(plugin);
    // Plugins of the corpus come and go, and nobody counts their calls.
    if (kind === undefined) return;
    ledger.events++;
    if (kind === 'service') ledger.nested++;
    if (!ok) ledger.eventErrors++;
  });
  host.on('lifecycle', ({ plugin, from, to }) => {
    events.lifecycle++;
    if (!isLegal(from, to)) wrong.push(`${plugin} went from ${from} to ${to}`);
  });
  host.on('violation', () => events.violations++);
  host.on('plugin:restarted', () => events.restarts++);
  host.on('plugin:reloaded', () => events.reloads++);
  host.on('warning', ({ topic }) => {
    if (topic === 'thread') events.threadsLost++;
  });
  const begun = performance.now();
  await host.load(members.map((member) => member.name));
  console.log(`${name}: ${members.length} plugins loaded in ${Math.round(performance.now() - begun)} ms`);
  return { host, members, told: () => told, clients: new Clients({ host, members, ledger, port }) };
}

const metered = await open('metered', Math.ceil(plugins / 2), {});
const bare = await open('bare', Math.floor(plugins / 2), { metering: false });
const both = [metered, bare];
const everyone = both.flatMap(({ members }) => members);
const operators = both.map(({ host, members }) => new Operator({ host, members, everyone, place, silent }));
for (const { host, clients } of both) {
  clients.start({ good: 10, goodPauseMs: 25, badPauseMs: host === bare.host ? 2500 : 800 });
}
for (const [i, operator] of operators.entries()) operator.start(200, i === 0);

const sampler = new Sampler(
  both.map(({ host }) => host),
  both.map(({ clients }) => clients),
);
const from = new Date();
const until = performance.now() + seconds * 1000;
let told = 0;
while (performance.now() < until) {
  await sleep(everyMs);
  const soFar = [...wrong, ...operators.flatMap((one) => one.wrong), ...ledger.unexplained.keys()];
  if (soFar.length > told) console.log(`went wrong: ${soFar.at(-1)}`);
  told = soFar.length;
  const { minutes, rss, heapUsed, external, descriptors, threads, callsPerSecond, p50, p99 } = sampler.take();
  console.log(
    `${minutes} min  rss ${rss}  heap ${heapUsed}  external ${external} MiB  fds ${descriptors}  threads ${threads}  ${callsPerSecond} calls/s  p50 ${p50} p99 ${p99} ms  wrong ${told}`,
  );
}
await Promise.all(operators.map((operator) => operator.stop()));
await Promise.all(both.map(({ clients }) => clients.stop()));
sampler.stop();

for (const { host, members, told, clients } of both) {
  const { calls, inFlight, queued } = host.stats();
  if (inFlight !== 0 || queued !== 0)
    wrong.push(`stats() has ${inFlight} calls in flight and ${queued} queued at the end`);
  if (calls < told()) wrong.push(`stats() counts ${calls} calls, and ${told()} were told`);
  if (host.list().length !== members.length)
    wrong.push(`${host.list().length} plugins are loaded of ${members.length}`);
  wrong.push(...clients.miscounts().map((one) => `an anchor counts otherwise: ${JSON.stringify(one)}`));
  await host.close();
}
const account = ledger.report();
await place.close();
server.closeAllConnections();
await new Promise((resolve) => server.close(resolve));
rmSync(root, { recursive: true, force: true });
const atEnd = await settled();
for (const operator of operators) wrong.push(...operator.wrong);
for (const [text, times] of ledger.unexplained) wrong.push(`${times} times: ${text}`);
for (const [name, count] of Object.entries(account.wrong))
  if (count > 0) wrong.push(`calls: ${name}: ${count}`);
for (const [name, count] of Object.entries(atEnd)) {
  const before = atStart[/** @type {keyof typeof atStart} */ (name)];
  const slack = name === 'heapUsed' || name === 'external' ? 40 : 0;
  if (count > before + slack) wrong.push(`left after close: ${name} ${count}, and ${before} at the start`);
}
const { samples } = sampler;
// In half a minute the warm-up of engines is not over.
const judged = verdicts(samples, short ? 4 : 1);
// What is resident still grows then by code that engines compile; the heap, which leaks show in, is judged all the same.
for (const { name, flat } of judged) if (!flat && !(short && name === 'rss')) wrong.push(`${name} grows`);

console.log(`\n${tell(judged, samples).join('\n')}\n`);
console.log(
  JSON.stringify(
    { calls: account, events, acts: operators.map(({ acts }) => acts), atStart, atEnd },
    undefined,
    1,
  ),
);
console.log(
  wrong.length === 0 ? '\nNothing went wrong.' : `\n${wrong.length} things went wrong:\n${wrong.join('\n')}`,
);
if (out !== undefined) {
  const machine = {
    node: process.version,
    processors: availableParallelism(),
    loadAtEnd: loadavg().map((one) => Number(one.toFixed(1))),
  };
  const acts = operators.reduce(
    (sum, one) => {
      for (const [act, times] of Object.entries(one.acts)) sum[act] = (sum[act] ?? 0) + times;
      return sum;
    },
    /** @type {Record<string, number>} */ ({}),
  );
  writeReport(
    out,
    {
      from,
      seconds,
      plugins: everyone.length,
      machine,
      calls: account,
      events,
      acts,
      atStart,
      atEnd,
      judged,
      middles: middles(samples),
      wrong,
    },
    samples,
  );
}
process.exitCode = wrong.length === 0 ? 0 : 1;

/** What this process has when its sockets and threads had time to go. */
async function settled() {
  let now = holdings();
  for (let turn = 0; turn < 100; turn++) {
    if (
      now.descriptors <= atStart.descriptors &&
      now.threads <= atStart.threads &&
      now.resources <= atStart.resources
    )
      break;
    await sleep(20);
    now = holdings();
  }
  return now;
}
