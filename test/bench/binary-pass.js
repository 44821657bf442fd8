// What the binary pass costs: `npm run build && node test/bench/binary-pass.js`. Ratios are what matters; the figures in
// docs/benchmarks.md are from here. Large modules are taken from packages that are installed, here or in the folder that
// WASM_PACKAGES names. `--quick` makes fewer rounds.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { runnerImport } from 'vite';
import { rewriteModule } from '../../dist/src/wasm/rewrite.js';
import { summarizeModule } from '../../dist/src/wasm/summary.js';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 3 : 15;
/** What is measured takes about so long at a time. */
const MEASURED_MS = 50;
const WARM_UP_MS = quick ? 200 : 1_500;
const OPTIONS = { maxMemoryBytes: 2 ** 31, maxTableElements: 1_000_000 };
const MODULES = [
  ['@jitl/quickjs-wasmfile-release-sync', 'dist/emscripten-module.wasm'],
  ['sql.js', 'dist/sql-wasm.wasm'],
  ['@resvg/resvg-wasm', 'index_bg.wasm'],
  ['esbuild-wasm', 'esbuild.wasm'],
  ['@ffmpeg/core', 'dist/esm/ffmpeg-core.wasm'],
];

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
/** @param {number[]} values */
const geometricMean = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/**
 * Milliseconds of the processor that `act` takes; a shared machine's other work does not count.
 * @param {() => unknown} act
 */
function processorTime(act) {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Milliseconds of `act`, the median of some rounds.
 * @param {() => unknown} act
 */
function time(act, rounds = ROUNDS) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    act();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** @param {string} name @param {string} file */
function find(name, file) {
  const places = [
    import.meta.url,
    ...(process.env.WASM_PACKAGES ? [join(process.env.WASM_PACKAGES, 'x.js')] : []),
  ];
  for (const folder of places.flatMap((place) => createRequire(place).resolve.paths(name) ?? [])) {
    const path = join(folder, name, file);
    if (statSync(path, { throwIfNoEntry: false })) return path;
  }
  return undefined;
}

/**
 * The module with a custom section more, whose name is a number.
 * @param {Uint8Array} bytes @param {number} number
 */
function renamed(bytes, number) {
  const name = new TextEncoder().encode(String(number));
  return Buffer.concat([bytes, Uint8Array.of(0, name.length + 1, name.length, ...name)]);
}

function throughput() {
  const rows = [];
  for (const [name, file] of MODULES) {
    const path = find(name, file);
    if (path === undefined) continue;
    const bytes = new Uint8Array(readFileSync(path));
    const metered = rewriteModule(bytes, { ...OPTIONS, metering: true }).bytes;
    const rounds = bytes.length > 5e6 ? Math.min(5, ROUNDS) : ROUNDS;
    const rate = (/** @type {() => unknown} */ act) => Math.round(bytes.length / 1e3 / time(act, rounds));
    let round = 0;
    // V8 knows modules that it compiled before by their bytes: an empty custom section of another name makes it new.
    const compile = time(() => new WebAssembly.Module(renamed(bytes, round++)), rounds);
    const rewrite = time(() => rewriteModule(bytes, { ...OPTIONS, metering: true }), rounds);
    rows.push({
      module: basename(name),
      MB: +(bytes.length / 1e6).toFixed(1),
      'summarize MB/s': rate(() => summarizeModule(bytes)),
      'cap MB/s': rate(() => rewriteModule(bytes, { ...OPTIONS, metering: false })),
      'meter MB/s': Math.round(bytes.length / 1e3 / rewrite),
      'validate MB/s': rate(() => WebAssembly.validate(bytes)),
      'compile MB/s': Math.round(bytes.length / 1e3 / compile),
      'meter / compile': +(rewrite / compile).toFixed(1),
      growth: +(metered.length / bytes.length).toFixed(2),
    });
  }
  console.log(
    'Throughput of the pass, in MB of the original a second; validation of the original is within cap and meter.',
  );
  if (rows.length === 0) console.log('None of the packages with large modules is installed.');
  else console.table(rows);
}

async function overhead() {
  const { module } = await runnerImport('./test/wasm/kernels.ts', { configFile: false, logLevel: 'error' });
  const rows = [];
  for (const { name, bytes, large } of module.KERNELS) {
    const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const imports = { 'cordon:meter': { out_of_fuel: () => 100_000, may_grow: () => 1 } };
    const rewritten = rewriteModule(bytes, { ...OPTIONS, metering: true }).bytes;
    const metered = new WebAssembly.Instance(new WebAssembly.Module(rewritten), imports).exports;
    const run = (/** @type {WebAssembly.Exports} */ exports) => /** @type {Function} */ (exports.run)(large);
    // Until both are optimised.
    for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) {
      run(plain);
      run(metered);
    }
    const ratios = [];
    let base = 0;
    const start = performance.now();
    run(plain);
    const repeat = Math.ceil(MEASURED_MS / (performance.now() - start));
    const several = (/** @type {WebAssembly.Exports} */ exports) =>
      processorTime(() => {
        for (let i = 0; i < repeat; i++) run(exports);
      });
    for (let i = 0; i < ROUNDS; i++) {
      base = several(plain);
      ratios.push(several(metered) / base);
    }
    base /= repeat;
    rows.push({ kernel: name, 'ms without': +base.toFixed(1), ratio: +median(ratios).toFixed(2) });
  }
  console.log('Run time with metering, slices of 100 000, as a multiple of the time without.');
  console.table(rows);
  console.log(`Geometric mean ${geometricMean(rows.map(({ ratio }) => ratio)).toFixed(2)}`);
}

console.log(`Node ${process.version}, V8 ${process.versions.v8}`);
if (!process.argv.includes('--overhead')) throughput();
await overhead();
