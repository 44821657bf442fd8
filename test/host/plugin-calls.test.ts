import { defineHostFunction, type HostFunctionContext } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest, toI32 } from '../fixtures/guests/guest.js';
import { caller, ECHO, hostCaller, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, next, openHost, plugin, recorder, rejection } from './open-host.js';

const DEPENDS = { dependencies: { lab: '*' } };
const relay = caller({
  relay: ['lab', 'echo'],
  spin: ['lab', 'spin'],
  fail: ['lab', 'fail'],
  none: ['lab', 'nothing_here'],
  count: ['lab', 'count'],
  trap: ['lab', 'trap'],
});

/** Is answered, and then never ends. */
const restless = guest(
  (text) => `
  ${fn(
    'relay_and_spin',
    `(drop (call $call ${text('lab')} ${text('echo')} (call $input_offset))) (loop $ever (br $ever))`,
  )}`,
  { imports: '(import "extism:host/user" "plugin_call" (func $call (param i64 i64 i64) (result i64)))' },
);

describe('a plugin that calls a dependency', () => {
  it('gets its answer', async () => {
    const host = await openHost({ catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)] });
    const app = await host.load('app');
    expect((await app.call('relay', 'through two guests')).text()).toBe('through two guests');
    expect((await app.call('relay')).text()).toBe('');
  });

  it('may call it by the name that it provides', async () => {
    const host = await openHost({
      catalog: [
        plugin('fancy', lab, { provides: { lab: '1.0.0' } }),
        plugin('app', relay, { dependencies: { lab: '^1' } }),
      ],
    });
    expect((await (await host.load('app')).call('relay', 'x')).text()).toBe('x');
  });

  it('does not deadlock in one thread', async () => {
    const host = await openHost({
      threads: { min: 1, max: 1 },
      catalog: [
        plugin('lab', lab),
        plugin('app', relay, DEPENDS),
        plugin('top', caller({ go: ['app', 'relay'] }), { dependencies: { app: '*' } }),
      ],
    });
    const top = await host.load('top');
    const outputs = await Promise.all(Array.from({ length: 20 }, (_, i) => top.call('go', `${i}`)));
    expect(outputs.map((output) => output.text())).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });

  it('does not deadlock where the host runs one call at a time', async () => {
    const host = await openHost({
      budget: { concurrentCalls: 1 },
      catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)],
    });
    const app = await host.load('app');
    const outputs = await Promise.all(Array.from({ length: 10 }, (_, i) => app.call('relay', `${i}`)));
    expect(outputs).toHaveLength(10);
  });

  it.each([['stateful'], ['per-call'], [{ pool: 2 }]])(
    'whose instances are %j, in one thread',
    async (instance) => {
      const host = await openHost({
        threads: { min: 1, max: 1 },
        catalog: [plugin('lab', lab, { instance: instance as never }), plugin('app', relay, DEPENDS)],
      });
      const app = await host.load('app');
      const outputs = await Promise.all(Array.from({ length: 10 }, (_, i) => app.call('relay', `${i}`)));
      expect(outputs.map((output) => output.text())).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
    },
  );

  it.each([{ metering: true }, { metering: false }])(
    'in its own thread, metering $metering, gets outputs of any size, and each call is counted',
    async ({ metering }) => {
      const host = await openHost({
        threads: { min: 1, max: 1 },
        metering,
        catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)],
      });
      const app = await host.load('app');
      const calls = collect(host, 'call');
      const sizes = [0, 1, 16_383, 16_384, 16_385, 200_000];
      for (const size of sizes) {
        const output = await app.call('relay', new Uint8Array(size).fill(7));
        expect(Buffer.from(output.bytes()).equals(Buffer.alloc(size, 7))).toBe(true);
      }
      const inner = calls.filter(({ plugin: name }) => name === 'lab');
      expect(inner.map(({ ok, outputBytes }) => [ok, outputBytes])).toEqual(
        sizes.map((size) => [true, size]),
      );
      expect(host.info('lab').state).toBe('ready');
    },
  );

  it.each([{ metering: true }, { metering: false }])(
    'and goes on for long, metering $metering, holds up no word of it',
    async ({ metering }) => {
      const host = await openHost({
        threads: { min: 1, max: 1 },
        metering,
        catalog: [plugin('lab', lab), plugin('app', restless, DEPENDS)],
      });
      const app = await host.load('app');
      const ended: string[] = [];
      host.on('call', ({ plugin: name, ok }) => ended.push(`${name} ${ok}`));
      const call = rejection(app.call('relay_and_spin', 'x', { timeoutMs: 500 }));
      const early = await Promise.race([call, next(host, 'call')]);
      expect(early).toMatchObject({ plugin: 'lab', ok: true });
      expect((await call).code).toBe('ERR_TIMEOUT');
      expect(ended).toEqual(['lab true', 'app false']);
    },
  );

  it('finds it where it is started by its first call', async () => {
    const host = await openHost({
      threads: { min: 1, max: 1 },
      catalog: [plugin('lab', lab, { activation: 'call' }), plugin('app', relay, DEPENDS)],
    });
    expect((await (await host.load('app')).call('relay', 'woken')).text()).toBe('woken');
  });

  it('finds it again after its instance was lost', async () => {
    const host = await openHost({
      threads: { min: 1, max: 1 },
      catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)],
    });
    const app = await host.load('app');
    expect((await app.call('trap')).byteLength).toBe(0);
    expect(toI32((await app.call('count')).bytes())).toBe(1);
  });

  it.each([
    ['fail', 'ERR_GUEST'],
    ['trap', 'ERR_TRAP'],
  ])('which fails (%s) gets offset 0 and keeps its state, and the log says %s', async (name, code) => {
    const logger = recorder();
    const host = await openHost({ logger, catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)] });
    const restarted = collect(host, 'plugin:restarted');
    const app = await host.load('app');
    expect((await app.call(name)).byteLength).toBe(0);
    expect((await app.call('relay', 'next')).text()).toBe('next');
    expect(restarted.filter(({ plugin: lost }) => lost === 'app')).toEqual([]);
    const told = logger.lines.find(({ message }) => message?.startsWith('plugin_call of app'));
    expect(told).toMatchObject({ level: 'warn', fields: { plugin: 'app', err: { code } } });
  });

  it('which has no such function ends the call', async () => {
    const host = await openHost({ catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)] });
    const app = await host.load('app');
    expect(await rejection(app.call('none'))).toMatchObject({ code: 'ERR_NO_EXPORT', plugin: 'app' });
    expect((await app.call('relay', 'next')).text()).toBe('next');
  });

  it('hands its deadline on', async () => {
    const host = await openHost({ catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)] });
    const app = await host.load('app');
    const calls = collect(host, 'call');
    expect((await rejection(app.call('spin', '', { timeoutMs: 500 }))).code).toBe('ERR_TIMEOUT');
    expect((await app.call('relay', 'next')).text()).toBe('next');
    const inner = calls.find(({ plugin: name }) => name === 'lab')!;
    expect(inner).toMatchObject({ fn: 'spin', ok: false });
  });

  it('hands its abort on', async () => {
    const host = await openHost({ catalog: [plugin('lab', lab), plugin('app', relay, DEPENDS)] });
    const app = await host.load('app');
    const controller = new AbortController();
    host.once('plugin:running', () => controller.abort());
    expect((await rejection(app.call('spin', '', { signal: controller.signal }))).code).toBe('ERR_ABORTED');
    expect((await app.call('relay', 'next')).text()).toBe('next');
  });

  it('hands its context and tenant on', async () => {
    const contexts: HostFunctionContext[] = [];
    const host = await openHost({
      hostFunctions: {
        host: defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes, ctx) => {
          contexts.push(ctx);
          return bytes;
        }),
      },
      grants: { '*': { hostFunctions: ['host'] } },
      catalog: [
        plugin('lab', hostCaller('host'), { permissions: { hostFunctions: ['host'] } }),
        plugin('app', caller({ go: ['lab', 'host'] }), DEPENDS),
      ],
    });
    await (await host.load('app')).call('go', 'x', { tenant: 'acme', context: { user: 7 } });
    expect(contexts).toMatchObject([{ plugin: 'lab', tenant: 'acme', context: { user: 7 } }]);
  });

  it('sends no more than its inputBytes', async () => {
    const host = await openHost({
      catalog: [plugin('lab', lab, { limits: { inputBytes: 10 } }), plugin('app', relay, DEPENDS)],
    });
    const app = await host.load('app');
    const violations = collect(host, 'violation');
    expect((await rejection(app.call('relay', 'x'.repeat(11)))).code).toBe('ERR_INPUT');
    expect(violations).toMatchObject([{ plugin: 'app', kind: 'input-size' }]);
  });
});

describe('a plugin that calls one it does not depend on', () => {
  it('may where its manifest asks and the host grants', async () => {
    const host = await openHost({ grants: { app: { plugins: ['lab'] } } });
    const [, app] = await host.load([
      plugin('lab', lab),
      plugin('app', relay, { permissions: { plugins: ['lab'] } }),
    ]);
    expect((await app!.call('relay', 'x')).text()).toBe('x');
  });

  it.each([
    ['does not ask', {}, { app: { plugins: ['lab'] } }],
    ['is not granted it', { permissions: { plugins: ['lab'] } }, {}],
  ])('and %s is refused: ERR_PERMISSION and a violation', async (_, manifest, grants) => {
    const host = await openHost({ grants });
    const violations = collect(host, 'violation');
    const [, app] = await host.load([plugin('lab', lab), plugin('app', relay, manifest)]);
    const error = await rejection(app!.call('relay', 'x'));
    expect(error).toMatchObject({ code: 'ERR_PERMISSION', plugin: 'app' });
    expect(violations).toMatchObject([{ plugin: 'app', kind: 'plugin-call', callId: error.callId }]);
    expect(host.info('lab').stats.calls).toBe(0);
  });

  it('and which is not loaded is told so', async () => {
    const host = await openHost({ grants: { app: { plugins: ['lab'] } } });
    const app = await host.load(plugin('app', relay, { permissions: { plugins: ['lab'] } }));
    const error = await rejection(app.call('relay', 'x'));
    expect(error.code).toBe('ERR_NOT_FOUND');
    expect(error.message).toContain('lab');
  });
});

describe('a circle of calls', () => {
  const grants = { '*': { plugins: ['a', 'b'] } };
  const permissions = { plugins: ['a', 'b'] };

  it('is refused where it would close', async () => {
    const host = await openHost({ grants });
    const [a] = await host.load([
      plugin('a', caller({ go: ['b', 'go'] }), { permissions }),
      plugin('b', caller({ go: ['a', 'go'] }), { permissions }),
    ]);
    const error = await rejection(a!.call('go', 'x'));
    expect(error.code).toBe('ERR_REENTRANT');
    expect(error.message).toContain('a -> b -> a');
    expect((await a!.call('echo', 'next')).text()).toBe('next');
  });

  it('of one is refused, whatever its instances are', async () => {
    for (const instance of ['stateful', 'per-call', { pool: 4 }] as const) {
      const host = await openHost({ grants });
      const a = await host.load(plugin('a', caller({ go: ['a', 'echo'] }), { permissions, instance }));
      expect((await rejection(a.call('go', 'x'))).code).toBe('ERR_REENTRANT');
    }
  });
});

it('a call that waits for an instance which is to start behind it in its thread gets one from another', async () => {
  const host = await openHost({
    threads: { min: 1, max: 1 },
    catalog: [
      plugin('base', lab, { activation: 'call' }),
      plugin('top', caller({ go: ['base', 'count'] }), { dependencies: { base: '*' } }),
    ],
  });
  await host.load('top');
  const timeoutMs = 5000;
  // Both are sent before the thread runs either: first the call that will wait, then the start of what it waits for.
  const both = await Promise.all([
    host.call('top', 'go', '', { timeoutMs }),
    host.call('base', 'count', '', { timeoutMs }),
  ]);
  expect(both.map((output) => toI32(output.bytes())).sort()).toEqual([1, 2]);
  expect(host.info('base').instances).toBe(1);
});

describe('calls that need instances which others have', () => {
  it('are refused where these wait for them in turn', async () => {
    // Each has its plugin's only instance, for one tenant, and then wants that of the other, for the same tenant.
    const asksThenCalls = (target: string) =>
      guest(
        (text) =>
          `${ECHO} ${fn(
            'go',
            `(drop (call $wait (call $input_offset)))
            (call $reply (call $plugin_call ${text(target)} ${text('echo')} (call $input_offset)))`,
          )}`,
        {
          imports: `(import "extism:host/user" "wait" (func $wait (param i64) (result i64)))
            (import "extism:host/user" "plugin_call" (func $plugin_call (param i64 i64 i64) (result i64)))`,
        },
      );
    const bothHave = deferred<string>();
    let entered = 0;
    const wait = defineHostFunction({ params: ['text'], result: 'text' }, () => {
      if (++entered === 2) bothHave.resolve('');
      return bothHave.promise;
    });
    const granted = { plugins: ['a', 'b'], hostFunctions: ['wait'] };
    const host = await openHost({ hostFunctions: { wait }, grants: { '*': granted } });
    const [a, b] = await host.load(
      ['a', 'b'].map((name) =>
        plugin(name, asksThenCalls(name === 'a' ? 'b' : 'a'), {
          permissions: granted,
          limits: { instances: 1 },
        }),
      ),
    );
    const results = await Promise.allSettled([
      a!.call('go', 'x', { tenant: 'one', timeoutMs: 20_000 }),
      b!.call('go', 'y', { tenant: 'two', timeoutMs: 20_000 }),
    ]);
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed.map(({ reason }) => reason.code)).toEqual(['ERR_REENTRANT']);
    expect(failed[0]!.reason.message).toContain('would never begin');
  });

  it('over three levels, of many callers and tenants on two threads, all end', async () => {
    const pool = { instance: { pool: 3 } } as const;
    const calls = (name: string) => ({ dependencies: { [name]: '*' } });
    const host = await openHost({
      budget: { cpuPercent: Number.POSITIVE_INFINITY },
      quarantine: { maxViolations: 100_000 },
      catalog: [
        plugin('c', lab, pool),
        plugin('b', caller({ c: ['c', 'echo'] }), calls('c')),
        plugin('a', caller({ b: ['b', 'echo'], bc: ['b', 'c'] }), { ...pool, ...calls('b') }),
        plugin('w', caller({ abc: ['a', 'bc'] }), calls('a')),
      ],
    });
    await host.load('w');
    const ways = [
      ['w', 'abc'],
      ['a', 'bc'],
      ['a', 'b'],
      ['b', 'c'],
      ['b', 'echo'],
      ['c', 'echo'],
    ] as const;
    const codes = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const [name, target] = ways[(i * 7) % ways.length]!;
        const options = { timeoutMs: 20_000, ...(i % 3 === 0 && { tenant: `t${i % 5}` }) };
        return await host.call(name, target, `${i}`, options).then(
          (output) => (output.text() === `${i}` ? 'ok' : 'wrong'),
          (error) => error.code,
        );
      }),
    );
    // One whose own instance is below it on the stack has no way out: that is rare, and told at once.
    expect(codes.filter((code) => code !== 'ok' && code !== 'ERR_REENTRANT')).toEqual([]);
    expect(codes.filter((code) => code === 'ok').length).toBeGreaterThan(280);
  }, 60_000);
});
