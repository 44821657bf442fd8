import { defineHostFunction, type Host } from 'cordon';
import { expect } from 'vitest';
import { recorder } from '../host/open-host.js';
import { type Attack, attacks, outcome } from './attack.js';
import { ask, BLOCK, hostImport, imports, plugin } from './guests.js';

const NO_QUARANTINE = { quarantine: { maxViolations: Number.POSITIVE_INFINITY } };
const json = defineHostFunction({ params: ['json'] }, () => {});
const asks = (names: readonly string[]) => ({ permissions: { hostFunctions: names } });
const grants = (...names: string[]) => ({ a: { hostFunctions: names, plugins: ['b'] } });

/** A host function that does this; a guest calls it, and then another one that works. */
function misbehaving(name: string, handler: () => unknown, expected: string): Attack {
  return {
    name,
    options: {
      hostFunctions: { bad: defineHostFunction({ result: 'text' }, handler as () => string) },
      grants: grants('bad', 'here'),
    },
    plugins: [
      plugin(
        'a',
        `${hostImport('bad', '(result i64)')} ${hostImport('here')}
         (func (export "f") (drop (call $bad))) (func (export "fine") (call $here))`,
        asks(['bad', 'here']),
      ),
    ],
    run: async (host) => {
      expect(await outcome(host.call('a', 'f'))).toBe(expected);
      expect(await outcome(host.call('a', 'fine'))).toBe('');
    },
  };
}

/** Fills a block of so many bytes with eight of the same, and hands it over as JSON. */
const bomb = (bytes: number, eight: string) =>
  plugin(
    'a',
    `${imports('alloc', 'store_u64', 'output_set')} ${hostImport('json', '(param i64)')}
     (func $fill (result i64) (local $b i64) (local $i i64)
       (local.set $b (call $alloc (i64.const ${bytes})))
       (loop $l (call $store_u64 (i64.add (local.get $b) (local.get $i)) (i64.const ${eight}))
         (local.set $i (i64.add (local.get $i) (i64.const 8))) (br_if $l (i64.lt_u (local.get $i) (i64.const ${bytes}))))
       (local.get $b))
     (func (export "f") (call $json (call $fill)))
     (func (export "out") (call $output_set (call $fill) (i64.const ${bytes})))`,
    asks(['json']),
  );
const BRACKETS = '0x5b5b5b5b5b5b5b5b';
const LISTS = '0x2c5d5b2c5d5b2c5b';

attacks([
  misbehaving(
    'a host function that throws',
    () => {
      throw new Error('no');
    },
    'ERR_HOST_FUNCTION',
  ),
  misbehaving(
    'a host function that throws nothing',
    () => {
      throw undefined;
    },
    'ERR_HOST_FUNCTION',
  ),
  misbehaving(
    'a host function that throws what has no text',
    () => {
      throw Object.create(null);
    },
    'ERR_HOST_FUNCTION',
  ),
  misbehaving('a host function that rejects', () => Promise.reject(new Error('no')), 'ERR_HOST_FUNCTION'),
  misbehaving('a host function that answers with a symbol', () => Symbol('x'), 'ERR_HOST_FUNCTION'),
  misbehaving('a host function that answers with a function', () => () => {}, 'ERR_HOST_FUNCTION'),
  misbehaving(
    'a host function whose thenable throws',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is the attack
      then() {
        throw new Error('no');
      },
    }),
    'ERR_HOST_FUNCTION',
  ),
  {
    ...misbehaving('a host function that answers with 100 MB', () => 'x'.repeat(100_000_000), 'ERR_MEMORY'),
    violations: ['a memory'],
  },
  {
    name: 'JSON of twenty million brackets does not reach the parser of the application',
    options: { hostFunctions: { json }, grants: grants('json'), limits: { timeoutMs: 25_000 } },
    plugins: [bomb(16_000_000, BRACKETS)],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe('ERR_HOST_FUNCTION'),
    violations: ['a host-function'],
  },
  {
    name: 'JSON of millions of small lists does not reach the parser of the application',
    options: { hostFunctions: { json }, grants: grants('json'), limits: { timeoutMs: 25_000 } },
    plugins: [bomb(8_000_000, LISTS)],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe('ERR_HOST_FUNCTION'),
    violations: ['a host-function'],
  },
  {
    name: 'an output of millions of brackets is not parsed when the application reads it as JSON',
    options: { hostFunctions: { json }, grants: grants('json'), limits: { timeoutMs: 25_000 } },
    plugins: [bomb(16_000_000, BRACKETS)],
    run: async (host) => {
      const output = await host.call('a', 'out');
      expect(output.byteLength).toBe(16_000_000);
      expect(() => output.json()).toThrow(expect.objectContaining({ code: 'ERR_OUTPUT' }));
    },
  },
  {
    name: 'a host function that was not granted does not load',
    run: async (host) => {
      const guest = plugin('a', `${hostImport('here')} (func (export "f") (call $here))`);
      expect(await outcome(host.load(guest))).toBe('ERR_PERMISSION');
    },
    violations: ['a host-function'],
  },
  {
    name: 'a flood of host calls lets the host do other things meanwhile',
    options: {
      hostFunctions: { tick: defineHostFunction({}, () => {}) },
      grants: grants('tick'),
      limits: { timeoutMs: 500 },
    },
    plugins: [
      plugin('a', `${hostImport('tick')} (func (export "f") (loop $l (call $tick) (br $l)))`, asks(['tick'])),
    ],
    run: async (host) => {
      const flood = outcome(host.call('a', 'f'));
      let turns = 0;
      let running = true;
      void flood.then(() => {
        running = false;
      });
      while (running) {
        await new Promise((resolve) => setImmediate(resolve));
        turns++;
      }
      expect(await flood).toBe('ERR_TIMEOUT');
      expect(turns).toBeGreaterThan(10);
    },
    violations: ['a timeout'],
  },
  {
    name: 'a request that is no JSON, and one of megabytes, end the call',
    plugins: [
      plugin(
        'a',
        `${imports('input_offset', 'http_request')} (func (export "f") (drop (call $http_request (call $input_offset) (i64.const 0))))`,
      ),
    ],
    run: async (host) => {
      for (const request of ['<html>', '[]', '{"url":7}', `{"url":"${'x'.repeat(3_000_000)}"}`]) {
        expect(await outcome(host.call('a', 'f', request))).toBe('ERR_HOST_FUNCTION');
      }
    },
  },
  {
    name: 'requests that nobody granted end in quarantine, also where each call is aborted',
    plugins: [
      plugin(
        'a',
        `${imports('input_offset', 'http_request')} (func (export "f") (drop (call $http_request (call $input_offset) (i64.const 0))))`,
      ),
    ],
    run: async (host) => {
      const request = JSON.stringify({ url: 'https://example.com/' });
      for (let i = 0; i < 3; i++) expect(await outcome(host.call('a', 'f', request))).toBe('ERR_PERMISSION');
      expect(await outcome(host.call('a', 'f', request))).toBe('ERR_QUARANTINED');
    },
    violations: ['a http', 'a http', 'a http'],
  },
  {
    name: 'a dependency that traps at every call costs its caller an answer, and neither its state',
    plugins: [
      plugin('b', '(func (export "noop") unreachable)'),
      plugin(
        'a',
        `${imports('alloc', 'store_u8', 'plugin_call')} (memory 1) ${ask('b', 'noop')}
         (global $n (mut i32) (i32.const 0))
         (func (export "f") (result i32) (global.set $n (i32.add (global.get $n) (call $ask))) (i32.sub (global.get $n) (i32.const 1)))`,
        { permissions: { plugins: ['b'] } },
      ),
    ],
    run: async (host) => {
      expect(await outcome(host.call('a', 'f'))).toBe('');
      expect(await outcome(host.call('a', 'f'))).toBe('ERR_GUEST');
    },
  },
  {
    name: 'a plugin that calls one that traps in a loop does not fill the log of the host',
    ...unanswered(),
  },
  {
    name: 'plugin names of control characters and of prototypes are refused in one line',
    options: NO_QUARANTINE,
    plugins: ['__proto__', 'constructor', '\\1b[2J'].map((target, index) => {
      const length = index === 2 ? 4 : target.length;
      return plugin(
        `a${index}`,
        `${imports('alloc', 'store_u8', 'plugin_call')} (memory 1) (data (i32.const 0) "${target}") ${BLOCK}
         (func (export "f") (drop (call $plugin_call (call $block (i32.const 0) (i32.const ${length}))
           (call $block (i32.const 0) (i32.const 1)) (i64.const 0))))`,
      );
    }),
    run: async (host, scene) => {
      for (const name of ['a0', 'a1', 'a2']) {
        const error = await host.call(name, 'f').catch((thrown: Error & { code: string }) => thrown);
        expect(error).toMatchObject({ code: 'ERR_PERMISSION' });
        expect((error as Error).message).not.toMatch(/[\u0000-\u001f]/);
      }
      expect(scene.violations.splice(0).map(({ kind }) => kind)).toEqual([
        'plugin-call',
        'plugin-call',
        'plugin-call',
      ]);
    },
  },
  {
    name: 'a host function that calls the plugin that asks for it does not wait for ever',
    ...reentry(),
  },
]);

function unanswered(): Omit<Attack, 'name'> {
  const log = recorder();
  return {
    options: { logger: log, limits: { timeoutMs: 20_000 }, ...NO_QUARANTINE },
    plugins: [
      plugin('b', '(func (export "noop") unreachable)'),
      plugin(
        'a',
        `${imports('alloc', 'store_u8', 'plugin_call')} (memory 1) ${ask('b', 'noop')}
         (func (export "f") (local $i i32) (loop $l (drop (call $ask))
           (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 60)))))`,
        { permissions: { plugins: ['b'] } },
      ),
    ],
    run: async (host) => {
      expect(await outcome(host.call('a', 'f'))).toBe('');
      const told = log.lines.filter(({ message }) => message?.includes('got no answer'));
      expect(told.length).toBe(16);
      expect(told[15]?.message).toContain('not told');
    },
  };
}

/** The careless user: a host function that calls back into the stateful plugin that is waiting for it. */
function reentry(): Omit<Attack, 'name'> {
  let host: Host | undefined;
  return {
    options: {
      hostFunctions: {
        back: defineHostFunction({}, async () => {
          await host?.call('a', 'fine');
        }),
      },
      grants: grants('back'),
      limits: { timeoutMs: 20_000, queueTimeoutMs: 2_000 },
    },
    plugins: [
      plugin(
        'a',
        `${hostImport('back')} (func (export "f") (call $back)) (func (export "fine"))`,
        asks(['back']),
      ),
    ],
    run: async (running) => {
      host = running;
      expect(await outcome(running.call('a', 'f'))).toBe('ERR_HOST_FUNCTION');
      expect(await outcome(running.call('a', 'fine'))).toBe('');
    },
  };
}
