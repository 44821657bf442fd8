// @ts-check
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import { meteredImports, processorTime, rewrites } from '../metered.js';
import { find } from '../peers/optional.js';
import { geometricMean } from '../statistics.js';

const PROGRAM = `
  const out = [];
  for (let i = 0; i < 3000; i++) out.push({ i, s: ('x' + i).padStart(9).replace(/x/g, 'y') });
  const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
  JSON.stringify(out).length + fib(17)`;

/** @type {import('../bench.js').Row} */
export default {
  name: 'metering-programs',
  title: 'Metering: run time as a multiple of the time without, programs',
  unit: '× the time without',
  better: 'lower',
  bar: [
    { says: 'geometric mean … ×', atMost: 1.45, ofEach: (samples) => mean(samples, 'metered') },
    {
      says: 'with metering off, geometric mean … ×',
      atMost: 1.02,
      ofEach: (samples) => mean(samples, 'metering off'),
    },
  ],
  async run(bench) {
    /** @type {Record<string, import('../bench.js').Variant>} */
    const variants = {};
    for (const [name, open] of Object.entries({ QuickJS: quickjs, SQLite: sqlite })) {
      const programs = await open();
      if (!programs) {
        bench.note(`${name}: not installed (set WASM_PACKAGES to a node_modules that has it)`);
        continue;
      }
      const { plain, ...others } = programs;
      for (const end = performance.now() + (bench.smoke ? 0 : 3000); performance.now() < end; ) {
        for (const run of Object.values(programs)) run();
      }
      for (const [label, run] of Object.entries(others)) {
        variants[`${name}, ${label}`] = async () => {
          const base = processorTime(plain);
          return processorTime(run) / base;
        };
      }
    }
    return bench.compare(variants, { warmUp: 0 });
  },
};

/** Emscripten's hook: the module that it gets is the one that it asked for, rewritten or not. @param {Uint8Array} bytes */
const instantiateWasm =
  (bytes) => (/** @type {WebAssembly.Imports} */ imports, /** @type {(instance: any) => void} */ done) => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      ...imports,
      ...meteredImports,
    });
    // The rewrite keeps start-up functions for Cordon to call; these loaders call some of them themselves.
    const exports = Object.fromEntries(
      Object.entries(instance.exports).map(([name, value]) => [name.replace(/^cordon:_/, '_'), value]),
    );
    done({ exports });
    return exports;
  };

async function quickjs() {
  const path = find('@jitl/quickjs-wasmfile-release-sync/wasm');
  if (!path) return undefined;
  const { default: variant } = await import('@jitl/quickjs-wasmfile-release-sync');
  /** @param {Uint8Array} bytes */
  const program = async (bytes) => {
    const options = { emscriptenModule: { instantiateWasm: instantiateWasm(bytes) } };
    const engine = await newQuickJSWASMModuleFromVariant(newVariant(variant, options));
    return () => engine.evalCode(PROGRAM);
  };
  return forms(await readFile(path), program);
}

async function sqlite() {
  const path = find('sql.js/dist/sql-wasm.js');
  if (!path) return undefined;
  const require = createRequire(path);
  /** @param {Uint8Array} bytes */
  const program = async (bytes) => {
    // It keeps its one instance in the module.
    delete require.cache[path];
    const { Database } = await require(path)({ instantiateWasm: instantiateWasm(bytes) });
    const database = new Database();
    database.run('create table t (a, b)');
    for (let i = 0; i < 4000; i++) database.run('insert into t values (?, ?)', [(i * 7919) % 1000, `x${i}`]);
    return () => {
      for (let i = 0; i < 8; i++)
        database.exec('select a, count(*), group_concat(b) from t group by a order by a');
    };
  };
  return forms(await readFile(join(dirname(path), 'sql-wasm.wasm')), program);
}

/** @param {Uint8Array} bytes @param {(bytes: Uint8Array) => Promise<() => unknown>} program */
async function forms(bytes, program) {
  const { metered, off } = rewrites(bytes);
  return { plain: await program(bytes), metered: await program(metered), 'metering off': await program(off) };
}

/** @param {import('../bench.js').Samples} samples @param {string} label */
const mean = (samples, label) =>
  geometricMean(
    Object.entries(samples)
      .filter(([name]) => name.endsWith(label))
      .map(([, { median: value }]) => value),
  );
