// @ts-check
// The same function three times: in AssemblyScript, compiled to a plugin, and in JavaScript, for the sandboxes of scripts.
import { readFile } from 'node:fs/promises';
import { getQuickJS } from 'quickjs-emscripten';
import { inMemory, openHost } from '../hosts.js';
import { background, extism } from '../peers/extism.js';
import { load } from '../peers/optional.js';

const input = 'The quick brown fox jumps over the lazy dog. '.repeat(3).slice(0, 100);
const vowels = [...input].filter((letter) => 'aeiouAEIOU'.includes(letter)).length;
const script = `
let total = 0;
function count_vowels(text) {
  let count = 0;
  for (let i = 0; i < text.length; i++) if ('aeiouAEIOU'.includes(text[i])) count++;
  total += count;
  return JSON.stringify({ count, total, vowels: 'aeiouAEIOU' });
}`;

/** @param {string} answer */
function check(answer) {
  if (JSON.parse(answer).count !== vowels) throw new Error(`${answer}; there are ${vowels} vowels.`);
}

/** @type {import('../bench.js').Row} */
export default {
  name: 'script',
  title: 'Count the vowels of 100 B, one caller: a plugin beside a script',
  unit: 'µs a call',
  better: 'lower',
  log: true,
  bar: [],
  async run(bench) {
    const wasm = await readFile(
      new URL('../../../guest-examples/count-vowels/count-vowels.wasm', import.meta.url),
    );
    const config = { vowels: 'aeiouAEIOU' };
    const host = await openHost(bench, { threads: { min: 1, max: 1 } });
    const plugin = await host.load(inMemory('count', wasm, { config }));
    const inBackground = await background(bench, wasm, { config });
    const inForeground = await extism(bench, wasm, { config });
    const isolated = await isolate(bench);
    return bench.compare({
      cordon: bench.time(async () => check((await plugin.call('count_vowels', input)).text())),
      background: bench.time(async () =>
        check((await inBackground.call('count_vowels', input))?.text() ?? ''),
      ),
      foreground: bench.time(async () =>
        check((await inForeground.call('count_vowels', input))?.text() ?? ''),
      ),
      quickjs: bench.time(await quickjs(bench)),
      'isolated-vm': isolated && bench.time(isolated),
    });
  },
};

/** In the caller's own thread, stopped by an interrupt handler that looks at a deadline. @param {import('../bench.js').Bench} bench */
async function quickjs(bench) {
  const runtime = (await getQuickJS()).newRuntime();
  let deadline = Number.POSITIVE_INFINITY;
  runtime.setInterruptHandler(() => Date.now() > deadline);
  const context = runtime.newContext();
  context.unwrapResult(context.evalCode(script)).dispose();
  const count = context.getProp(context.global, 'count_vowels');
  bench.after(() => {
    count.dispose();
    context.dispose();
    runtime.dispose();
  });
  return () => {
    deadline = Date.now() + 1000;
    const text = context.newString(input);
    const answer = context.unwrapResult(context.callFunction(count, context.undefined, text));
    check(context.getString(answer));
    answer.dispose();
    text.dispose();
  };
}

/** In a thread of its own, with a deadline. @param {import('../bench.js').Bench} bench */
async function isolate(bench) {
  const ivm = load('isolated-vm');
  if (!ivm) {
    bench.note('isolated-vm: not installed for this Node (set BENCH_PACKAGES to a node_modules that has it)');
    return undefined;
  }
  const machine = new ivm.Isolate({ memoryLimit: 32 });
  bench.after(() => machine.dispose());
  const context = await machine.createContext();
  await context.eval(script);
  const count = await context.global.get('count_vowels', { reference: true });
  return async () => check(await count.apply(undefined, [input], { timeout: 1000 }));
}
