// One attack against the raw Extism SDK, as an application would use it: in its own process, which compare-extism.js
// watches and ends. Tells what happened by messages, the last of which is the report.

import './fake-names.js';
import { readdirSync, readFileSync } from 'node:fs';
import createPlugin from '@extism/extism';
import { LIMITS } from './corpus/attack.js';
import { CORPUS } from './corpus/index.js';
import { HOST_FUNCTIONS, takeCalls } from './host-functions.js';
import { neighbour as neighbourModule } from './neighbour.js';

const PAGE = 64 * 1024;
/** The SDK has one limit for starting, calls and what is waited for. Not less: where stopping a thread takes longer, it loses the call. */
const TIMEOUT_MS = 2000;
/** How long anything may take beyond the limit that it was given. */
const GRACE_MS = 8000;
/** @type {{ index: number, world: import('./corpus/attack.js').World }} */
const { index, world } = JSON.parse(process.argv[2] ?? '');
const attack = /** @type {import('./corpus/attack.js').Attack} */ (CORPUS[index]);

const lines = { count: 0, bytes: 0, first: '' };
const write = (/** @type {unknown} */ message) => {
  if (lines.count++ === 0) lines.first = String(message).slice(0, 1000);
  lines.bytes += Buffer.byteLength(String(message));
};
const logger = /** @type {any} */ ({ trace: write, debug: write, info: write, warn: write, error: write });
/** @type {Map<string, any>} */
const plugins = new Map();

const neighbour = await createPlugin({ wasm: [{ data: neighbourModule() }] }, { runInWorker: true, logger });
await neighbour.call('count');
const startBytes = memory();
tell('start', startBytes);

const guests = /** @type {const} */ ([['a', attack.guest], ...Object.entries(attack.others ?? {})]);
/** @type {import('./corpus/attack.js').Outcome[]} */
const outcomes = [];
for (const [name, guest] of [...guests].reverse()) {
  const loading = outcome('load', TIMEOUT_MS, create(name, guest));
  if (name !== 'a') await loading;
  else outcomes.push(await loading);
}
const plugin = plugins.get('a');
for (const { fn, input } of plugin ? attack.calls : []) {
  const data = typeof input === 'function' ? input(world) : input;
  const result = await outcome(fn, TIMEOUT_MS, plugin.call(fn, data));
  outcomes.push(result);
  tell('outcome', result);
  if (result.pending) break;
}
/** @type {string[]} */
const after = [];
if (plugin && !outcomes.some(({ pending }) => pending)) {
  const exists = await outcome(
    'has',
    0,
    plugin
      .functionExists('fine')
      .then((/** @type {boolean} */ yes) => (yes ? null : Promise.reject(new Error('none')))),
  );
  const fine = exists.message === 'none' ? exists : await outcome('fine', TIMEOUT_MS, plugin.call('fine'));
  if (fine.pending) after.push('the plugin does not answer any more');
  else if (fine.code && exists.message !== 'none') after.push(`the plugin fails afterwards: ${fine.message}`);
}
const beside = await outcome('echo', 0, neighbour.call('echo', 'still here'));
const counts = await outcome('count', 0, neighbour.call('count'));
if (beside.output !== 'still here' || counts.output !== '0002')
  after.push('a well-behaved plugin beside it does not answer');
for (const one of [...plugins.values(), neighbour]) {
  const closed = await outcome('close', 0, one.close());
  if (closed.pending) after.push('close() does not settle');
  else if (closed.code) after.push(`close() fails: ${closed.message}`);
}
const threads = readdirSync('/proc/self/task').length;
tell('report', {
  outcomes,
  lines: lines.count,
  lineBytes: lines.bytes,
  firstLine: lines.first,
  hostFunction: takeCalls(),
  after: [...new Set(after)],
  threads,
});
// What keeps the process alive from here on is what the SDK left behind.
process.disconnect?.();

/** @param {string} name @param {import('./corpus/attack.js').Guest} guest */
async function create(name, guest) {
  const {
    http = [],
    fs,
    hostFunctions = [],
    plugins: callable = [],
  } = /** @type {any} */ (guest.permissions?.(world) ?? {});
  const limits = { ...LIMITS, ...guest.limits };
  const functions = Object.fromEntries(hostFunctions.map((/** @type {string} */ fn) => [fn, adapted(fn)]));
  const wasm = guest.wasm();
  if (Buffer.from(wasm).includes('plugin_call'))
    functions.plugin_call = (/** @type {any[]} */ ...args) => pluginCall(callable, args);
  const made = await createPlugin(
    { wasm: [{ data: wasm }] },
    {
      runInWorker: true,
      useWasi: guest.wasi === true,
      timeoutMs: TIMEOUT_MS,
      memory: {
        maxPages: limits.memoryBytes / PAGE,
        maxVarBytes: limits.varBytes,
        maxHttpResponseBytes: limits.httpResponseBytes,
      },
      allowedHosts: http.map((/** @type {any} */ rule) => rule.host),
      allowedPaths: { ...fs?.read, ...fs?.write },
      config: guest.config ?? {},
      functions: { 'extism:host/user': functions },
      logger,
      logLevel: 'info',
    },
  );
  plugins.set(name, made);
  return null;
}

/** @param {string} name */
function adapted(name) {
  const {
    params = [],
    result,
    handler,
  } = /** @type {import('./host-functions.js').Offered} */ (HOST_FUNCTIONS[name]);
  return async (/** @type {any} */ context, /** @type {any[]} */ ...args) => {
    const values = params.map((type, i) => context.read(args[i])[type]());
    const answer = await handler(...values);
    return result ? context.store(answer) : undefined;
  };
}

/** What an application has to write where plugins are to call each other. @param {readonly string[]} callable @param {any[]} args */
async function pluginCall(callable, [context, name, fn, input]) {
  const target = context.read(name).text();
  if (!callable.includes(target)) throw new Error(`${target} may not be called`);
  const output = await plugins
    .get(target)
    .call(context.read(fn).text(), input === 0n ? '' : context.read(input).bytes());
  return output ? context.store(output.bytes()) : 0n;
}

/** @param {string} fn @param {number} limitMs @param {Promise<any>} promise */
async function outcome(fn, limitMs, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const pending = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs + GRACE_MS, { fn, pending: true });
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
        code: 'Error',
        message: String(error?.message ?? error).slice(0, 1000),
        messageLength: String(error?.message ?? error).length,
      }),
    ),
  ]);
  clearTimeout(timer);
  return /** @type {import('./corpus/attack.js').Outcome} */ (result);
}

/** @param {string} kind @param {unknown} value */
function tell(kind, value) {
  process.send?.({ kind, value });
}

function memory() {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
}
