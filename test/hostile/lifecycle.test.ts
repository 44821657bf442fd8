import type { Plugin } from 'cordon';
import { expect } from 'vitest';
import { attacks, outcome } from './attack.js';
import { hostImport, imports, plugin, SPIN } from './guests.js';

const NO_QUARANTINE = { quarantine: { maxViolations: Number.POSITIVE_INFINITY } };
const asks = (...names: string[]) => ({ permissions: { hostFunctions: names } });
/** Two versions of a plugin, for a catalog. */
const versions = (first: string, second: string) => [
  plugin('a', first, { version: '1.0.0', ...asks('here', 'wait') }),
  plugin('a', second, { version: '2.0.0', ...asks('here', 'wait') }),
];
const GOOD = '(func (export "f"))';
/** Of the attacker alone, and enough for it to start on a busy machine; without it would be ten seconds. */
const QUICK_START = { limits: { startTimeoutMs: 1000 } };

attacks([
  {
    name: 'an on_deactivate that never ends holds up an unload no longer than startTimeoutMs',
    plugins: [plugin('a', `(func (export "on_deactivate") ${SPIN}) ${GOOD}`, QUICK_START)],
    run: async (host) => expect(await outcome(host.unload('a', { drainMs: 0 }))).toBe(''),
  },
  {
    name: 'an on_deactivate that never ends holds up close() no longer than startTimeoutMs',
    plugins: [plugin('a', `(func (export "on_deactivate") ${SPIN}) ${GOOD}`, QUICK_START)],
    closes: true,
    run: async (host) => expect(await outcome(host.close({ drainMs: 0 }))).toBe(''),
  },
  {
    name: 'a new version that traps in on_activate leaves the old one serving',
    options: { catalog: versions(GOOD, `(func (export "on_activate") unreachable) ${GOOD}`) },
    run: async (host) => {
      await host.load('a@1.0.0');
      expect(await outcome(host.reload('a', { to: '2.0.0' }))).toBe('ERR_TRAP');
      expect(host.plugin('a').version).toBe('1.0.0');
      expect(await outcome(host.call('a', 'f'))).toBe('');
    },
  },
  {
    name: 'a new version whose migrate never ends leaves the old one serving, and the reload can be called off',
    options: {
      catalog: versions(GOOD, `${hostImport('here')} (func (export "migrate") (call $here) ${SPIN}) ${GOOD}`),
    },
    run: async (host, scene) => {
      await host.load('a@1.0.0');
      const controller = new AbortController();
      const reload = outcome(host.reload('a', { to: '2.0.0', signal: controller.signal }));
      await scene.arrivals(1);
      controller.abort();
      expect(await reload).toBe('ERR_ABORTED');
      expect(await outcome(host.call('a', 'f'))).toBe('');
    },
  },
  {
    name: 'a new version that exits with 0 in migrate leaves the old one serving',
    options: {
      catalog: versions(
        GOOD,
        `${imports('proc_exit')} (memory (export "memory") 1) (func (export "migrate") (call $proc_exit (i32.const 0))) ${GOOD}`,
      ),
    },
    run: async (host) => {
      await host.load('a@1.0.0');
      expect(await outcome(host.reload('a', { to: '2.0.0' }))).toBe('ERR_TRAP');
      expect(await outcome(host.call('a', 'f'))).toBe('');
    },
  },
  {
    name: 'calls that run while their plugin is reloaded end, the old ones in the old version',
    options: { catalog: versions(`${hostImport('wait')} (func (export "f") (call $wait))`, GOOD) },
    run: async (host, scene) => {
      await host.load('a@1.0.0');
      const old = outcome(host.call('a', 'f'));
      await scene.arrivals(1);
      await host.reload('a', { to: '2.0.0' });
      expect(await outcome(host.call('a', 'f'))).toBe('');
      scene.release();
      expect(await old).toBe('');
    },
  },
  {
    name: 'three bad pointers put a plugin into quarantine, and after a release it begins anew',
    options: { limits: { timeoutMs: 5000 } },
    plugins: [
      plugin(
        'a',
        `${hostImport('here')} ${imports('load_u8')} (func (export "f") (call $here) (drop (call $load_u8 (i64.const 0))))`,
        asks('here'),
      ),
    ],
    run: async (host) => {
      for (let i = 0; i < 3; i++) expect(await outcome(host.call('a', 'f'))).toBe('ERR_TRAP');
      expect(await outcome(host.call('a', 'f'))).toBe('ERR_QUARANTINED');
      host.release('a');
      expect(await outcome(host.call('a', 'f'))).toBe('ERR_TRAP');
    },
    violations: ['a abi', 'a abi', 'a abi', 'a abi'],
  },
  {
    name: 'a plugin in quarantine has no calls left: those that wait are refused',
    plugins: [plugin('a', `${hostImport('wait')} (func (export "f") (call $wait))`, asks('wait'))],
    run: async (host, scene) => {
      const calls = Array.from({ length: 40 }, () => outcome(host.call('a', 'f')));
      await scene.arrivals(1);
      host.quarantine('a', 'by hand');
      for (let served = 1; served <= 16; served++) {
        await scene.arrivals(served);
        scene.release();
      }
      const ends = await Promise.all(calls);
      expect(ends.filter((end) => end === 'ERR_QUARANTINED').length).toBe(24);
      expect(ends.filter((end) => end === '').length).toBe(16);
    },
  },
  {
    name: 'a thousand fresh instances leave none behind',
    plugins: [plugin('a', `(memory 16) ${GOOD}`, { instance: 'per-call' })],
    run: async (host) => {
      const calls = Array.from({ length: 1000 }, () => outcome(host.call('a', 'f')));
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['']));
      expect(host.stats().instances).toBe(1);
    },
  },
  {
    name: 'a hundred tenants never have more instances than limits.instances, and none sees what another wrote',
    options: { limits: { instances: 2 } },
    plugins: [
      plugin(
        'a',
        `${imports('alloc', 'store_u8', 'output_set')} (global $n (mut i32) (i32.const 0))
         (func (export "f") (local $b i64) (global.set $n (i32.add (global.get $n) (i32.const 1)))
           (local.set $b (call $alloc (i64.const 1))) (call $store_u8 (local.get $b) (i32.add (i32.const 48) (global.get $n)))
           (call $output_set (local.get $b) (i64.const 1)))`,
      ),
    ],
    run: async (host) => {
      const calls = Array.from({ length: 100 }, (_, i) =>
        outcome(host.call('a', 'f', undefined, { tenant: `t${i}` })),
      );
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['1']));
      expect(host.stats().instances).toBeLessThanOrEqual(3);
    },
  },
  {
    name: 'aborting a thousand calls at once, in every state, settles all of them',
    options: NO_QUARANTINE,
    plugins: [plugin('a', `${hostImport('here')} (func (export "f") (call $here) ${SPIN})`, asks('here'))],
    run: async (host, scene) => {
      const controllers = Array.from({ length: 1000 }, () => new AbortController());
      const calls = controllers.map(({ signal }) => outcome(host.call('a', 'f', undefined, { signal })));
      await scene.arrivals(1);
      for (const controller of controllers) controller.abort();
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['ERR_ABORTED']));
    },
  },
  {
    name: 'a guest that sleeps for a year by poll_oneoff ends at its deadline',
    options: { limits: { timeoutMs: 200 } },
    plugins: [
      plugin(
        'a',
        `${imports('poll_oneoff')} (memory (export "memory") 1)
         (func (export "f") (i32.store8 (i32.const 8) (i32.const 0)) (i32.store (i32.const 16) (i32.const 1))
           (i64.store (i32.const 24) (i64.const 31536000000000000))
           (drop (call $poll_oneoff (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 2048))))`,
      ),
    ],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe('ERR_TIMEOUT'),
    violations: ['a timeout'],
  },
  {
    name: 'a million bytes to stdout without a line break end at logBytesPerCall',
    options: { limits: { logBytesPerCall: 1000 } },
    plugins: [
      plugin(
        'a',
        `${imports('fd_write')} (memory (export "memory") 1)
         (func (export "f") (local $i i32)
           (memory.fill (i32.const 1024) (i32.const 120) (i32.const 10000))
           (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 10000))
           (loop $l (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
             (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 100)))))`,
      ),
    ],
    run: async (host, scene) => {
      expect(await outcome(host.call('a', 'f'))).toBe('');
      expect(scene.lines.join('').length).toBeLessThanOrEqual(1000);
    },
    violations: ['a log-flood'],
  },
  {
    name: 'a random_get of the whole memory is served, and one beyond it is not',
    plugins: [
      plugin(
        'a',
        `${imports('random_get')} (memory (export "memory") 16)
         (func (export "all") (result i32) (call $random_get (i32.const 0) (i32.const 1048576)))
         (func (export "more") (result i32) (call $random_get (i32.const 0) (i32.const -1)))`,
      ),
    ],
    run: async (host) => {
      expect(await outcome(host.call('a', 'all'))).toBe('');
      expect(await outcome(host.call('a', 'more'))).not.toBe('');
    },
  },
  {
    name: 'loads of plugins with ever new names leave nothing when they are unloaded',
    run: async (host) => {
      const handles: Plugin[] = [];
      for (let i = 0; i < 120; i++) {
        handles.push(await host.load(plugin(`p${i}`, GOOD)));
        await host.unload(`p${i}`, { drainMs: 0 });
      }
      // The handles of the latest know that they were unloaded, the first ones are forgotten.
      expect(await outcome(handles[119]!.call('f'))).toBe('ERR_CLOSED');
      expect(await outcome(handles[0]!.call('f'))).toBe('ERR_NOT_FOUND');
      expect(host.stats().instances).toBe(1);
      expect(host.list().map(({ name }) => name)).toEqual(['neighbour']);
    },
  },
  {
    name: 'a host that is closed while it is closed, loaded into and called settles everything',
    plugins: [plugin('a', `${hostImport('never')} (func (export "f") (call $never))`, asks('never'))],
    closes: true,
    run: async (host, scene) => {
      const call = outcome(host.call('a', 'f'));
      await scene.arrivals(1);
      const load = outcome(host.load(plugin('b', GOOD)));
      const closes = [host.close({ drainMs: 0 }), host.close({ drainMs: 0 })].map(outcome);
      const late = outcome(host.call('a', 'f'));
      expect(await Promise.all(closes)).toEqual(['', '']);
      expect([await call, await late]).toEqual(['ERR_CLOSED', 'ERR_CLOSED']);
      expect(['', 'ERR_CLOSED', 'ERR_ABORTED']).toContain(await load);
    },
  },
]);
