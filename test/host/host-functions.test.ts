import { defineHostFunction, type HostFunction, type HostFunctionContext, type HostOptions } from 'cordon';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fn, guest, toI32 } from '../fixtures/guests/guest.js';
import { ECHO, hostCaller, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, openHost, plugin, rejection } from './open-host.js';

const GRANTED = { grants: { '*': { hostFunctions: ['host'] } } };
const ASKS = { permissions: { hostFunctions: ['host'] } };

/** A plugin whose `host` and `twice` call this host function, of one block and one block as its result. */
const open = async (host: HostFunction, options: HostOptions = {}, manifest = {}) => {
  const opened = await openHost({ hostFunctions: { host }, ...GRANTED, ...options });
  return { host: opened, p: await opened.load(plugin('p', hostCaller('host'), { ...ASKS, ...manifest })) };
};

describe('a host function', () => {
  it('of text gets text and gives text', async () => {
    const { p } = await open(
      defineHostFunction({ params: ['text'], result: 'text' }, (text) => `${text.toUpperCase()}!`),
    );
    expect((await p.call('host', 'grüße')).text()).toBe('GRÜSSE!');
    expect((await p.call('twice', 'a')).text()).toBe('A!!');
  });

  it('of bytes gets bytes of its own and gives bytes', async () => {
    const kept: Uint8Array[] = [];
    const { p } = await open(
      defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes) => {
        kept.push(bytes);
        return Uint8Array.from(bytes, (byte) => 255 - byte);
      }),
    );
    expect((await p.call('host', Uint8Array.of(0, 1, 255))).bytes()).toEqual(Uint8Array.of(255, 254, 0));
    await p.call('host', Uint8Array.of(9, 9, 9));
    expect(kept[0]).toEqual(Uint8Array.of(0, 1, 255));
  });

  it('that gives a view of a pool gives the view only', async () => {
    const { p } = await open(
      defineHostFunction({ params: ['bytes'], result: 'bytes' }, () =>
        Buffer.from('secret|view|secret').subarray(7, 11),
      ),
    );
    expect((await p.call('host')).text()).toBe('view');
  });

  it('of JSON gets values and gives values', async () => {
    const { p } = await open(
      defineHostFunction({ params: ['json'], result: 'json' }, (value) => ({ got: value, more: [1, null] })),
    );
    expect((await p.call('host', { a: 'ä' })).json()).toEqual({ got: { a: 'ä' }, more: [1, null] });
  });

  it('of numbers gets and gives them as they are', async () => {
    const got: unknown[] = [];
    const numbers = guest(
      () => `
      ${fn('sum', '(call $reply_i32 (call $sum (i32.const -7) (i64.const 9007199254740993) (f32.const 0.5) (f64.const 1e300)))')}
      ${fn('big', '(call $reply_i32 (i32.wrap_i64 (i64.shr_u (call $big) (i64.const 32))))')}
      ${fn('half', '(call $reply_i32 (i32.trunc_f64_s (f64.mul (call $half) (f64.const 4))))')}
      ${fn('quarter', '(call $reply_i32 (i32.trunc_f32_s (f32.mul (call $quarter) (f32.const 4))))')}`,
      {
        imports: `
        (import "extism:host/user" "sum" (func $sum (param i32 i64 f32 f64) (result i32)))
        (import "extism:host/user" "big" (func $big (result i64)))
        (import "extism:host/user" "half" (func $half (result f64)))
        (import "extism:host/user" "quarter" (func $quarter (result f32)))`,
      },
    );
    const names = ['sum', 'big', 'half', 'quarter'];
    const host = await openHost({
      hostFunctions: {
        sum: defineHostFunction({ params: ['i32', 'i64', 'f32', 'f64'], result: 'i32' }, (...args) => {
          got.push(...args.slice(0, 4));
          return -3;
        }),
        big: defineHostFunction({ result: 'i64' }, () => (5n << 32n) | 1n),
        half: defineHostFunction({ result: 'f64' }, () => 0.5),
        quarter: defineHostFunction({ result: 'f32' }, () => 0.25),
      },
      grants: { p: { hostFunctions: names } },
    });
    const p = await host.load(plugin('p', numbers, { permissions: { hostFunctions: names } }));
    const results = [];
    for (const name of names) results.push(toI32((await p.call(name)).bytes()));
    expect(results).toEqual([-3, 5, 2, 1]);
    expect(got).toEqual([-7, 9007199254740993n, 0.5, 1e300]);
  });

  it('may be async, and its calls do not mix', async () => {
    const gates = [deferred<string>(), deferred<string>()];
    const { p } = await open(
      defineHostFunction(
        { params: ['text'], result: 'text' },
        async (text) => `${text}: ${await gates[Number(text)]!.promise}`,
      ),
      {},
      { instance: { pool: 2 } },
    );
    const calls = ['0', '1'].map((input) => p.call('host', input));
    gates[1]!.resolve('second');
    expect((await calls[1]!).text()).toBe('1: second');
    gates[0]!.resolve('first');
    expect((await calls[0]!).text()).toBe('0: first');
  });

  it.each([undefined, null])('that gives %s gives nothing to the guest', async (nothing) => {
    const { p } = await open(defineHostFunction({ params: ['bytes'], result: 'bytes' }, () => nothing));
    expect((await p.call('host', 'x')).text()).toBe('');
  });

  it('may give nothing at all', async () => {
    const heard: string[] = [];
    const tells = guest((text) => fn('tell', `(call $tell ${text('something')})`), {
      imports: '(import "extism:host/user" "host" (func $tell (param i64)))',
    });
    const host = await openHost({
      hostFunctions: { host: defineHostFunction({ params: ['text'] }, (text) => void heard.push(text)) },
      ...GRANTED,
    });
    await (await host.load(plugin('p', tells, ASKS))).call('tell');
    expect(heard).toEqual(['something']);
  });

  it('is told of the call that it serves', async () => {
    const contexts: HostFunctionContext[] = [];
    const { p } = await open(
      defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes, ctx) => {
        contexts.push(ctx);
        return bytes;
      }),
    );
    const context = { user: Symbol('not for guests') };
    const before = Date.now();
    await p.call('host', 'x', { context, tenant: 'acme', timeoutMs: 5000 });
    expect(contexts[0]).toMatchObject({ plugin: 'p', version: '1.0.0', fn: 'host', tenant: 'acme', context });
    expect(contexts[0]!.callId).toEqual(expect.any(String));
    expect(contexts[0]!.deadline).toBeGreaterThan(before);
    expect(contexts[0]!.deadline).toBeLessThanOrEqual(Date.now() + 5001);
    expect(contexts[0]).not.toHaveProperty('parent');
  });
});

describe('a host function that fails', () => {
  const cause = new TypeError('the database is gone');

  it.each([
    [
      'throws',
      () => {
        throw cause;
      },
    ],
    ['rejects', () => Promise.reject(cause)],
  ])('because it %s ends that call with its error as the cause, and the plugin lives', async (_, fail) => {
    let fails = true;
    const { p } = await open(
      defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes) => (fails ? fail() : bytes)),
    );
    const error = await rejection(p.call('host', 'x'));
    expect(error).toMatchObject({ code: 'ERR_HOST_FUNCTION', plugin: 'p', cause });
    expect(error.message).toContain('the database is gone');
    fails = false;
    expect((await p.call('host', 'y')).text()).toBe('y');
  });

  it('by throwing what is no error says so', async () => {
    const { p } = await open(
      defineHostFunction({ params: ['bytes'], result: 'bytes' }, () => {
        throw 'just text';
      }),
    );
    expect(await rejection(p.call('host'))).toMatchObject({ code: 'ERR_HOST_FUNCTION', cause: 'just text' });
  });

  it.each([
    ['text', 5],
    ['text', new Uint8Array(1)],
    ['bytes', { length: 3 }],
    ['bytes', [1, 2]],
    ['json', 1n],
    [
      'json',
      Object.assign(
        {},
        {
          toJSON() {
            throw new Error('no');
          },
        },
      ),
    ],
  ] as const)('by giving a wrong %s ends the call, and names the type', async (type, value) => {
    const { p } = await open(defineHostFunction({ params: ['bytes'], result: type }, () => value as never));
    const error = await rejection(p.call('host', 'x'));
    expect(error.code).toBe('ERR_HOST_FUNCTION');
    expect(error.message).toContain('host');
    expect((await p.call('echo', 'next')).text()).toBe('next');
  });

  it('because the guest sends what is not JSON says so', async () => {
    const { p } = await open(defineHostFunction({ params: ['json'], result: 'json' }, (value) => value));
    const error = await rejection(p.call('host', '{"a":'));
    expect(error.code).toBe('ERR_HOST_FUNCTION');
    expect(error.message).toContain('JSON');
  });

  it('is not called with a bad pointer', async () => {
    let calls = 0;
    const bad = guest(() => fn('bad', '(drop (call $host (i64.const 12345)))'), {
      imports: '(import "extism:host/user" "host" (func $host (param i64) (result i64)))',
    });
    const host = await openHost({
      hostFunctions: {
        host: defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes) => {
          calls++;
          return bytes;
        }),
      },
      ...GRANTED,
    });
    const violations = collect(host, 'violation');
    expect((await rejection((await host.load(plugin('p', bad, ASKS))).call('bad'))).code).toBe('ERR_TRAP');
    expect(violations).toMatchObject([{ kind: 'abi' }]);
    expect(calls).toBe(0);
  });
});

describe('a grant', () => {
  const host = defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes) => bytes);

  it.each([
    ['the host does not grant', ASKS, {}],
    ['the manifest does not ask for', {}, GRANTED],
  ])('that %s refuses the load: ERR_PERMISSION and a violation', async (_, manifest, grants) => {
    const opened = await openHost({ hostFunctions: { host }, ...grants });
    const violations = collect(opened, 'violation');
    const error = await rejection(opened.load(plugin('p', hostCaller('host'), manifest)));
    expect(error).toMatchObject({ code: 'ERR_PERMISSION', plugin: 'p' });
    expect(error.message).toContain('"host"');
    expect(violations).toMatchObject([{ kind: 'host-function', plugin: 'p' }]);
  });

  it('of one plugin is not another’s', async () => {
    const opened = await openHost({ hostFunctions: { host }, grants: { p: { hostFunctions: ['host'] } } });
    expect((await opened.load(plugin('p', hostCaller('host'), ASKS))).state).toBe('ready');
    expect((await rejection(opened.load(plugin('q', hostCaller('host'), ASKS)))).code).toBe('ERR_PERMISSION');
  });

  it('may be given when asked for', async () => {
    const asked: unknown[] = [];
    const opened = await openHost({
      hostFunctions: { host },
      onPermissionRequest: async ({ plugin: name, permissions }) => {
        asked.push([name, permissions.hostFunctions.map((one) => one.name)]);
        return 'grant';
      },
    });
    const p = await opened.load(plugin('p', hostCaller('host'), ASKS));
    expect((await p.call('host', 'x')).text()).toBe('x');
    expect(asked).toEqual([['p', ['host']]]);
    expect(opened.info('p').permissions.hostFunctions).toEqual(['host']);
  });

  it('that is optional lets the plugin load, and refuses the call when it comes', async () => {
    const optional = { permissions: { hostFunctions: [{ name: 'host', optional: true }] } };
    for (const options of [{ hostFunctions: { host } }, {}]) {
      const opened = await openHost(options);
      const violations = collect(opened, 'violation');
      const p = await opened.load(plugin('p', hostCaller('host'), optional));
      expect((await p.call('echo', 'works')).text()).toBe('works');
      expect(await rejection(p.call('host', 'x'))).toMatchObject({ code: 'ERR_PERMISSION', plugin: 'p' });
      expect(violations).toMatchObject([{ kind: 'host-function' }]);
      expect((await p.call('echo', 'still')).text()).toBe('still');
    }
  });
});

describe('a namespace', () => {
  it('of one’s own is found by it, and is not the user namespace', async () => {
    const upper = defineHostFunction({ params: ['text'], result: 'text' }, (text) => text.toUpperCase());
    const options = { hostFunctions: { 'acme:tools': { host: upper } }, ...GRANTED };
    const opened = await openHost(options);
    const p = await opened.load(plugin('p', hostCaller('host', 'acme:tools'), ASKS));
    expect((await p.call('host', 'x')).text()).toBe('X');
    expect((await rejection(opened.load(plugin('q', hostCaller('host'), ASKS)))).code).toBe('ERR_IMPORT');
  });

  it('may hold the same name as another', async () => {
    const say = (word: string) => defineHostFunction({ params: ['bytes'], result: 'text' }, () => word);
    const opened = await openHost({
      hostFunctions: { host: say('user'), other: { host: say('other') } },
      ...GRANTED,
    });
    const [p, q] = await opened.load([
      plugin('p', hostCaller('host'), ASKS),
      plugin('q', hostCaller('host', 'other'), ASKS),
    ]);
    expect((await p!.call('host')).text()).toBe('user');
    expect((await q!.call('host')).text()).toBe('other');
  });

  it.each(['extism:host/env', 'wasi_snapshot_preview1'])('called %s is Cordon’s own', async (namespace) => {
    const host = defineHostFunction({}, () => {});
    await expect(openHost({ hostFunctions: { [namespace]: { host } } })).rejects.toMatchObject({
      code: 'ERR_OPTIONS',
    });
  });
});

describe('a definition', () => {
  it.each([
    [{ params: ['string'] }, 'params[0]'],
    [{ params: 'text' }, 'params'],
    [{ result: 'number' }, 'result'],
    [{ parms: [] }, 'parms'],
    [{ params: Array.from({ length: 17 }, () => 'i32') }, 'params'],
    [null, 'first argument'],
  ])('of %j is refused', (options, part) => {
    expect(() => defineHostFunction(options as never, () => {})).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS' }),
    );
    expect(() => defineHostFunction(options as never, () => {})).toThrow(part);
  });

  it('whose type is not the guest’s is refused at the load', async () => {
    const host = defineHostFunction({ params: ['i32'], result: 'bytes' }, () => '');
    const opened = await openHost({ hostFunctions: { host }, ...GRANTED });
    const error = await rejection(opened.load(plugin('p', hostCaller('host'), ASKS)));
    expect(error.code).toBe('ERR_IMPORT');
    expect(error.message).toContain('(i64) -> (i64)');
  });
});

describe('while an instance starts', () => {
  it('a host function is served, without a call', async () => {
    const contexts: HostFunctionContext[] = [];
    const starts = guest(
      (text) => `${ECHO} (func (export "_initialize") (drop (call $host ${text('hi')})))`,
      {
        imports: '(import "extism:host/user" "host" (func $host (param i64) (result i64)))',
      },
    );
    const opened = await openHost({
      hostFunctions: {
        host: defineHostFunction({ params: ['text'], result: 'text' }, (text, ctx) => {
          contexts.push(ctx);
          return text;
        }),
      },
      ...GRANTED,
    });
    await opened.load(plugin('p', starts, ASKS));
    expect(contexts).toMatchObject([{ plugin: 'p', fn: 'start-up' }]);
    expect(contexts[0]!.callId).toBeUndefined();
  });
});

it('a host function may use the host it belongs to', async () => {
  const opened = await openHost({
    hostFunctions: {
      host: defineHostFunction({ params: ['text'], result: 'text' }, async (text) =>
        (await opened.call('lab', 'echo', text)).text(),
      ),
    },
    ...GRANTED,
    threads: { min: 2, max: 2 },
    isolation: 'thread',
  });
  const [, p] = await opened.load([plugin('lab', lab), plugin('p', hostCaller('host'), ASKS)]);
  expect((await p!.call('host', 'round trip')).text()).toBe('round trip');
});

describe('when the wall clock was set since the process began', () => {
  const HOUR = 3_600_000;

  it.each([HOUR, -HOUR])(
    'by %d ms, a start-up has its time, and the deadline is told by that clock',
    async (by) => {
      const real = Date.now;
      vi.spyOn(Date, 'now').mockImplementation(() => real() + by);
      const timeout = vi.spyOn(AbortSignal, 'timeout');
      onTestFinished(() => void vi.restoreAllMocks());
      const left: number[] = [];
      const asks = defineHostFunction({}, ({ deadline, signal }: HostFunctionContext) => {
        left.push(deadline - Date.now());
        expect(signal.aborted).toBe(false);
      });
      const wasm = guest(() => `${fn('on_activate', '(call $host)')} ${fn('ask', '(call $host)')}`, {
        imports: '(import "extism:host/user" "host" (func $host))',
      });
      const opened = await openHost({ hostFunctions: { host: asks }, ...GRANTED });
      const limits = { timeoutMs: 5000, startTimeoutMs: 5000 };
      const p = await opened.load(plugin('p', wasm, { ...ASKS, limits }));
      await p.call('ask');
      expect(left).toHaveLength(2);
      for (const ms of [...left, Number(timeout.mock.calls[0]?.[0])]) {
        expect(ms).toBeGreaterThan(1000);
        expect(ms).toBeLessThanOrEqual(5001);
      }
    },
  );
});

it('an application may copy what it is told of a call, signal and all', async () => {
  const copies: object[] = [];
  const asks = defineHostFunction({}, (told: HostFunctionContext) => void copies.push({ ...told }));
  const wasm = guest(() => fn('ask', '(call $host)'), {
    imports: '(import "extism:host/user" "host" (func $host))',
  });
  const opened = await openHost({ hostFunctions: { host: asks }, ...GRANTED });
  const p = await opened.load(plugin('p', wasm, ASKS));
  await p.call('ask');
  expect(copies).toEqual([
    expect.objectContaining({ plugin: 'p', fn: 'ask', signal: expect.any(AbortSignal) }),
  ]);
});
