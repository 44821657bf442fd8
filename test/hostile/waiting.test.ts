import { defineHostFunction, type Host } from 'cordon';
import { expect } from 'vitest';
import { attacks, outcome, type Scene } from './attack.js';
import { ask, hostImport, imports, plugin, SPIN } from './guests.js';

const CALLS = imports('alloc', 'store_u8', 'plugin_call', 'input_length');
/** Waits for the host, then calls `fn` of `target`; fails where no answer comes. */
const caller = (name: string, target: string, manifest = {}) =>
  plugin(
    name,
    `${CALLS} ${hostImport('wait')} (memory 1) ${ask(target, 'noop')}
     (func (export "go") (result i32) (call $wait) (call $ask))
     (func (export "now") (result i32) (call $ask))
     (func $deep (param i32) (result i32) (if (result i32) (local.get 0)
       (then (i32.add (i32.const 0) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
       (else (call $ask))))
     (func (export "deep") (result i32) (call $deep (i32.wrap_i64 (call $input_length))))
     (func (export "noop"))`,
    { permissions: { hostFunctions: ['wait'], plugins: [target] }, ...manifest },
  );
const spinner = (name: string, manifest = {}) =>
  plugin(name, `${hostImport('here')} (func (export "spin") (call $here) ${SPIN}) (func (export "noop"))`, {
    permissions: { hostFunctions: ['here'] },
    ...manifest,
  });
const NO_QUARANTINE = { quarantine: { maxViolations: Number.POSITIVE_INFINITY } };

attacks([
  {
    name: 'two plugins that call each other at the same time end in ERR_REENTRANT for one, and an answer for the other',
    plugins: [caller('a', 'b'), caller('b', 'a')],
    options: { threads: { min: 2, max: 2 } },
    run: async (host, scene) => {
      const calls = [outcome(host.call('a', 'go')), outcome(host.call('b', 'go'))];
      await scene.arrivals(2);
      scene.release();
      expect((await Promise.all(calls)).sort()).toEqual(['', 'ERR_REENTRANT']);
    },
  },
  {
    name: 'three plugins that call each other in a ring at the same time do not lock each other',
    plugins: [caller('a', 'b'), caller('b', 'c'), caller('c', 'a')],
    options: { threads: { min: 3, max: 3 } },
    run: async (host, scene) => {
      const calls = ['a', 'b', 'c'].map((name) => outcome(host.call(name, 'go')));
      await scene.arrivals(3);
      scene.release();
      expect((await Promise.all(calls)).sort()).toEqual(['', '', 'ERR_REENTRANT']);
    },
  },
  ...[
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'd', 'c'],
  ].map((order) => ({
    name: `two pairs of plugins that share threads do not lock each other (loaded as ${order.join(', ')})`,
    options: { threads: { min: 2, max: 2 } },
    run: async (host: Host, scene: Scene) => {
      const all = { a: caller('a', 'c'), b: caller('b', 'd'), c: caller('c', 'a'), d: caller('d', 'b') };
      for (const name of order) await host.load(all[name as keyof typeof all]);
      const calls = [outcome(host.call('a', 'go')), outcome(host.call('b', 'go'))];
      await scene.arrivals(2);
      scene.release();
      expect(await Promise.all(calls)).toEqual(['', '']);
    },
  })),
  {
    name: 'an instance that waits below another one on the stack of its thread is not entered again',
    options: { threads: { min: 2, max: 2 } },
    run: async (host, scene) => {
      // One after the other: a and c come into one thread, b into the other.
      const all = [
        plugin(
          'a',
          `${CALLS} (memory 1) (global $inside (mut i32) (i32.const 0)) ${ask('b', 'noop')}
         (func (export "go") (global.set $inside (i32.const 1)) (drop (call $ask)) (global.set $inside (i32.const 0)))
         (func (export "noop") (if (global.get $inside) (then unreachable)))`,
          { permissions: { plugins: ['b'] } },
        ),
        plugin(
          'b',
          `${CALLS} ${hostImport('wait')} (memory 1) ${ask('c', 'go')}
         (func (export "go") (call $wait) (drop (call $ask))) (func (export "noop"))`,
          { permissions: { hostFunctions: ['wait'], plugins: ['c'] }, limits: { queueTimeoutMs: 300 } },
        ),
        caller('c', 'a'),
      ];
      for (const one of all) await host.load(one);
      const b = outcome(host.call('b', 'go'));
      await scene.arrivals(1);
      // It waits for b in vain, which waits for c by then, which runs in its thread, above it on the stack.
      const a = outcome(host.call('a', 'go'));
      const trapped: string[] = [];
      const expired = new Promise<void>((resolve) => {
        host.on('call', ({ plugin, fn, code }) => {
          if (code === 'ERR_TRAP') trapped.push(plugin);
          if (plugin === 'b' && fn === 'noop') resolve();
        });
      });
      while (host.stats().inFlight < 3) await new Promise(setImmediate);
      scene.release();
      await scene.arrivals(2);
      await expired;
      scene.release();
      expect(await a).toBe('');
      // Where guests are suspended a is over by then, and is called for b.
      expect(['', 'ERR_REENTRANT']).toContain(await b);
      expect(trapped).toEqual([]);
    },
  },
  {
    name: 'a plugin that calls itself is refused, and not blamed',
    plugins: [caller('a', 'a')],
    run: async (host) => expect(await outcome(host.call('a', 'now'))).toBe('ERR_REENTRANT'),
  },
  {
    name: 'a plugin that has used up its stack cannot make its dependency overflow it',
    options: NO_QUARANTINE,
    plugins: [
      plugin(
        'b',
        `(func $r (param i32) (if (local.get 0) (then (call $r (i32.sub (local.get 0) (i32.const 1))))))
         (func (export "noop") (call $r (i32.const 2000)))`,
      ),
      caller('a', 'b'),
    ],
    run: async (host, scene) => {
      for (let depth = 20_000; depth <= 90_000; depth += 500) {
        await outcome(host.call('a', 'deep', 'x'.repeat(depth)));
      }
      expect(scene.violations.filter(({ plugin }) => plugin === 'b')).toEqual([]);
      expect(await outcome(host.call('b', 'noop'))).toBe('');
      scene.violations.length = 0;
    },
  },
  {
    name: 'a plugin that has used up its time cannot have its dependency blamed for running out of it',
    options: { limits: { timeoutMs: 10_000 } },
    plugins: [
      plugin('b', `(func (export "noop") ${SPIN})`),
      caller('a', 'b', { limits: { timeoutMs: 100 } }),
    ],
    run: async (host) => {
      for (let i = 0; i < 4; i++) expect(await outcome(host.call('a', 'now'))).not.toBe('pending');
      expect(host.plugin('b').state).not.toBe('quarantined');
    },
    violations: ['a timeout', 'a timeout', 'a timeout'],
  },
  {
    name: 'a plugin that may call another may not call a third',
    plugins: [
      plugin('c', '(func (export "noop"))'),
      caller('a', 'c', { permissions: { hostFunctions: ['wait'] } }),
    ],
    run: async (host) => expect(await outcome(host.call('a', 'now'))).toBe('ERR_PERMISSION'),
    violations: ['a plugin-call'],
  },
  {
    name: 'calls behind one that never ends wait no longer than queueTimeoutMs, also when they were sent already',
    // At the end one call waits for a new instance: on a busy machine that is no matter of milliseconds.
    options: { limits: { timeoutMs: 20_000, queueTimeoutMs: 2_000 }, ...NO_QUARANTINE },
    plugins: [spinner('a')],
    run: async (host, scene) => {
      const controller = new AbortController();
      const first = outcome(host.call('a', 'spin', undefined, { signal: controller.signal }));
      await scene.arrivals(1);
      const behind = Array.from({ length: 40 }, () => outcome(host.call('a', 'noop')));
      expect(new Set(await Promise.all(behind))).toEqual(new Set(['ERR_TIMEOUT']));
      controller.abort();
      expect(await first).toBe('ERR_ABORTED');
      expect(await outcome(host.call('a', 'noop'))).toBe('');
    },
  },
  {
    name: "a tenant whose calls never end does not keep another tenant's from their instance",
    options: { limits: { timeoutMs: 20_000, queueTimeoutMs: 20_000 }, threads: { min: 2, max: 2 } },
    plugins: [spinner('a')],
    run: async (host, scene) => {
      const controller = new AbortController();
      const options = { tenant: 'x', signal: controller.signal };
      const flood = Array.from({ length: 40 }, () => outcome(host.call('a', 'spin', undefined, options)));
      await scene.arrivals(1);
      expect(await outcome(host.call('a', 'noop', undefined, { tenant: 'y' }))).toBe('');
      controller.abort();
      expect(new Set(await Promise.all(flood))).toEqual(new Set(['ERR_ABORTED']));
    },
  },
  {
    name: 'a place in the budget that an aborted call does not need goes to the next who waits',
    options: { budget: { concurrentCalls: 1 } },
    plugins: [
      plugin('a', `${hostImport('wait')} (func (export "f") (call $wait))`, {
        permissions: { hostFunctions: ['wait'] },
      }),
      plugin('b', '(func (export "f"))'),
      plugin('c', '(func (export "f"))'),
    ],
    run: async (host, scene) => {
      const running = outcome(host.call('a', 'f'));
      await scene.arrivals(1);
      const controller = new AbortController();
      const given = outcome(host.call('b', 'f', undefined, { signal: controller.signal }));
      const next = outcome(host.call('c', 'f'));
      controller.abort();
      scene.release();
      expect(await Promise.all([running, given, next])).toEqual(['', 'ERR_ABORTED', '']);
    },
  },
  {
    name: 'host functions that never answer hold no thread once their calls are over',
    options: { limits: { timeoutMs: 50 }, ...NO_QUARANTINE },
    plugins: [
      plugin('a', `${hostImport('never')} (func (export "f") (call $never))`, {
        permissions: { hostFunctions: ['never'] },
      }),
    ],
    run: async (host, scene) => {
      for (let i = 0; i < 8; i++) expect(await outcome(host.call('a', 'f'))).toBe('ERR_TIMEOUT');
      expect(host.stats().threads).toBeLessThanOrEqual(2);
      scene.violations.length = 0;
    },
  },
  {
    name: 'an answer that comes after its call was aborted reaches no later call',
    plugins: [
      plugin(
        'a',
        `${imports('output_set')} ${hostImport('secret', '(result i64)')} ${hostImport('other', '(result i64)')}
         (func $say (param i64) (call $output_set (local.get 0) (i64.const 3)))
         (func (export "secret") (call $say (call $secret)))
         (func (export "other") (call $say (call $other)))`,
        { permissions: { hostFunctions: ['secret', 'other'] } },
      ),
    ],
    ...lateAnswer(),
  },
  {
    name: 'calls in every state settle when the host closes',
    options: { threads: { min: 2, max: 2 } },
    plugins: [
      caller('a', 'b'),
      caller('b', 'a'),
      spinner('c'),
      plugin('d', `${hostImport('never')} (func (export "f") (call $never))`, {
        permissions: { hostFunctions: ['never'] },
        instance: 'per-call',
      }),
    ],
    closes: true,
    run: async (host, scene) => {
      const calls = [
        host.call('a', 'go'),
        host.call('b', 'go'),
        ...Array.from({ length: 20 }, () => host.call('c', 'spin')),
        ...Array.from({ length: 5 }, () => host.call('d', 'f')),
      ].map(outcome);
      await scene.arrivals(2);
      expect(await outcome(host.close({ drainMs: 0 }))).toBe('');
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['ERR_CLOSED']));
    },
  },
]);

function lateAnswer() {
  let answer: (value: string) => void = () => {};
  let asked: () => void = () => {};
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  return {
    options: {
      hostFunctions: {
        secret: defineHostFunction({ result: 'text' }, () => {
          asked();
          return new Promise<string>((resolve) => {
            answer = resolve;
          });
        }),
        other: defineHostFunction({ result: 'text' }, () => 'own'),
      },
      grants: { a: { hostFunctions: ['secret', 'other'] } },
    },
    run: async (host: Host) => {
      const controller = new AbortController();
      const first = outcome(host.call('a', 'secret', undefined, { signal: controller.signal }));
      await arrived;
      controller.abort();
      expect(await first).toBe('ERR_ABORTED');
      const second = outcome(host.call('a', 'other'));
      answer('sec');
      expect(await second).toBe('own');
    },
  };
}
