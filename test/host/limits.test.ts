import { availableParallelism } from 'node:os';
import type { HostFunctionContext, HostOptions } from 'cordon';
import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest, i32, toI32 } from '../fixtures/guests/guest.js';
import {
  ECHO,
  hostCaller,
  lab,
  spinsAtActivate,
  spinsAtInitialize,
  spinsAtStart,
} from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin, rejection } from './open-host.js';

const MiB = 1024 * 1024;

const openLab = async (limits: object, options: HostOptions = {}) => {
  const host = await openHost({ quarantine: { maxViolations: 100 }, ...options });
  return {
    host,
    lab: await host.load(plugin('lab', lab, { limits })),
    violations: collect(host, 'violation'),
  };
};

describe.each([{ metering: true }, { metering: false }])('with $metering as metering', ({ metering }) => {
  describe('timeoutMs', () => {
    it('stops a call past it, and the next call succeeds', async () => {
      const { lab, violations } = await openLab({ timeoutMs: 500 }, { metering });
      const error = await rejection(lab.call('spin'));
      expect(error).toMatchObject({ code: 'ERR_TIMEOUT', plugin: 'lab', details: { limit: 500 } });
      expect(error.message).toContain('500 ms');
      expect((await lab.call('echo', 'next')).text()).toBe('next');
      expect(violations).toMatchObject([{ kind: 'timeout', plugin: 'lab', callId: error.callId }]);
    });

    it('of a call lowers that of the plugin', async () => {
      const { lab } = await openLab({ timeoutMs: 20_000 }, { metering });
      expect(await rejection(lab.call('spin', '', { timeoutMs: 30 }))).toMatchObject({
        code: 'ERR_TIMEOUT',
        details: { limit: 30 },
      });
    });

    it('of a call never raises that of the plugin', async () => {
      const { lab } = await openLab({ timeoutMs: 30 }, { metering });
      expect((await rejection(lab.call('spin', '', { timeoutMs: 1e9 }))).details).toMatchObject({
        limit: 30,
      });
      expect((await rejection(lab.call('spin', '', { timeoutMs: Infinity }))).code).toBe('ERR_TIMEOUT');
    });

    it('holds for a host function that never settles, and aborts it', async () => {
      const aborted: unknown[] = [];
      const host = await openHost({
        metering,
        hostFunctions: {
          wait: defineHostFunction({ params: ['bytes'], result: 'bytes' }, (_, { signal }) => {
            signal.addEventListener('abort', () => aborted.push(signal.aborted));
            return new Promise<never>(() => {});
          }),
        },
        grants: { '*': { hostFunctions: ['wait'] } },
      });
      const p = await host.load(
        plugin('p', hostCaller('wait'), {
          permissions: { hostFunctions: ['wait'] },
        }),
      );
      expect((await rejection(p.call('host', '', { timeoutMs: 500 }))).code).toBe('ERR_TIMEOUT');
      expect(aborted).toEqual([true]);
      expect((await p.call('echo', 'next')).text()).toBe('next');
    });

    it('of nothing lets nothing run', async () => {
      const { lab } = await openLab({}, { metering });
      expect((await rejection(lab.call('spin', '', { timeoutMs: 0 }))).code).toBe('ERR_TIMEOUT');
    });
  });

  describe('startTimeoutMs', () => {
    it.each([
      ['the start section', spinsAtStart],
      ['_initialize', spinsAtInitialize],
      ['on_activate', spinsAtActivate],
    ])('stops %s', async (_, wasm) => {
      const host = await openHost({ metering });
      const error = await rejection(host.load(plugin('p', wasm, { limits: { startTimeoutMs: 50 } })));
      expect(error).toMatchObject({ code: 'ERR_TIMEOUT', plugin: 'p' });
      expect(error.message).toMatch(/ran longer than \d+ ms \(limits\.startTimeoutMs\)/);
      expect(host.list()).toEqual([]);
      const other = await host.load(plugin('other', lab));
      expect((await other.call('echo', 'alive')).text()).toBe('alive');
    });
  });

  describe('memoryBytes', () => {
    it('below what a module starts with refuses it', async () => {
      const big = guest(() => ECHO, { memory: '64' });
      const host = await openHost({ metering });
      const error = await rejection(host.load(plugin('p', big, { limits: { memoryBytes: 2 * MiB } })));
      expect(error).toMatchObject({ code: 'ERR_MEMORY', plugin: 'p' });
      expect(error.message).toContain(String(2 * MiB));
    });

    it('holds against a guest that grows until it cannot: an error and a violation', async () => {
      const { lab, violations } = await openLab({ memoryBytes: 4 * MiB }, { metering });
      const error = await rejection(lab.call('hog'));
      expect(error).toMatchObject({ code: 'ERR_MEMORY', details: { limit: 4 * MiB } });
      expect(violations).toMatchObject([{ kind: 'memory', callId: error.callId }]);
      expect((await lab.call('echo', 'next')).text()).toBe('next');
    });

    it('refuses a growth without harm to a guest that can live with it', async () => {
      const { lab } = await openLab({ memoryBytes: 4 * MiB }, { metering });
      expect(toI32((await lab.call('grow', i32(1000))).bytes())).toBe(-1);
      expect(toI32((await lab.call('grow', i32(8))).bytes())).toBe(1);
    });

    it('counts the blocks that a guest allocates', async () => {
      const { lab, violations } = await openLab({ memoryBytes: 4 * MiB }, { metering });
      expect((await rejection(lab.call('blocks'))).code).toBe('ERR_MEMORY');
      expect(violations.map(({ kind }) => kind)).toEqual(['memory']);
      expect(toI32((await lab.call('block', i32(1000))).bytes())).toBe(1);
    });

    it('counts memory and blocks together', async () => {
      const { lab } = await openLab({ memoryBytes: 4 * MiB }, { metering });
      await lab.call('grow', i32(48));
      expect(toI32((await lab.call('block', i32(2 * MiB))).bytes())).toBe(0);
    });

    it('refuses an input that has no room', async () => {
      const { lab } = await openLab({ memoryBytes: 2 * MiB }, { metering });
      expect((await rejection(lab.call('echo', new Uint8Array(3 * MiB)))).code).toBe('ERR_MEMORY');
      expect((await lab.call('echo', 'small')).text()).toBe('small');
    });

    it('is the host’s where that is lower', async () => {
      const { host } = await openLab({ memoryBytes: 8 * MiB }, { metering, limits: { memoryBytes: '3MiB' } });
      expect(host.info('lab').limits.memoryBytes).toBe(3 * MiB);
    });
  });

  describe('stackBytes', () => {
    it('ends endless recursion as ERR_STACK and a violation, and the host lives', async () => {
      const { lab, violations } = await openLab({}, { metering });
      expect((await rejection(lab.call('recurse'))).code).toBe('ERR_STACK');
      expect(violations).toMatchObject([{ kind: 'stack' }]);
      expect(toI32((await lab.call('deep', i32(1000))).bytes())).toBe(1000);
    });
  });
});

describe('fuel', () => {
  it('stops a call that executes more instructions', async () => {
    const { lab, violations } = await openLab({ fuel: 100_000 });
    const error = await rejection(lab.call('spin'));
    expect(error).toMatchObject({ code: 'ERR_FUEL', details: { limit: 100_000 } });
    expect(violations).toMatchObject([{ kind: 'fuel' }]);
    expect((await lab.call('echo', 'next')).text()).toBe('next');
  });

  it('of a call lowers that of the plugin, and is not for the next call', async () => {
    const { lab } = await openLab({});
    expect((await rejection(lab.call('deep', i32(1000), { fuel: 1000 }))).code).toBe('ERR_FUEL');
    expect(toI32((await lab.call('deep', i32(1000))).bytes())).toBe(1000);
  });

  it('is exact: what a call used is enough for the same call again, one less is not', async () => {
    const { host, lab } = await openLab({});
    const measured = next(host, 'call');
    await lab.call('deep', i32(500));
    const { fuel } = await measured;
    expect(fuel).toBeGreaterThan(500);
    await lab.call('deep', i32(500), { fuel: fuel! });
    expect((await rejection(lab.call('deep', i32(500), { fuel: fuel! - 1 }))).code).toBe('ERR_FUEL');
  });
});

describe('cpuMs', () => {
  it('stops a call that computes longer', async () => {
    const { lab, violations } = await openLab({ cpuMs: 30 });
    expect(await rejection(lab.call('spin'))).toMatchObject({ code: 'ERR_CPU', details: { limit: 30 } });
    expect(violations).toMatchObject([{ kind: 'cpu' }]);
  });

  it('fails a call without metering when it comes back, and keeps its instance', async () => {
    const { lab, violations } = await openLab({ cpuMs: 0 }, { metering: false });
    expect((await rejection(lab.call('count'))).code).toBe('ERR_CPU');
    expect(violations).toMatchObject([{ kind: 'cpu' }]);
    expect(lab.state).toBe('ready');
  });

  it('charges no more than the processor gave: not the time that others had it', async () => {
    const cores = availableParallelism();
    const names = Array.from({ length: 3 * cores }, (_, i) => `p${i}`);
    const host = await openHost({
      threads: { min: 1, max: names.length },
      isolation: 'thread',
      budget: { cpuPercent: Number.POSITIVE_INFINITY },
      limits: { cpuMs: 100 },
      catalog: names.map((name) => plugin(name, lab)),
    });
    await host.load(names);
    const calls = collect(host, 'call');
    const before = process.cpuUsage();
    await Promise.all(names.map((name) => rejection(host.call(name, 'spin'))));
    const { user, system } = process.cpuUsage(before);
    expect(calls.map(({ code }) => code)).toEqual(names.map(() => 'ERR_CPU'));
    const charged = calls.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    expect(charged).toBeGreaterThanOrEqual(100 * names.length * 0.99);
    // Each reading may be off by a tick of the scheduler.
    if (process.platform === 'linux') {
      expect(charged).toBeLessThanOrEqual((user + system) / 1000 + 10 * names.length);
    }
  });

  it('does not count the wait for a host function', async () => {
    const host = await openHost({
      hostFunctions: {
        slow: defineHostFunction({ params: ['bytes'], result: 'bytes' }, async (bytes) => {
          await new Promise((resolve) => setTimeout(resolve, 700));
          return bytes;
        }),
      },
      grants: { '*': { hostFunctions: ['slow'] } },
    });
    const p = await host.load(
      plugin('p', hostCaller('slow'), { permissions: { hostFunctions: ['slow'] }, limits: { cpuMs: 500 } }),
    );
    expect((await p.call('host', 'x')).text()).toBe('x');
  });
});

describe('inputBytes', () => {
  it('refuses a larger input, counted in bytes', async () => {
    const { lab } = await openLab({ inputBytes: 4 });
    expect((await lab.call('echo', 'four')).text()).toBe('four');
    const error = await rejection(lab.call('echo', 'äöü'));
    expect(error).toMatchObject({ code: 'ERR_INPUT', details: { limit: 4, observed: 6 } });
  });

  it('of nothing takes nothing but an empty input', async () => {
    const { lab } = await openLab({ inputBytes: 0 });
    expect((await lab.call('echo')).text()).toBe('');
    expect((await rejection(lab.call('echo', 'x'))).code).toBe('ERR_INPUT');
  });
});

describe('outputBytes', () => {
  it('refuses a larger output: an error and a violation', async () => {
    const { lab, violations } = await openLab({ outputBytes: 100 });
    expect((await lab.call('output', i32(100))).byteLength).toBe(100);
    expect(await rejection(lab.call('output', i32(101)))).toMatchObject({
      code: 'ERR_OUTPUT',
      details: { limit: 100, observed: 101 },
    });
    expect(violations).toMatchObject([{ kind: 'output-size' }]);
  });
});

describe('varBytes', () => {
  it('refuses more vars: an error, a violation, and the old value stays', async () => {
    const { lab, violations } = await openLab({ varBytes: 200 });
    await lab.call('keep', 'small');
    expect((await rejection(lab.call('keep', 'x'.repeat(201)))).code).toBe('ERR_MEMORY');
    expect(violations).toMatchObject([{ kind: 'var-size' }]);
    expect((await lab.call('kept')).text()).toBe('small');
  });

  it('frees what is deleted', async () => {
    const { lab } = await openLab({ varBytes: 200 });
    await lab.call('keep', 'x'.repeat(150));
    await lab.call('forget');
    expect((await lab.call('kept')).text()).toBe('');
    await lab.call('keep', 'y'.repeat(150));
    expect((await lab.call('kept')).text()).toBe('y'.repeat(150));
  });
});

describe('configBytes', () => {
  it('refuses a larger config', async () => {
    const host = await openHost();
    const error = await rejection(
      host.load(plugin('lab', lab, { config: { key: 'x'.repeat(100) }, limits: { configBytes: 50 } })),
    );
    expect(error).toMatchObject({ code: 'ERR_MANIFEST', details: { limit: 50, observed: 103 } });
  });

  it('counts what the host puts in its place', async () => {
    const host = await openHost({ config: { lab: { key: 'x'.repeat(100) } } });
    const load = host.load(plugin('lab', lab, { config: { key: 'x' }, limits: { configBytes: 50 } }));
    expect((await rejection(load)).details).toMatchObject({ observed: 103 });
  });
});

describe('logBytesPerCall', () => {
  it('drops what a flood has beyond it, and reports it once a call', async () => {
    const { host, lab, violations } = await openLab({ logBytesPerCall: 1000 });
    const lines = collect(host, 'log');
    await lab.call('flood', 'x'.repeat(84));
    expect(lines).toHaveLength(10);
    expect(violations).toMatchObject([{ kind: 'log-flood', severity: 'low' }]);
    await lab.call('log', 'short');
    expect(lines).toHaveLength(15);
  });

  it('ends a flood of empty lines as well', async () => {
    const { host, lab } = await openLab({ logBytesPerCall: 1000 });
    const lines = collect(host, 'log');
    await lab.call('flood', '');
    expect(lines.length).toBeLessThan(100);
  });
});

describe('fuel without metering', () => {
  it('is refused, as nobody would count it', async () => {
    const wrong = await rejection(openHost({ metering: false, limits: { fuel: 10 } }));
    expect(wrong).toMatchObject({
      code: 'ERR_OPTIONS',
      message: expect.stringContaining('limits.fuel: found 10'),
    });
    const { lab } = await openLab({}, { metering: false });
    const error = await rejection(lab.call('echo', 'x', { fuel: 1 }));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', message: expect.stringContaining('metering: false') });
    expect((await lab.call('echo', 'x', { fuel: Number.POSITIVE_INFINITY })).text()).toBe('x');
  });
});

describe('queueTimeoutMs', () => {
  it('rejects a call that waited longer, and the one before it is not disturbed', async () => {
    const { lab } = await openLab({ queueTimeoutMs: 50, timeoutMs: 500 });
    const first = rejection(lab.call('spin'));
    const second = await rejection(lab.call('echo', 'late'));
    expect(second.code).toBe('ERR_TIMEOUT');
    expect(second.message).toContain('longer than 50 ms (limits.queueTimeoutMs)');
    expect(second.details).toMatchObject({ limit: 50 });
    expect((await first).code).toBe('ERR_TIMEOUT');
  });

  it('rejects a call that a full budget held up as ERR_BUSY, with the figures', async () => {
    const { lab } = await openLab({ queueTimeoutMs: 50, timeoutMs: 500 }, { budget: { concurrentCalls: 1 } });
    const first = rejection(lab.call('spin'));
    const second = await rejection(lab.call('echo', 'late'));
    expect(second).toMatchObject({ code: 'ERR_BUSY', details: { limit: 1, observed: 1 } });
    expect(second.message).toContain('queueTimeoutMs');
    expect(second.message).toContain('budget.concurrentCalls is 1');
    expect((await first).code).toBe('ERR_TIMEOUT');
  });
});

describe('budget', () => {
  it('of queued calls refuses what is beyond it as ERR_BUSY, and the others are answered', async () => {
    const { lab } = await openLab({}, { budget: { concurrentCalls: 1, queuedCalls: 2 } });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => lab.call('echo', 'x')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(3);
    expect(refused.every(({ reason }) => reason.code === 'ERR_BUSY')).toBe(true);
  });
});

describe('a manifest', () => {
  it('never gets more than the host allows', async () => {
    const limits = { memoryBytes: '1GiB', timeoutMs: 1e9, varBytes: '1GiB', inputBytes: '1GiB' };
    const host = await openHost();
    await host.load(plugin('lab', lab, { limits }));
    expect(host.info('lab').limits).toMatchObject({
      memoryBytes: 64 * MiB,
      timeoutMs: 30_000,
      varBytes: MiB,
      inputBytes: 16 * MiB,
    });
  });

  it('may not say Infinity', async () => {
    const host = await openHost();
    const load = host.load(plugin('lab', lab, { limits: { timeoutMs: Number.POSITIVE_INFINITY } }));
    expect((await rejection(load)).code).toBe('ERR_MANIFEST');
  });
});

describe('bulk operations', () => {
  it('of a whole memory in a loop end at the deadline', async () => {
    const fills = guest(
      () =>
        fn(
          'fill',
          '(loop $again (memory.fill (i32.const 0) (i32.const 1) (i32.const 33554432)) (br $again))',
        ),
      { memory: '512' },
    );
    const host = await openHost();
    const p = await host.load(plugin('p', fills, { limits: { timeoutMs: 100 } }));
    expect((await rejection(p.call('fill'))).code).toBe('ERR_TIMEOUT');
    expect(host.health().status).not.toBe('stopped');
  });
});

describe('timeoutMs of a call with an instance of its own', () => {
  it('is not made longer by the time that the instance may take to start, also without metering', async () => {
    const host = await openHost({ metering: false });
    const p = await host.load(plugin('p', lab, { instance: 'per-call', limits: { startTimeoutMs: 60_000 } }));
    const begun = performance.now();
    expect((await rejection(p.call('spin', '', { timeoutMs: 50 }))).code).toBe('ERR_TIMEOUT');
    expect(performance.now() - begun).toBeLessThan(5000);
    expect((await p.call('echo', 'next')).text()).toBe('next');
  });

  it('is what its host functions are told', async () => {
    const left: number[] = [];
    const tell = defineHostFunction({}, ({ deadline }: HostFunctionContext) => {
      left.push(deadline - Date.now());
    });
    const host = await openHost({ hostFunctions: { tell }, grants: { '*': { hostFunctions: ['tell'] } } });
    const wasm = guest(() => fn('tell', '(call $tell)'), {
      imports: '(import "extism:host/user" "tell" (func $tell))',
    });
    const p = await host.load(
      plugin('p', wasm, {
        instance: 'per-call',
        permissions: { hostFunctions: ['tell'] },
        limits: { startTimeoutMs: 60_000, timeoutMs: 5000 },
      }),
    );
    await p.call('tell');
    expect(left[0]).toBeGreaterThan(0);
    expect(left[0]).toBeLessThanOrEqual(5001);
  });
});
