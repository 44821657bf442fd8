import { defineHostFunction, type HostOptions } from 'cordon';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fn, guest, toI32 } from '../fixtures/guests/guest.js';
import { caller, ECHO, hostCaller, lab } from '../fixtures/guests/guests.js';
import { wat } from '../wasm/wat.js';
import { collect, deferred, next, openHost, plugin, rejection } from './open-host.js';

/** Where WebAssembly cannot be suspended, threads are blocked instead: see threads.test.ts. */
const canSuspend = 'Suspending' in WebAssembly;

/** A host with one thread, whose function `host` answers when the test says so. */
async function waitingHost(options: HostOptions = {}) {
  const asked: {
    readonly input: string;
    readonly signal: AbortSignal;
    readonly answer: (text: string) => void;
  }[] = [];
  const waiters: (() => void)[] = [];
  const host = await openHost({
    threads: { min: 1, max: 1 },
    budget: { concurrentCalls: 1000 },
    hostFunctions: {
      host: defineHostFunction({ params: ['text'], result: 'text' }, (input, { signal }) => {
        const { promise, resolve } = deferred<string>();
        asked.push({ input, signal, answer: resolve });
        for (const wake of waiters.splice(0)) wake();
        return promise;
      }),
      fails: defineHostFunction({ params: ['text'], result: 'text' }, () => Promise.reject(new Error('no'))),
    },
    grants: { '*': { hostFunctions: ['host', 'fails'] } },
    ...options,
  });
  /** The guests that wait, once there are so many. */
  const waiting = async (count: number) => {
    while (asked.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
    return asked;
  };
  return { host, asked, waiting };
}

const ASKS = { permissions: { hostFunctions: ['host', 'fails'] } };
const asks = hostCaller('host');

/** Tries to live on whatever its host says, and would say so. */
const stubborn = guest(
  (text) => `
  ${ECHO}
  ${fn('swallow', `(loop $again (try (do (drop (call $host (call $input_offset)))) (catch_all)) (call $log_info ${text('alive')}) (br $again))`)}
  ${fn('bad', `(try (do (drop (call $host (i64.const 77)))) (catch_all (call $reply ${text('caught')})))`)}`,
  { imports: '(import "extism:host/user" "fails" (func $host (param i64) (result i64)))' },
);

describe.runIf(canSuspend)('guests that wait for their host', () => {
  it.each([[{ pool: 200 }], ['per-call' as const]])(
    'are suspended, 200 of them in one thread (%j)',
    async (instance) => {
      const { host, waiting } = await waitingHost({ limits: { instances: 200 } });
      const p = await host.load(plugin('p', asks, { ...ASKS, instance }));
      const calls = Array.from({ length: 200 }, (_, i) => p.call('host', `${i}`));
      const all = await waiting(200);
      expect(host.stats().threads).toBe(1);
      for (const { input, answer } of all) answer(`${input}!`);
      const outputs = await Promise.all(calls);
      expect(outputs.map((output) => output.text())).toEqual(Array.from({ length: 200 }, (_, i) => `${i}!`));
    },
  );

  it('are not charged for the time in which they waited until their deadlines', async () => {
    const { host, waiting } = await waitingHost();
    const p = await host.load(plugin('p', asks, { ...ASKS, instance: { pool: 4 } }));
    const calls = Array.from({ length: 4 }, () => rejection(p.call('host', 'x', { timeoutMs: 1000 })));
    await waiting(4);
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(Array(4).fill('ERR_TIMEOUT'));
    // Four seconds of ten, on a single core.
    expect(host.info('p').cpuPercent).toBeLessThan(20);
  });

  it('hold up no other plugin of their thread', async () => {
    const { host, waiting } = await waitingHost();
    const [p, other] = await host.load([plugin('p', asks, ASKS), plugin('other', lab)]);
    const call = p!.call('host', 'x');
    const [one] = await waiting(1);
    expect((await other!.call('echo', 'meanwhile')).text()).toBe('meanwhile');
    one!.answer('done');
    expect((await call).text()).toBe('done');
  });

  it('are not blamed for coming too late where others ran in their thread', async () => {
    const { host, waiting } = await waitingHost({ quarantine: { maxViolations: 1 } });
    const [p, other] = await host.load([
      plugin('p', asks, { ...ASKS, limits: { timeoutMs: 200 } }),
      plugin('other', lab, { limits: { timeoutMs: 600 } }),
    ]);
    const violations = collect(host, 'violation');
    await other!.call('echo');
    const call = rejection(p!.call('host', 'x'));
    const [one] = await waiting(1);
    const spin = rejection(other!.call('spin'));
    one!.answer('long before its deadline');
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', message: expect.stringMatching(/Others ran/) });
    expect(await spin).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(violations.map(({ plugin, kind }) => `${plugin} ${kind}`)).toEqual(['other timeout']);
    expect(p!.state).not.toBe('quarantined');
  });

  it('have no more turns than others, however often they are suspended', async () => {
    const { host } = await waitingHost({
      limits: { instances: 20, timeoutMs: 3000 },
      hostFunctions: { host: defineHostFunction({ params: ['text'], result: 'text' }, (input) => input) },
      grants: { '*': { hostFunctions: ['host'] } },
    });
    // Each computes for a few milliseconds between its questions, so that some of them can always go on.
    const busy = guest(
      () => `(func (export "go") (local $i i32)
        (loop $ever
          (local.set $i (i32.const 1000000))
          (loop $count (br_if $count (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
          (drop (call $host (call $input_offset)))
          (br $ever)))`,
      { imports: '(import "extism:host/user" "host" (func $host (param i64) (result i64)))' },
    );
    const permissions = { hostFunctions: ['host'] };
    const [p, other] = await host.load([
      plugin('p', busy, { permissions, instance: { pool: 20 } }),
      plugin('other', lab),
    ]);
    await other!.call('echo');
    const calls = Array.from({ length: 20 }, () => rejection(p!.call('go')));
    let isOver = false;
    void Promise.all(calls).then(() => {
      isOver = true;
    });
    for (let i = 0; i < 50; i++) await other!.call('echo', 'x');
    expect(isOver).toBe(false);
    await Promise.all(calls);
  });

  it('make room for others whatever they asked before: another plugin of their thread, and then the host', async () => {
    const { host, waiting } = await waitingHost();
    const first = guest(
      (text) =>
        fn(
          'go',
          `(drop (call $call ${text('lab')} ${text('echo')} (call $input_offset))) (call $reply (call $host (call $input_offset)))`,
        ),
      {
        imports: `(import "extism:host/user" "plugin_call" (func $call (param i64 i64 i64) (result i64)))
          (import "extism:host/user" "host" (func $host (param i64) (result i64)))`,
      },
    );
    const [, p] = await host.load([
      plugin('lab', lab),
      plugin('p', first, { ...ASKS, dependencies: { lab: '*' }, instance: 'per-call' }),
    ]);
    // More than may be under way at a time without being suspended.
    const calls = Array.from({ length: 200 }, (_, i) => p!.call('go', `${i}`));
    for (const { input, answer } of await waiting(200)) answer(`${input}!`);
    const outputs = await Promise.all(calls);
    expect(outputs.map((output) => output.text())).toEqual(Array.from({ length: 200 }, (_, i) => `${i}!`));
  });

  it('keep the calls of a stateful instance in order', async () => {
    const { host, asked, waiting } = await waitingHost();
    const p = await host.load(plugin('p', asks, ASKS));
    const calls = ['a', 'b', 'c'].map((input) => p.call('twice', input).then((output) => output.text()));
    for (let at = 0; at < 6; at++) {
      const all = await waiting(at + 1);
      expect(asked).toHaveLength(at + 1);
      all[at]!.answer(`${all[at]!.input}${at}`);
    }
    expect(await Promise.all(calls)).toEqual(['a01', 'b23', 'c45']);
  });

  it('end at their deadline, and the next call has a fresh instance of the same thread', async () => {
    const { host, waiting } = await waitingHost();
    const warnings = collect(host, 'warning');
    const p = await host.load(plugin('p', asks, ASKS));
    const late = rejection(p.call('host', 'x', { timeoutMs: 50 }));
    const [one] = await waiting(1);
    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(one!.signal.aborted).toBe(true);
    one!.answer('too late');
    expect((await p.call('echo', 'again')).text()).toBe('again');
    expect(warnings).toEqual([]);
  });

  it('end where their caller gives up, and calls behind them go on', async () => {
    const { host, asked, waiting } = await waitingHost();
    const p = await host.load(plugin('p', asks, ASKS));
    const controller = new AbortController();
    const given = rejection(p.call('host', 'x', { signal: controller.signal }));
    const behind = p.call('host', 'behind');
    const skipped = new AbortController();
    const neverBegun = rejection(p.call('host', 'never', { signal: skipped.signal }));
    await waiting(1);
    skipped.abort();
    controller.abort();
    expect(await given).toMatchObject({ code: 'ERR_ABORTED' });
    expect(await neverBegun).toMatchObject({ code: 'ERR_ABORTED' });
    const all = await waiting(2);
    all[1]!.answer('done');
    expect((await behind).text()).toBe('done');
    expect(asked.map(({ input }) => input)).toEqual(['x', 'behind']);
  });

  it('keep no place of a call behind them whose caller gives up', async () => {
    const { host, waiting } = await waitingHost({ budget: { concurrentCalls: 3 } });
    const [p, other] = await host.load([plugin('p', asks, ASKS), plugin('other', lab)]);
    const call = p!.call('host', 'x', { timeoutMs: 2000 });
    const controller = new AbortController();
    const behind = [1, 2].map(() => rejection(p!.call('echo', '', { signal: controller.signal })));
    const [one] = await waiting(1);
    controller.abort();
    await Promise.all(behind);
    expect((await other!.call('echo', 'meanwhile')).text()).toBe('meanwhile');
    one!.answer('done');
    expect((await call).text()).toBe('done');
  });

  it('cannot catch that their host refused, nor that they gave it a bad pointer', async () => {
    const { host } = await waitingHost();
    const p = await host.load(plugin('p', stubborn, { ...ASKS, instance: 'per-call' }));
    const logged: string[] = [];
    host.on('log', ({ message }) => logged.push(message));
    expect(await rejection(p.call('swallow', 'x'))).toMatchObject({ code: 'ERR_HOST_FUNCTION' });
    expect(await rejection(p.call('bad', 'x'))).toMatchObject({ code: 'ERR_TRAP', details: { trap: 'abi' } });
    expect(logged).toEqual([]);
  });

  it('without metering are suspended and stopped all the same', async () => {
    const { host, waiting } = await waitingHost({ metering: false });
    const warnings = collect(host, 'warning');
    const [p, q] = await host.load([plugin('p', asks, ASKS), plugin('q', stubborn, ASKS)]);
    const calls = [rejection(p!.call('host', 'x', { timeoutMs: 50 })), rejection(q!.call('swallow', 'x'))];
    await waiting(1);
    expect(await Promise.all(calls)).toMatchObject([{ code: 'ERR_TIMEOUT' }, { code: 'ERR_HOST_FUNCTION' }]);
    expect(warnings).toEqual([]);
  });

  it('are not charged for the time and the instructions of others', async () => {
    const { host, waiting } = await waitingHost();
    const [p, other] = await host.load([plugin('p', asks, ASKS), plugin('other', lab)]);
    const alone = next(host, 'call', ({ plugin }) => plugin === 'p');
    const first = p!.call('host', 'x');
    (await waiting(1))[0]!.answer('y');
    await first;
    const { fuel } = await alone;
    const beside = next(host, 'call', ({ plugin }) => plugin === 'p');
    const call = p!.call('host', 'x');
    const all = await waiting(2);
    await rejection(other!.call('spin', '', { timeoutMs: 150 }));
    all[1]!.answer('y');
    await call;
    const event = await beside;
    expect(event.fuel).toBe(fuel);
    expect(event.durationMs).toBeGreaterThan(140);
    expect(event.cpuMs).toBeLessThan(event.durationMs / 2);
  });

  it('are late where the host was too busy to hear of them in time', async () => {
    const { host } = await waitingHost();
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    onTestFinished(() => void process.off('warning', listen));
    const p = await host.load(plugin('p', asks, ASKS));
    const late = rejection(p.call('host', 'x', { timeoutMs: 20 }));
    await new Promise((resolve) => setImmediate(resolve));
    for (const end = performance.now() + 200; performance.now() < end; );
    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect((await p.call('echo', 'again')).text()).toBe('again');
    expect(warnings).toEqual([]);
  });

  it('settle when their plugin is unloaded or the host closes', async () => {
    const { host, waiting } = await waitingHost();
    const [p, q] = await host.load([plugin('p', asks, ASKS), plugin('q', asks, ASKS)]);
    const calls = [p!, q!].map((one) => rejection(one.call('host', 'x')));
    await waiting(2);
    await host.unload('p', { drainMs: 0 });
    expect(await calls[0]).toMatchObject({ code: expect.stringMatching(/ERR_(ABORTED|STATE|CLOSED)/) });
    await host.close({ drainMs: 0 });
    expect(await calls[1]).toMatchObject({ code: expect.stringMatching(/ERR_(ABORTED|STATE|CLOSED)/) });
  });

  it('are drained by an unload that waits for them', async () => {
    const { host, waiting } = await waitingHost();
    const p = await host.load(plugin('p', asks, ASKS));
    const call = p.call('host', 'x');
    const [one] = await waiting(1);
    const unloaded = host.unload('p', { drainMs: 10_000 });
    one!.answer('in time');
    expect((await call).text()).toBe('in time');
    await unloaded;
  });
});

const PLUGIN_CALL =
  '(import "extism:host/user" "plugin_call" (func $plugin_call (param i64 i64 i64) (result i64)))';
const ASKING = `(import "extism:host/user" "host" (func $host (param i64) (result i64))) ${PLUGIN_CALL}`;
const SEVERAL = [{ name: 'main' }, { name: 'lib' }] as never;

describe.runIf(canSuspend)('a plugin that waits for another', () => {
  const CALLS = (...plugins: string[]) => ({ permissions: { plugins, hostFunctions: ['host'] } });

  it('lets others call both meanwhile, in one thread', async () => {
    const { host, waiting } = await waitingHost({
      grants: { '*': { plugins: ['a', 'b'], hostFunctions: ['host'] } },
    });
    const app = caller({ go: ['inner', 'host'] });
    await host.load([
      plugin('inner', asks, { ...CALLS(), instance: { pool: 4 } }),
      plugin('app', app, { dependencies: { inner: '*' }, instance: { pool: 4 } }),
    ]);
    const calls = ['a', 'b', 'c'].map((input) => host.call('app', 'go', input));
    const all = await waiting(3);
    expect((await host.call('inner', 'echo', 'free')).text()).toBe('free');
    for (const { input, answer } of all) answer(`${input}!`);
    expect((await Promise.all(calls)).map((output) => output.text())).toEqual(['a!', 'b!', 'c!']);
    expect(host.stats().threads).toBe(1);
  });

  it('and is waited for by it, in another call, is refused and does not wait for ever', async () => {
    const { host, waiting } = await waitingHost({
      grants: { '*': { plugins: ['a', 'b'], hostFunctions: ['host'] } },
    });
    // Each asks its host first, so that both calls are in the midst of themselves when they call each other.
    const crossing = (name: string) =>
      guest(
        (text) => `
        ${ECHO}
        ${fn('cross', `(drop (call $host (call $input_offset))) (call $reply (call $plugin_call ${text(name)} ${text('echo')} (call $input_offset)))`)}`,
        {
          imports: ASKING,
        },
      );
    await host.load([plugin('a', crossing('b'), CALLS('b')), plugin('b', crossing('a'), CALLS('a'))]);
    const calls = ['a', 'b'].map((name) =>
      host.call(name, 'cross', name, { timeoutMs: 5000 }).then(
        (output) => output.text(),
        (error: { code: string }) => error.code,
      ),
    );
    for (const { answer } of await waiting(2)) answer('go');
    const outcomes = await Promise.all(calls);
    expect(outcomes).toContain('ERR_REENTRANT');
    expect(outcomes).not.toContain('ERR_TIMEOUT');
  });

  it('is refused where it waits for itself by way of an instance that was made for one call', async () => {
    const { host, waiting } = await waitingHost({
      grants: { '*': { plugins: ['a', 'b', 'fresh'], hostFunctions: ['host'] } },
    });
    const asksThenCalls = (name: string) =>
      guest(
        (text) => `
        ${ECHO}
        ${fn('go', `(drop (call $host (call $input_offset))) (call $reply (call $plugin_call ${text(name)} ${text('echo')} (call $input_offset)))`)}`,
        { imports: ASKING },
      );
    const relay = guest(
      (text) =>
        fn('echo', `(call $reply (call $plugin_call ${text('b')} ${text('echo')} (call $input_offset)))`),
      { imports: PLUGIN_CALL },
    );
    await host.load([
      plugin('a', asksThenCalls('fresh'), CALLS('fresh')),
      plugin('b', asksThenCalls('a'), CALLS('a')),
      plugin('fresh', relay, { ...CALLS('b'), instance: 'per-call' }),
    ]);
    const outcome = (name: string) =>
      host.call(name, 'go', name, { timeoutMs: 5000 }).then(
        (output) => output.text(),
        (error: { code: string }) => error.code,
      );
    const calls = [outcome('a'), outcome('b')];
    const all = await waiting(2);
    all.find(({ input }) => input === 'b')!.answer('go');
    // By now b waits for a.
    await host.call('fresh', 'echo', '', { timeoutMs: 20 }).catch(() => {});
    all.find(({ input }) => input === 'a')!.answer('go');
    const outcomes = await Promise.all(calls);
    expect(outcomes).toContain('ERR_REENTRANT');
    expect(outcomes).not.toContain('ERR_TIMEOUT');
  });

  it('and blocks the thread in which that one could go on is refused', async () => {
    const { host, waiting } = await waitingHost({
      grants: { '*': { plugins: ['p'], hostFunctions: ['host', 'fails'] } },
    });
    // Guests of several modules block their thread.
    const main = guest(
      (text) =>
        fn('go', `(call $reply (call $plugin_call ${text('p')} ${text('echo')} (call $input_offset)))`),
      { imports: PLUGIN_CALL },
    );
    const several = {
      ...plugin('several', main, { permissions: { plugins: ['p'] }, wasm: SEVERAL }),
      wasm: { main, lib: wat('(module (func (export "nothing")))') },
    };
    await host.load([plugin('p', asks, ASKS), several as never]);
    for (let i = 1; i <= 20; i++) {
      const call = host.call('p', 'host', 'x', { timeoutMs: 5000 });
      const all = await waiting(i);
      const blocking = host.call('several', 'go', 'y', { timeoutMs: 2000 }).then(
        (output) => output.text(),
        (error: { code: string }) => error.code,
      );
      // The answer is on its way when the other one blocks the thread.
      all[i - 1]!.answer('done');
      expect(['y', 'ERR_REENTRANT']).toContain(await blocking);
      expect((await call).text()).toBe('done');
    }
  });
});

describe.runIf(canSuspend)('a guest whose function V8 cannot enter by a promise', () => {
  // What JavaScript has no value for: a vector.
  const vector = wat(`(module
    (import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))
    (memory (export "memory") 1)
    (func (export "on_activate") (result i32) (i32.const 0))
    (func (export "vector") (result v128) (v128.const i64x2 1 2)))`);

  it('fails, and costs neither its thread nor its neighbours', async () => {
    const { host } = await waitingHost();
    const lost = collect(host, 'warning');
    const [bad, good] = await host.load([plugin('bad', vector), plugin('good', lab)]);
    for (let i = 1; i <= 3; i++) {
      expect((await rejection(bad!.call('vector'))).code).toBe('ERR_TRAP');
      expect(toI32((await good!.call('count')).bytes())).toBe(i);
    }
    expect(lost).toEqual([]);
  });
});

/** Sleeps for so many nanoseconds, and answers how many events there were. `hold` does so for a year, and says that it does. */
const sleeper = guest(
  (text) => {
    const poll = '(call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))';
    const subscribe = (ns: string) =>
      `(i64.store (i32.const 0) (i64.const 7)) (i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const ${ns}))`;
    return `
    ${ECHO}
    ${fn('nap', `${subscribe('5000000')} (if ${poll} (then (unreachable))) (call $reply_i32 (i32.add (i32.load (i32.const 128)) (i32.load (i32.const 64))))`)}
    ${fn('blink', `${subscribe('1000')} (if ${poll} (then (unreachable))) (call $reply_i32 (i32.load (i32.const 128)))`)}
    ${fn('nod', `(call $log_info ${text('nodding')}) ${subscribe('100000')} (loop $again (drop ${poll}) (br $again))`)}
    ${fn('hold', `(call $log_info ${text('good night')}) ${subscribe('31536000000000000')} (drop ${poll}) (call $log_info ${text('alive')})`)}`;
  },
  {
    imports:
      '(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))',
  },
);

describe.runIf(canSuspend)('guests that sleep', () => {
  it('do so together, in one thread, and each is told what came due', async () => {
    const { host } = await waitingHost({ limits: { instances: 50 } });
    const p = await host.load(plugin('p', sleeper, { instance: { pool: 50 } }));
    const outputs = await Promise.all(Array.from({ length: 50 }, () => p.call('nap')));
    expect(outputs.map((output) => toI32(output.bytes()))).toEqual(outputs.map(() => 8));
    expect(host.stats().threads).toBe(1);
    expect(toI32((await p.call('blink')).bytes())).toBe(1);
  });

  it('hold up no other plugin of their thread, and end by their deadline or with their caller', async () => {
    const { host } = await waitingHost();
    const [p, other] = await host.load([
      plugin('p', sleeper, { limits: { timeoutMs: 300 } }),
      plugin('other', lab),
    ]);
    const lines = collect(host, 'log');
    const violations = collect(host, 'violation');
    for (const signal of [undefined, new AbortController()]) {
      const asleep = next(host, 'log');
      const call = rejection(p!.call('hold', '', signal ? { signal: signal.signal } : {}));
      await asleep;
      expect((await other!.call('echo', 'x')).text()).toBe('x');
      signal?.abort();
      expect((await call).code).toBe(signal ? 'ERR_ABORTED' : 'ERR_TIMEOUT');
    }
    expect((await p!.call('echo', 'again')).text()).toBe('again');
    expect(violations.map(({ plugin, kind }) => [plugin, kind])).toEqual([['p', 'timeout']]);
    expect(lines.map(({ message }) => message)).toEqual(['good night', 'good night']);
    expect(host.stats().threads).toBe(1);
  });

  it('nor do those that nap for a moment again and again', async () => {
    const { host } = await waitingHost();
    const [p, other] = await host.load([plugin('p', sleeper), plugin('other', lab)]);
    const abort = new AbortController();
    const nodding = next(host, 'log');
    let isOver = false;
    const call = rejection(p!.call('nod', '', { signal: abort.signal })).finally(() => {
      isOver = true;
    });
    await nodding;
    for (let i = 1; i <= 20; i++) expect(toI32((await other!.call('count')).bytes())).toBe(i);
    expect(isOver).toBe(false);
    abort.abort();
    expect((await call).code).toBe('ERR_ABORTED');
    expect(host.stats().threads).toBe(1);
  });
});
