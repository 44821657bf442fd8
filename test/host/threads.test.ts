import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest, i32, toI32 } from '../fixtures/guests/guest.js';
import { caller, ECHO, hostCaller, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, next, openHost, plugin, rejection } from './open-host.js';

const ONE_THREAD = { threads: { min: 1, max: 1 }, quarantine: { maxViolations: 100 } };

describe('a runaway that is metered', () => {
  it('costs nobody but itself: its neighbour in the same thread keeps its state', async () => {
    const host = await openHost(ONE_THREAD);
    const [bad, good] = await host.load([plugin('bad', lab), plugin('good', lab)]);
    await good!.call('count');
    const restarted = collect(host, 'plugin:restarted');
    const spin = rejection(bad!.call('spin', '', { timeoutMs: 50 }));
    const counts = await Promise.all(Array.from({ length: 5 }, () => good!.call('count')));
    expect(counts.map((output) => toI32(output.bytes()))).toEqual([2, 3, 4, 5, 6]);
    expect((await spin).code).toBe('ERR_TIMEOUT');
    expect(restarted).toEqual([]);
    await bad!.call('count');
    expect(restarted).toMatchObject([{ plugin: 'bad', code: 'ERR_TIMEOUT', restarts: 1 }]);
  });
});

describe('a plugin that computed until it was stopped', () => {
  it('comes back in another thread, and holds up its neighbours no more', async () => {
    const host = await openHost(ONE_THREAD);
    const [bad, good] = await host.load([plugin('bad', lab), plugin('good', lab)]);
    expect((await rejection(bad!.call('spin', '', { timeoutMs: 50 }))).code).toBe('ERR_TIMEOUT');
    expect(host.stats().threads).toBe(1);
    let isOver = false;
    const abort = new AbortController();
    const again = rejection(bad!.call('spin', '', { signal: abort.signal })).then((error) => {
      isOver = true;
      return error;
    });
    // Were they in one thread, these would wait for the second one's end.
    for (let i = 1; i <= 20; i++) expect(toI32((await good!.call('count')).bytes())).toBe(i);
    expect(isOver).toBe(false);
    abort.abort();
    expect((await again).code).toBe('ERR_ABORTED');
    expect(host.stats().threads).toBe(2);
    expect(toI32((await good!.call('count')).bytes())).toBe(21);
  });

  it('is held up by none of its like that waits', async () => {
    const gate = deferred<string>();
    const entered = deferred();
    const wait = defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
      entered.resolve();
      return gate.promise;
    });
    const both = guest(
      () => `
      ${fn('spin', '(loop $for_ever (br $for_ever))')}
      ${fn('host', '(call $reply (call $host (call $input_offset)))')}
      ${ECHO}`,
      { imports: '(import "extism:host/user" "wait" (func $host (param i64) (result i64)))' },
    );
    const host = await openHost({
      ...ONE_THREAD,
      hostFunctions: { wait },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const asks = { permissions: { hostFunctions: ['wait'] } };
    const [one, other, good] = await host.load([
      plugin('one', both, asks),
      plugin('other', both, asks),
      plugin('good', lab),
    ]);
    for (const bad of [one!, other!])
      expect((await rejection(bad.call('spin', '', { timeoutMs: 50 }))).code).toBe('ERR_TIMEOUT');
    const waiting = one!.call('host', 'x');
    await entered.promise;
    let isOver = false;
    const spin = rejection(other!.call('spin', '', { timeoutMs: 1_000 })).then(() => {
      isOver = true;
    });
    for (let i = 1; i <= 20; i++) expect(toI32((await good!.call('count')).bytes())).toBe(i);
    expect(isOver).toBe(false);
    gate.resolve('done');
    expect((await waiting).text()).toBe('done');
    await spin;
  });

  // Elsewhere the thread is blocked for a moment more, and the next instance starts in another for that.
  it.runIf('Suspending' in WebAssembly)('stays where it is if it only waited', async () => {
    const wait = defineHostFunction(
      { params: ['bytes'], result: 'text' },
      () => new Promise<string>(() => {}),
    );
    const host = await openHost({
      ...ONE_THREAD,
      hostFunctions: { wait },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const waits = await host.load(
      plugin('waits', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }),
    );
    for (let i = 0; i < 3; i++)
      expect((await rejection(waits.call('host', 'x', { timeoutMs: 30 }))).code).toBe('ERR_TIMEOUT');
    expect(host.stats().threads).toBe(1);
  });
});

describe('a runaway that is not metered', () => {
  it('costs its thread; its neighbours’ queued calls are answered, and their loss is told', async () => {
    const host = await openHost({ ...ONE_THREAD, metering: false });
    const [bad, good] = await host.load([plugin('bad', lab), plugin('good', lab)]);
    expect(toI32((await good!.call('count')).bytes())).toBe(1);
    const warned = next(host, 'warning', ({ topic }) => topic === 'thread');
    const restarted = next(host, 'plugin:restarted', ({ plugin: name }) => name === 'good');
    const spin = rejection(bad!.call('spin', '', { timeoutMs: 50 }));
    const counts = await Promise.all(Array.from({ length: 5 }, () => good!.call('count')));
    expect((await spin).code).toBe('ERR_TIMEOUT');
    // Linear memory is gone with the thread; the calls are not, and their order is kept.
    expect(counts.map((output) => toI32(output.bytes()))).toEqual([1, 2, 3, 4, 5]);
    expect(await restarted).toMatchObject({ plugin: 'good', restarts: 1 });
    expect((await warned).message).toContain('cordon sandbox');
    expect((await bad!.call('echo', 'again')).text()).toBe('again');
  });

  it('leaves the vars of its neighbours', async () => {
    const host = await openHost({ ...ONE_THREAD, metering: false });
    const [bad, good] = await host.load([plugin('bad', lab), plugin('good', lab)]);
    await good!.call('keep', 'precious');
    const spin = rejection(bad!.call('spin', '', { timeoutMs: 50 }));
    expect((await good!.call('kept')).text()).toBe('precious');
    expect((await spin).code).toBe('ERR_TIMEOUT');
    expect((await good!.call('kept')).text()).toBe('precious');
  });

  it('in a thread of its own costs its neighbours nothing', async () => {
    const host = await openHost({ ...ONE_THREAD, metering: false, isolation: { bad: 'thread' } });
    const [bad, good] = await host.load([plugin('bad', lab), plugin('good', lab)]);
    await good!.call('count');
    const spin = rejection(bad!.call('spin', '', { timeoutMs: 50 }));
    expect(toI32((await good!.call('count')).bytes())).toBe(2);
    expect((await spin).code).toBe('ERR_TIMEOUT');
    expect(toI32((await good!.call('count')).bytes())).toBe(3);
  });
});

describe('calls in flight', () => {
  it('all settle when the runaway before them in the same instance is stopped', async () => {
    const host = await openHost({ ...ONE_THREAD, metering: false });
    const bad = await host.load(plugin('bad', lab));
    const spin = rejection(bad.call('spin', '', { timeoutMs: 50 }));
    const rest = await Promise.all(Array.from({ length: 40 }, () => bad.call('count')));
    expect((await spin).code).toBe('ERR_TIMEOUT');
    expect(rest.map((output) => toI32(output.bytes()))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('that each run away are each stopped', async () => {
    const host = await openHost(ONE_THREAD);
    const bad = await host.load(plugin('bad', lab, { instance: { pool: 2 } }));
    const errors = await Promise.all(
      Array.from({ length: 6 }, () => rejection(bad.call('spin', '', { timeoutMs: 30 }))),
    );
    expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => 'ERR_TIMEOUT'));
  });

  it('keep their order over a trap in their midst', async () => {
    const host = await openHost(ONE_THREAD);
    const p = await host.load(plugin('p', lab));
    const seen: string[] = [];
    const calls = ['count', 'count', 'trap', 'count', 'count'].map(async (fn, index) => {
      const result = await p.call(fn).then(
        (output) => `${toI32(output.bytes())}`,
        (error) => error.code as string,
      );
      seen.push(`${index}: ${result}`);
    });
    await Promise.all(calls);
    expect(seen).toEqual(['0: 1', '1: 2', '2: ERR_TRAP', '3: 1', '4: 2']);
  });
});

const POLL = '(drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))';
const sleeper = guest(
  (text) => `
    ${fn('sleep', `(call $log_info ${text('good night')}) (i64.store (i32.const 24) (i64.const 600000000000)) ${POLL}`)}
    ${fn('nap', `(i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const 1000)) (loop $again ${POLL} (br $again))`)}`,
  {
    imports: `(import "wasi_snapshot_preview1" "poll_oneoff"
      (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))`,
  },
);

describe('a guest that sleeps', () => {
  it('does not hold up a pool, though there is one thread for guests that compute', async () => {
    const host = await openHost(ONE_THREAD);
    const [sleeps, other] = await host.load([
      plugin('sleeps', sleeper),
      plugin('other', lab, { instance: { pool: 2 } }),
    ]);
    const asleep = next(host, 'log');
    const abort = new AbortController();
    const sleeping = rejection(sleeps!.call('sleep', '', { signal: abort.signal }));
    await asleep;
    expect((await other!.call('echo', 'a')).text()).toBe('a');
    expect((await other!.call('echo', 'b')).text()).toBe('b');
    expect(host.stats().threads).toBe('Suspending' in WebAssembly ? 1 : 2);
    abort.abort();
    expect((await sleeping).code).toBe('ERR_ABORTED');
  });

  it('uses its processor time up by naps', async () => {
    const host = await openHost(ONE_THREAD);
    const sleeps = await host.load(plugin('sleeps', sleeper, { limits: { cpuMs: 50 } }));
    expect((await rejection(sleeps.call('nap'))).code).toBe('ERR_CPU');
  });

  it.skipIf('Suspending' in WebAssembly)(
    'until it is stopped comes back in another thread, and holds up its neighbours no more',
    async () => {
      const host = await openHost(ONE_THREAD);
      const [sleeps, other] = await host.load([plugin('sleeps', sleeper), plugin('other', lab)]);
      expect((await rejection(sleeps!.call('sleep', '', { timeoutMs: 50 }))).code).toBe('ERR_TIMEOUT');
      const asleep = next(host, 'log');
      const abort = new AbortController();
      const again = rejection(sleeps!.call('sleep', '', { signal: abort.signal }));
      await asleep;
      for (let i = 1; i <= 20; i++) expect(toI32((await other!.call('count')).bytes())).toBe(i);
      abort.abort();
      expect((await again).code).toBe('ERR_ABORTED');
    },
  );
});

describe('an instance that is to start behind a guest that waits for the host', () => {
  it('starts elsewhere, where another plugin waits for it', async () => {
    const gate = deferred<string>();
    const wait = defineHostFunction({ params: ['bytes'], result: 'text' }, () => gate.promise);
    const busy = guest(
      (text) =>
        fn(
          'ask',
          `(local $i i32) (call $log_info ${text('computing')})
           (loop $again (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $again (i32.lt_u (local.get $i) (i32.const 100000000))))
           (call $reply (call $host (call $input_offset)))`,
        ),
      { imports: '(import "extism:host/user" "wait" (func $host (param i64) (result i64)))' },
    );
    const host = await openHost({
      ...ONE_THREAD,
      isolation: { asks: 'thread' },
      hostFunctions: { wait },
      grants: { '*': { hostFunctions: ['wait'], plugins: ['late'] } },
    });
    await host.load([
      plugin(
        'late',
        guest(() => ECHO),
        { activation: 'call' },
      ),
      plugin('busy', busy, { permissions: { hostFunctions: ['wait'] } }),
      plugin('asks', caller({ go: ['late', 'echo'] }), {
        dependencies: { late: '*' },
        permissions: { plugins: ['late'] },
      }),
    ]);
    const computing = next(host, 'log');
    const waiting = host.call('busy', 'ask', 'x');
    await computing;
    // Its start is sent to the thread of the one that computes, and waits there for longer than that does.
    const first = host.call('late', 'echo', 'first');
    expect((await host.call('asks', 'go', 'second')).text()).toBe('second');
    expect((await first).text()).toBe('first');
    gate.resolve('done');
    expect((await waiting).text()).toBe('done');
  });
});

describe('a host function that waits', () => {
  it('does not hold up a pool, though there is one thread for guests that compute', async () => {
    const entered = deferred();
    const gate = deferred<string>();
    const wait = defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
      entered.resolve();
      return gate.promise;
    });
    const host = await openHost({
      ...ONE_THREAD,
      hostFunctions: { wait },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const [waits, other] = await host.load([
      plugin('waits', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }),
      plugin('other', lab, { instance: { pool: 2 } }),
    ]);
    const waiting = waits!.call('host', 'x');
    await entered.promise;
    expect((await other!.call('echo', 'a')).text()).toBe('a');
    expect((await other!.call('echo', 'b')).text()).toBe('b');
    gate.resolve('done');
    expect((await waiting).text()).toBe('done');
  });

  it('does not hold up a plugin of fresh instances', async () => {
    const entered = deferred();
    const gate = deferred<string>();
    const wait = defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
      entered.resolve();
      return gate.promise;
    });
    const host = await openHost({
      ...ONE_THREAD,
      hostFunctions: { wait },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const permissions = { hostFunctions: ['wait'] };
    const [waits, other] = await host.load([
      plugin('waits', hostCaller('wait'), { permissions, instance: 'per-call' }),
      plugin('other', lab, { instance: 'per-call' }),
    ]);
    const waiting = waits!.call('host', 'x');
    await entered.promise;
    const outputs = await Promise.all(['a', 'b', 'c'].map((input) => other!.call('echo', input)));
    expect(outputs.map((output) => output.text())).toEqual(['a', 'b', 'c']);
    gate.resolve('done');
    expect((await waiting).text()).toBe('done');
  });
});

describe('fifty callers of a thousand calls each over five plugins', () => {
  it('lose nothing, and every instance sees its calls in the order in which they were made', async () => {
    const host = await openHost({ budget: { queuedCalls: 50_000 }, limits: { queueTimeoutMs: 120_000 } });
    const plugins = await host.load(['a', 'b', 'c', 'd', 'e'].map((name) => plugin(name, lab)));
    let answered = 0;
    const next = new Map(plugins.map(({ name }) => [name, 0]));
    const caller = async (index: number): Promise<void> => {
      for (let i = 0; i < 1000; i++) {
        const p = plugins[(index + i) % plugins.length]!;
        const expected = next.get(p.name)! + 1;
        next.set(p.name, expected);
        const output = await p.call('count');
        answered++;
        if (toI32(output.bytes()) !== expected)
          throw new Error(`${p.name}: ${expected} was answered out of order`);
      }
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => caller(index)));
    expect(answered).toBe(50_000);
    expect([...next.values()]).toEqual([10_000, 10_000, 10_000, 10_000, 10_000]);
    const { calls, errors } = host.stats();
    expect({ calls, errors }).toMatchObject({ calls: 50_000, errors: 0 });
  }, 120_000);
});

describe('threads', () => {
  it('are as many as the plugins need, and no more than max', async () => {
    const host = await openHost({ threads: { min: 0, max: 2 } });
    expect(host.stats().threads).toBe(0);
    await host.load(
      ['a', 'b', 'c', 'd'].map((name) =>
        plugin(
          name,
          guest(() => ECHO),
        ),
      ),
    );
    expect(host.stats().threads).toBe(2);
  });

  it('carry deep recursion as far as stackBytes says', async () => {
    const host = await openHost({ limits: { stackBytes: '8MiB' }, threads: { min: 1, max: 1 } });
    const p = await host.load(plugin('p', lab));
    expect(toI32((await p.call('deep', i32(60_000))).bytes())).toBe(60_000);
  });
});
