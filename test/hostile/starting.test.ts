import { defineHostFunction } from 'cordon';
import { expect } from 'vitest';
import { attacks, outcome } from './attack.js';
import { hostImport, imports, plugin, SPIN } from './guests.js';

const EXITS = `${imports('proc_exit')} (memory (export "memory") 1)`;
const LEAVE = '(call $proc_exit (i32.const 0))';
/** Says that it is there, and then starts for ever. */
const endless = (name: string, manifest = {}) =>
  plugin(
    name,
    `${hostImport('here')} (func (export "_initialize") (call $here) ${SPIN}) (func (export "f"))`,
    {
      permissions: { hostFunctions: ['here'] },
      ...manifest,
    },
  );

const STARTS = { a: { hostFunctions: ['starts'] } };
/** Answers 0 to the first who asks, and 1 to all others. */
function countStarts() {
  let starts = 0;
  return defineHostFunction({ result: 'i32' }, () => (starts++ === 0 ? 0 : 1));
}

attacks([
  {
    name: 'a guest that leaves by proc_exit(0) in _initialize does not load',
    run: async (host) => {
      const guest = plugin('a', `${EXITS} (func (export "_initialize") ${LEAVE}) (func (export "f"))`);
      expect(await outcome(host.load(guest))).toBe('ERR_TRAP');
    },
  },
  {
    name: 'a guest that leaves by proc_exit(0) in on_activate does not load',
    run: async (host) => {
      const guest = plugin('a', `${EXITS} (func (export "on_activate") ${LEAVE}) (func (export "f"))`);
      expect(await outcome(host.load(guest))).toBe('ERR_TRAP');
    },
  },
  {
    name: 'a guest that leaves by proc_exit(0) in its start section does not load',
    run: async (host) => {
      const guest = plugin('a', `${EXITS} (func $s ${LEAVE}) (start $s) (func (export "f"))`);
      expect(await outcome(host.load(guest))).toBe('ERR_TRAP');
    },
  },
  {
    name: 'a fresh instance that exits with 0 before its call fails the call',
    plugins: [
      plugin('a', `${EXITS} (func (export "_initialize") ${LEAVE}) (func (export "f"))`, {
        instance: 'per-call',
        activation: 'call',
      }),
    ],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe('ERR_TRAP'),
  },
  {
    name: 'calls that come while every start fails are refused with what the start said',
    plugins: [plugin('a', '(func $s unreachable) (start $s) (func (export "f"))', { activation: 'call' })],
    run: async (host) => {
      const calls = Array.from({ length: 50 }, () => outcome(host.call('a', 'f')));
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['ERR_TRAP']));
    },
  },
  {
    name: 'a start that never ends is stopped when the load is aborted',
    run: async (host, scene) => {
      const controller = new AbortController();
      const loading = outcome(host.load(endless('a'), { signal: controller.signal }));
      await scene.arrivals(1);
      controller.abort();
      expect(await loading).toBe('ERR_ABORTED');
      expect(host.stats().instances).toBe(1);
    },
  },
  {
    name: 'a start that never ends is stopped when its plugin is unloaded, and holds up nobody',
    plugins: [endless('a', { activation: 'call' })],
    options: { limits: { startTimeoutMs: 60_000 } },
    run: async (host, scene) => {
      const call = outcome(host.call('a', 'f'));
      await scene.arrivals(1);
      await host.unload('a', { drainMs: 0 });
      expect(await call).toBe('ERR_CLOSED');
    },
  },
  {
    name: 'a start that never ends does not hold up close()',
    options: { limits: { startTimeoutMs: 60_000 } },
    closes: true,
    run: async (host, scene) => {
      const loading = outcome(host.load(endless('a')));
      await scene.arrivals(1);
      expect(await outcome(host.close({ drainMs: 0 }))).toBe('');
      expect(await loading).toBe('ERR_ABORTED');
    },
  },
  {
    name: 'a start that never ends fails at its deadline and is a violation',
    plugins: [endless('a', { activation: 'call', limits: { startTimeoutMs: 100 } })],
    run: async (host) => expect(await outcome(host.call('a', 'f'))).toBe('ERR_TIMEOUT'),
    violations: ['a timeout'],
  },
  {
    name: 'starts that fail again and again by a violation end in quarantine',
    plugins: [endless('a', { activation: 'call', limits: { startTimeoutMs: 50 } })],
    run: async (host) => {
      for (let i = 0; i < 2; i++) expect(await outcome(host.call('a', 'f'))).toBe('ERR_TIMEOUT');
      // After the second failure in a row a start is not tried again at once.
      await expect.poll(() => outcome(host.call('a', 'f')), { timeout: 10_000 }).toBe('ERR_QUARANTINED');
      expect(await outcome(host.call('a', 'f'))).toBe('ERR_QUARANTINED');
    },
    violations: ['a timeout', 'a timeout', 'a timeout'],
  },
  {
    name: 'a second instance of a pool that never starts is a violation too, though the first one serves',
    options: {
      quarantine: { maxViolations: Number.POSITIVE_INFINITY },
      hostFunctions: { starts: countStarts() },
      grants: STARTS,
    },
    plugins: [
      plugin(
        'a',
        `${hostImport('starts', '(result i32)')} ${hostImport('wait')}
         (func (export "_initialize") (if (call $starts) (then ${SPIN})))
         (func (export "f") (call $wait))`,
        {
          instance: { pool: 2 },
          limits: { startTimeoutMs: 1000 },
          permissions: { hostFunctions: ['starts', 'wait'] },
        },
      ),
    ],
    run: async (host, scene) => {
      const calls = Array.from({ length: 4 }, () => outcome(host.call('a', 'f')));
      for (let served = 1; served <= 4; served++) {
        await scene.arrivals(served);
        scene.release();
      }
      expect(await Promise.all(calls)).toEqual(['', '', '', '']);
      expect(scene.violations.length).toBeGreaterThan(0);
      scene.violations.splice(1);
    },
    violations: ['a timeout'],
  },
  {
    name: 'a start that overflows the stack fails the load',
    run: async (host) => {
      const guest = plugin('a', '(func $r (call $r)) (start $r) (func (export "f"))');
      expect(await outcome(host.load(guest))).toBe('ERR_STACK');
    },
    violations: ['a stack'],
  },
  {
    name: 'a start that calls the host in a circle of its own is refused',
    run: async (host) => {
      const guest = plugin(
        'a',
        `${imports('alloc', 'store_u8', 'plugin_call')} (memory 1) (data (i32.const 0) "af")
         (func $b (param i32) (result i64) (local $b i64) (local.set $b (call $alloc (i64.const 1)))
           (call $store_u8 (local.get $b) (i32.load8_u (local.get 0))) (local.get $b))
         (func $s (drop (call $plugin_call (call $b (i32.const 0)) (call $b (i32.const 1)) (i64.const 0))))
         (start $s) (func (export "f"))`,
        { permissions: { plugins: ['a'] } },
      );
      expect(await outcome(host.load(guest))).toBe('ERR_REENTRANT');
    },
  },
]);
