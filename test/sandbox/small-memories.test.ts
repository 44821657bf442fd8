import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { wat } from '../wasm/wat.js';

const canSuspend = 'Suspending' in WebAssembly;
const isLinux = process.platform === 'linux';
const GIB = 2 ** 30;
const CHECKED = '--no-wasm-memory64-trap-handling';

/** Runs this in a process of its own, because an option of V8 is everybody's; what it prints as JSON. */
async function run<T>(body: string, options: readonly string[] = [CHECKED]): Promise<T> {
  const at = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../dist/${path}`, import.meta.url)));
  const source = `
    import { readFileSync } from 'node:fs';
    import { hasSmallMemories } from ${at('src/sandbox/small-memories.js')};
    import { compileKernel, Kernel, openMemory64 } from ${at('src/kernel/kernel.js')};
    import { createHost } from ${at('host-sdk/index.js')};
    const addresses = () => Number.parseInt(readFileSync('/proc/self/statm', 'latin1'), 10) * 4096;
    const host = { mayGrow: () => true, fault() { throw new Error('fault'); }, tick() {} };
    const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
    const print = (value) => console.log(JSON.stringify(value));
    ${body}`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...options,
    '--input-type=module',
    '-e',
    source,
  ]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as T;
}

/** Addresses that a kernel takes which may grow to 16 MiB. */
const KERNEL = `
    const module = compileKernel(64);
    const before = addresses();
    const kept = Array.from({ length: 50 }, () => new Kernel(module, host, 256));
    const each = (addresses() - before) / 50;`;

it.runIf(canSuspend && isLinux)('kernels take no more addresses than they may grow to', async () => {
  const { small, each } = await run<{ small: boolean; each: number }>(
    `const small = hasSmallMemories(); ${KERNEL} print({ small, each });`,
  );
  expect(small).toBe(true);
  expect(each).toBeGreaterThanOrEqual(256 * 65_536);
  expect(each).toBeLessThan(2 * 256 * 65_536);
});

it.runIf(canSuspend && isLinux)(
  'what is beyond the bounds is a trap, though no page is there to catch it',
  async () => {
    const results = await run<(string | number)[]>(`
    hasSmallMemories();
    const module = compileKernel(64);
    const open = () => {
      const memory = openMemory64(1, 4);
      new Uint8Array(memory.buffer).fill(7);
      const { exports } = new WebAssembly.Instance(module, {
        host: { memory64: memory, may_grow: () => 1, fault() { throw new Error('fault'); }, tick() {} },
      });
      return { memory, exports };
    };
    const kernels = Array.from({ length: 20 }, open);
    const { memory, exports } = kernels[10];
    // Where the input is and how long it is, as the kernel keeps it: what it reads at such an address has no other check.
    const words = new Uint32Array(memory.buffer, 0, 2);
    print([0xffff, 0x1_0000, 0x4_0000, 0x10_0000, 0x7fff_fff8, 0xffff_fff0].map((at) => {
      words.set([at, 8]);
      try { return exports.input_load_u8(0n); } catch (error) { return error.message; }
    }));`);
    expect(results).toEqual([7, ...Array.from({ length: 5 }, () => 'memory access out of bounds')]);
  },
);

/** A plugin with a memory of 64 bits, loaded by a host that may have so many instances, and called. */
const LOAD = `
    const wasm = Buffer.from(WASM, 'base64');
    const open = async (instances) => {
      const budget = instances ? { budget: { instances } } : {};
      const host = await createHost({ logger: { ...silent, child: () => silent }, threads: { min: 1, max: 1 }, ...budget });
      return { host, call: async () => {
        const plugin = await host.load({ manifest: { manifestVersion: 1, name: 'p', version: '1.0.0' }, wasm });
        const text = (await plugin.call('run', 'hello')).text();
        await plugin.unload();
        return text;
      } };
    };`;

it.runIf(canSuspend && isLinux).each([
  ['32', ''],
  ['64', 'i64 '],
])(
  'a host for many instances runs guests with memories of %s bits, and others beside it do',
  async (_, bits) => {
    const wasm = Buffer.from(
      wat(`(module
      (import "extism:host/env" "input_offset" (func $at (result i64)))
      (import "extism:host/env" "input_length" (func $length (result i64)))
      (import "extism:host/env" "output_set" (func $set (param i64 i64)))
      (memory ${bits}1)
      (func (export "run") (result i32) (call $set (call $at) (call $length)) (i32.const 0)))`),
    ).toString('base64');
    const body = (order: string) => `const WASM = ${JSON.stringify(wasm)}; ${LOAD}
    const said = [];
    const hosts = [];
    for (const instances of ${order}) {
      const one = await open(instances);
      hosts.push(one);
      said.push(await one.call());
      // Those of before go on.
      said.push(await hosts[0].call());
    }
    for (const { host } of hosts) await host.close();
    print({ said, small: hasSmallMemories() });`;
    for (const order of ['[8000, 0]', '[0, 8000]']) {
      const said = ['hello', 'hello', 'hello', 'hello'];
      expect(await run(body(order))).toEqual({ said, small: true });
      expect(await run(body(order), [])).toEqual({ said, small: false });
    }
  },
);

it.runIf(canSuspend && isLinux)('not where the application has not chosen so', async () => {
  const { small, each } = await run<{ small: boolean; each: number }>(
    `const small = hasSmallMemories(); ${KERNEL} print({ small, each });`,
    [],
  );
  expect(small).toBe(false);
  expect(each).toBeGreaterThan(8 * GIB);
});
