import { expect, it } from 'vitest';
import type { DoneMessage, GuestSpec } from '../../src/sandbox/protocol.js';
import { wat } from '../wasm/wat.js';
import { inlineThread } from './inline-thread.js';

const INFINITE = Number.POSITIVE_INFINITY;

const SPEC: GuestSpec = {
  ...{ id: 1, plugin: 'p', version: '1.0.0', guestPages: 1, logLevel: 0 },
  ...{ startup: [], config: [], hostFunctions: [] },
  modules: [
    {
      name: 'main',
      module: wat(`(module (memory (export "memory") 1)
        (func (export "valueOf") (result i32) (i32.const 0))
        (func (export "start") (result i32) (i32.const 0)))`),
    },
  ],
  renamedExports: new Map([['_start', 'start']]),
  limits: {
    ...{ memoryBytes: 1_000_000, outputBytes: 1000, varBytes: 1000, logBytesPerCall: 1000 },
    ...{ cpuMs: INFINITE, fuel: INFINITE, openFiles: 0, fileBytes: 0 },
  },
};

/** How calls of these exports ended, in an instance of its own. */
async function codes(names: readonly string[]): Promise<(string | undefined)[]> {
  const { send, until } = inlineThread();
  send({ op: 'define', spec: SPEC });
  send({ op: 'instantiate', seq: 1, spec: 1, instance: 1, vars: new Map(), timeoutMs: 1000 });
  await until(({ op }) => op === 'done', 1);
  for (const [i, fn] of names.entries()) {
    send({ op: 'call', seq: 10 + i, instance: 1, fn, input: '', timeoutMs: 1000, fuel: INFINITE });
  }
  const done = (await until(({ op }) => op === 'done', 1 + names.length)) as DoneMessage[];
  return done.slice(1).map(({ failure }) => failure?.code);
}

it('what every object has is no export, unless the guest exports it', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  const no = 'ERR_NO_EXPORT';
  expect(await codes(names)).toEqual([no, no, no, no, undefined]);
});

it('an export that the rewrite renamed is called by its old name, and what is no function not at all', async () => {
  expect(await codes(['_start', 'memory', 'nothing'])).toEqual([undefined, 'ERR_NO_EXPORT', 'ERR_NO_EXPORT']);
});
