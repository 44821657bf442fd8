// The corpus against one host of the built package, in this one process, which has to survive all of it:
//
//   node test/hostile/run-corpus.js                a line for each attack that ended otherwise than expected
//   node test/hostile/run-corpus.js --json         a report as JSON on the last line
//   node test/hostile/run-corpus.js --only <text>  attacks whose topic or name contains it
//
// Beside each attack a well-behaved plugin is called, and asked afterwards whether it has kept its state; then the
// plugin of the attack is unloaded, and threads, descriptors, connections and timers must be as many as before.

import './fake-names.js';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createHost, defineHostFunction } from 'cordon';
import { LIMITS } from './corpus/attack.js';
import { CORPUS } from './corpus/index.js';
import { HOST_FUNCTIONS, takeCalls } from './host-functions.js';
import { neighbour as neighbourModule } from './neighbour.js';
import { openWorld } from './world.js';

process.env.HOSTILE_SECRET = 'yes';
const only = process.argv[process.argv.indexOf('--only') + 1] ?? '';
const wanted = process.argv.includes('--only')
  ? CORPUS.filter(({ topic, name }) => `${topic}: ${name}`.includes(only))
  : CORPUS;
/** What the plugin of an attack is called, also by the other plugins of that attack. */
const PLUGIN = 'a';

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {}, child: () => silent };
const place = await openWorld();
const { world } = place;
/** @type {string[]} */
const crashes = [];
process.on('uncaughtException', (error) => crashes.push(String(error?.stack ?? error)));
process.on('unhandledRejection', (error) => crashes.push(`unhandled: ${error}`));

// Node starts the threads that do its file work when they are needed first: that is to be before, not in, an attack.
await Promise.all(Array.from({ length: 32 }, () => readFile(new URL(import.meta.url))));
const atStart = open();
const host = await createHost({
  logger: silent,
  // One more is started while others wait for the host; it is to end soon after, not in 30 s.
  threads: { min: 2, max: 2, idleMs: 50 },
  idle: { sweepMs: 50 },
  hostFunctions: /** @type {any} */ (
    Object.fromEntries(
      Object.entries(HOST_FUNCTIONS).map(([name, { params, result, handler }]) => [
        name,
        defineHostFunction(
          /** @type {any} */ ({ ...(params && { params }), ...(result && { result }) }),
          /** @type {any} */ (handler),
        ),
      ]),
    )
  ),
  // What an attack asks for it gets; what it does not ask for it must not have.
  onPermissionRequest: async () => 'grant',
  quarantine: { maxViolations: Number.POSITIVE_INFINITY },
});
/** @type {{ plugin: string, kind: string }[]} */
let violations = [];
let lines = { count: 0, bytes: 0, first: '' };
host.on('violation', ({ plugin, kind }) => violations.push({ plugin, kind }));
host.on('log', ({ plugin, message }) => {
  if (plugin === 'neighbour') return;
  if (lines.count++ === 0) lines.first = message.slice(0, 1000);
  lines.bytes += Buffer.byteLength(message);
});
const neighbour = /** @type {import('cordon').Plugin} */ (
  /** @type {unknown} */ (
    await host.load(/** @type {any} */ ({ manifest: manifest('neighbour', {}), wasm: neighbourModule() }))
  )
);
let counted = 0;
await warmUp();
await settled(undefined);
const before = open();
const memoryBefore = memory().now;

const report = [];
for (const attack of wanted) report.push(await run(attack));

await host.close({ drainMs: 0 });
await place.close();
const left = await settled(atStart);
const summary = {
  cases: report,
  crashes,
  left,
  memoryBefore,
  memoryAfter: memory().now,
  node: process.version,
};
if (process.argv.includes('--json')) {
  writeFileSync(1, `${JSON.stringify(summary)}\n`);
} else {
  for (const { topic, name, problems, peakBytes, ms } of report) {
    if (problems.length > 0)
      console.log(`${topic}: ${name}\n${problems.map((problem) => `    ${problem}`).join('\n')}`);
    if (peakBytes > 200 * 1024 * 1024)
      console.log(`${topic}: ${name}: ${Math.round(peakBytes / 1024 / 1024)} MiB`);
    if (ms > 2000) console.log(`${topic}: ${name}: ${ms} ms`);
  }
  console.log(
    `${report.length} attacks, ${report.filter(({ problems }) => problems.length > 0).length} with problems`,
  );
  console.log(JSON.stringify({ crashes, left, memoryBefore, memoryAfter: summary.memoryAfter }));
}

/** @param {import('./corpus/attack.js').Attack} attack */
async function run(attack) {
  const started = Date.now();
  place.reset();
  takeCalls();
  violations = [];
  lines = { count: 0, bytes: 0, first: '' };
  const others = Object.entries(attack.others ?? {});
  const modules = /** @type {const} */ ([[PLUGIN, attack.guest], ...others]).map(([name, guest]) => ({
    manifest: manifest(name, guest),
    wasm: guest.wasm(),
  }));
  const startBytes = resetPeak();
  const meanwhile = outcome('echo', neighbour.call('echo', 'meanwhile', { timeoutMs: 10_000 }));
  /** @type {import('./corpus/attack.js').Outcome[]} */
  const outcomes = [];
  // The others may call each other in a circle, which dependencies could not: they are loaded in any order.
  for (const module of modules.reverse()) {
    outcomes.push(await outcome('load', host.load(/** @type {any} */ (module))));
  }
  outcomes.splice(0, modules.length - 1);
  const isLoaded = host.list().some(({ name }) => name === PLUGIN);
  for (const { fn, input } of isLoaded ? attack.calls : []) {
    const data = typeof input === 'function' ? input(world) : input;
    outcomes.push(await outcome(fn, host.call(PLUGIN, fn, data)));
  }
  const evidence = {
    outcomes,
    lines: lines.count,
    lineBytes: lines.bytes,
    firstLine: lines.first,
    hostFunction: takeCalls(),
    ...place.seen(),
  };
  const problems = [...unexpected(attack, evidence)];
  const got = attack.got(evidence, world);
  if (got) problems.push(`the guest got: ${got}`);
  if (isLoaded && host.plugin(PLUGIN).has('fine')) {
    const fine = await outcome('fine', host.call(PLUGIN, 'fine'));
    if (fine.code || fine.pending)
      problems.push(`the plugin is not usable afterwards: ${fine.code}: ${fine.message}`);
  }
  for (const { name } of host.list()) {
    if (name === 'neighbour') continue;
    const gone = await outcome('unload', host.unload(name, { drainMs: 0, cascade: true }));
    if (gone.code || gone.pending) problems.push(`it could not be unloaded: ${gone.message ?? 'pending'}`);
  }
  const beside = await meanwhile;
  if (beside.output !== 'meanwhile') problems.push(`the neighbour did not answer beside it: ${beside.code}`);
  const counts = await outcome('count', neighbour.call('count'));
  if (Number(counts.output) !== ++counted) {
    problems.push(`the neighbour counts ${counts.output ?? counts.code} and not ${counted}`);
    counted = Number(counts.output ?? 0);
  }
  const blamed = violations.filter(({ plugin }) => plugin === 'neighbour');
  if (blamed.length > 0) problems.push(`the neighbour is blamed for ${blamed.map(({ kind }) => kind)}`);
  const left = await settled(before);
  if (left.length > 0) problems.push(`left behind: ${left.join(', ')}`);
  if (crashes.length > 0) problems.push(`uncaught: ${crashes.splice(0).join('; ')}`);
  return {
    topic: attack.topic,
    name: attack.name,
    problems,
    outcomes: outcomes.map(short),
    violations: violations.map(({ kind }) => kind),
    peakBytes: memory().peak - startBytes,
    ms: Date.now() - started,
  };
}

/**
 * @param {import('./corpus/attack.js').Attack} attack
 * @param {import('./corpus/attack.js').Evidence} evidence
 */
function* unexpected(attack, { outcomes }) {
  const [load, ...calls] = outcomes;
  const found = load?.code || load?.pending ? [`load ${short(load)}`] : calls.map(short);
  const fits = attack.expected.every((expected, i) =>
    new RegExp(`^(?:${expected})(?: .*)?$`, 's').test(found[i] ?? ''),
  );
  if (!fits || found.length !== attack.expected.length) {
    const messages = outcomes.map(({ message = '' }) => message.slice(0, 300)).join(' ');
    yield `expected ${attack.expected.join(', ')}, found ${found.map((text) => text.slice(0, 100)).join(', ')} ${messages}`;
  }
  const kinds = violations.filter(({ plugin }) => plugin !== 'neighbour').map(({ kind }) => kind);
  const pattern = attack.violations.map((kind) => `(?:${kind}) ?`).join('');
  if (!new RegExp(`^${pattern}$`).test(kinds.join(' '))) {
    yield `expected the violations [${attack.violations}], found [${kinds}]`;
  }
}

/** @param {import('./corpus/attack.js').Outcome} outcome */
function short({ output, code, pending }) {
  return pending ? 'pending' : (code ?? (output ? `ok ${output.slice(0, 100)}` : 'ok'));
}

/** What became of a promise, pending after 15 s. @param {string} fn @param {Promise<any>} promise */
async function outcome(fn, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const pending = new Promise((resolve) => {
    timer = setTimeout(resolve, 15_000, { fn, pending: true });
  });
  const result = await Promise.race([
    pending,
    promise.then(
      (value) => {
        const bytes = value?.bytes?.();
        return {
          fn,
          output: bytes && Buffer.from(bytes.subarray(0, 4096)).toString('latin1'),
          bytes: bytes?.length,
        };
      },
      (error) => ({
        fn,
        code: error?.code ?? String(error),
        message: String(error?.message).slice(0, 1000),
        messageLength: String(error?.message).length,
      }),
    ),
  ]);
  clearTimeout(timer);
  return result;
}

/** @param {string} name @param {Partial<import('./corpus/attack.js').Guest>} guest */
function manifest(name, guest) {
  return {
    manifestVersion: 1,
    name,
    version: '1.0.0',
    ...(guest.permissions && { permissions: guest.permissions(world) }),
    limits: { ...(name === 'neighbour' ? {} : LIMITS), ...guest.limits },
    ...(guest.config && { config: guest.config }),
    ...(guest.instance && { instance: guest.instance }),
  };
}

/** What this process has open: descriptors, threads, and what keeps it alive. */
function open() {
  const active = process.getActiveResourcesInfo();
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    connections: place.connections(),
    timers: active.filter((name) => name === 'Timeout').length,
  };
}

/** What there is beyond `before`, after the event loop had time to close it. @param {ReturnType<typeof open> | undefined} before */
async function settled(before) {
  /** @type {string[]} */
  let left = [];
  for (let turn = 0; turn < 100; turn++) {
    const now = open();
    left = before
      ? Object.entries(before).flatMap(([what, count]) => {
          const more = now[/** @type {keyof typeof now} */ (what)] - count;
          return more > 0 ? [`${more} ${what}`] : [];
        })
      : [];
    if (before && left.length === 0) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return left;
}

/** Makes the highest memory so far the present one, which it returns. */
function resetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not everywhere may a process do that; the peak is then the one since the start.
  }
  return memory().now;
}

function memory() {
  const status = readFileSync('/proc/self/status', 'utf8');
  const of = (/** @type {string} */ name) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

/** The first use of everything: lazily made threads and descriptors are not what an attack leaves behind. */
async function warmUp() {
  await neighbour.call('count');
  counted = 1;
}
