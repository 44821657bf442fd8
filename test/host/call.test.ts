import { describe, expect, it } from 'vitest';
import { guest, i32, toI32 } from '../fixtures/guests/guest.js';
import { ECHO, lab, started } from '../fixtures/guests/guests.js';
import { collect, openHost, plugin, rejection } from './open-host.js';

const openLab = async (manifest = {}, options = {}) => {
  const host = await openHost(options);
  return { host, lab: await host.load(plugin('lab', lab, manifest)) };
};

describe('an input', () => {
  it.each([
    ['text', 'hello', 'hello'],
    ['text beyond ASCII', 'grüße 日本 👩‍🚀 \u0000 end', 'grüße 日本 👩‍🚀 \u0000 end'],
    ['a text of half a character', 'a\ud83d', 'a\ufffd'],
    ['nothing', undefined, ''],
    ['an empty text', '', ''],
    ['empty bytes', new Uint8Array(), ''],
    ['bytes', new TextEncoder().encode('bytes'), 'bytes'],
    ['an ArrayBuffer', new TextEncoder().encode('buffer').buffer, 'buffer'],
    ['a view of another type', new Uint16Array([0x6968]), 'hi'],
    ['a DataView', new DataView(new TextEncoder().encode('xviewx').buffer, 1, 4), 'view'],
    ['an object', { a: [1, 'ä', null] }, '{"a":[1,"ä",null]}'],
    ['an array', [1, 2], '[1,2]'],
    ['a number', 12.5, '12.5'],
    ['a boolean', false, 'false'],
    ['null', null, 'null'],
    ['something with toJSON', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ])('may be %s', async (_, input, expected) => {
    const { lab } = await openLab();
    expect((await lab.call('echo', input)).text()).toBe(expected);
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['a circle', Object.assign([] as unknown[], { 0: null }, [])],
  ])('that is %s is refused: it is not JSON', async (name, input) => {
    const { lab } = await openLab();
    if (name === 'a circle') (input as unknown[])[0] = input;
    expect(await rejection(lab.call('echo', input))).toMatchObject({ code: 'ERR_INPUT', plugin: 'lab' });
  });

  it('that was transferred away is refused', async () => {
    const { lab } = await openLab();
    for (const bytes of [new Uint8Array(8), new DataView(new ArrayBuffer(8)), new ArrayBuffer(8)]) {
      structuredClone(bytes, { transfer: [ArrayBuffer.isView(bytes) ? bytes.buffer : bytes] });
      const error = await rejection(lab.call('echo', bytes));
      expect(error).toMatchObject({ code: 'ERR_INPUT', plugin: 'lab' });
    }
  });

  it('of megabytes comes through unchanged', async () => {
    const { lab } = await openLab();
    const bytes = new Uint8Array(5 * 1024 * 1024).map((_, i) => i * 31 + (i >> 8));
    expect(Buffer.compare((await lab.call('echo', bytes)).bytes(), bytes)).toBe(0);
  });

  it('of a view on a pool never takes its neighbours along', async () => {
    const { lab } = await openLab();
    const pool = Buffer.from('secret-before|the view|secret-after');
    const view = pool.subarray(14, 22);
    const out = (await lab.call('echo', view)).bytes();
    expect(new TextDecoder().decode(out)).toBe('the view');
    expect(out.buffer.byteLength).toBe(8);
  });

  it('is taken at the call; what the caller does with its buffer later does not matter', async () => {
    const { lab } = await openLab();
    const bytes = new TextEncoder().encode('before');
    const call = lab.call('echo', bytes);
    bytes.fill(0x78);
    expect((await call).text()).toBe('before');
    expect(new TextDecoder().decode(bytes)).toBe('xxxxxx');
  });

  it('of a JSON value is taken at the call, too', async () => {
    const { lab } = await openLab();
    const value = { n: 1 };
    const call = lab.call('echo', value);
    value.n = 2;
    expect((await call).json()).toEqual({ n: 1 });
  });

  it('keeps its buffer: it is not detached', async () => {
    const { lab } = await openLab();
    const bytes = new Uint8Array(100_000).fill(7);
    await lab.call('echo', bytes);
    expect(bytes.byteLength).toBe(100_000);
  });
});

describe('an output', () => {
  it('can be read as text, as JSON and as bytes', async () => {
    const { lab } = await openLab();
    const output = await lab.call('echo', '{"a":1}');
    expect(output.text()).toBe('{"a":1}');
    expect(output.json()).toEqual({ a: 1 });
    expect(output.bytes()).toEqual(new TextEncoder().encode('{"a":1}'));
    expect(output.byteLength).toBe(7);
  });

  it('that is not JSON says so, and how it begins', async () => {
    const { lab } = await openLab();
    const output = await lab.call('echo', '<html>');
    expect(() => output.json()).toThrow(expect.objectContaining({ code: 'ERR_OUTPUT' }));
    expect(() => output.json()).toThrow(/<html>/);
  });

  it('that was not set is empty', async () => {
    const { lab } = await openLab();
    expect((await lab.call('nothing', 'x')).bytes()).toEqual(new Uint8Array());
  });

  it('that was set in one call is not that of the next', async () => {
    const { lab } = await openLab();
    await lab.call('echo', 'old');
    expect((await lab.call('nothing')).text()).toBe('');
  });

  it('is the caller’s own', async () => {
    const { lab } = await openLab();
    const first = (await lab.call('echo', 'first')).bytes();
    first.fill(0);
    expect((await lab.call('echo', 'second')).text()).toBe('second');
  });
});

describe('a function', () => {
  it('that a plugin does not have is refused with those that it has', async () => {
    const { lab } = await openLab();
    const error = await rejection(lab.call('ehco'));
    expect(error).toMatchObject({ code: 'ERR_NO_EXPORT', plugin: 'lab', version: '1.0.0' });
    expect(error.message).toContain('"echo"');
  });

  it.each([
    'memory',
    'takes_something',
    'gives_two',
    '__proto__',
    'constructor',
    'cordon:fuel',
    '',
    'cordon:may_grow',
  ])('called %j cannot be called', async (name) => {
    const { lab } = await openLab();
    expect(lab.has(name)).toBe(false);
    expect((await rejection(lab.call(name))).code).toBe('ERR_NO_EXPORT');
  });

  it.each([[undefined], [null], [1], [{}]])('named %s is refused', async (name) => {
    const { lab } = await openLab();
    expect((await rejection(lab.call(name as never))).code).toBe('ERR_OPTIONS');
  });

  it('may have no result, or a long one', async () => {
    const { lab } = await openLab();
    expect((await lab.call('no_result')).text()).toBe('');
    expect((await lab.call('long_result')).text()).toBe('');
    expect(lab.has('echo')).toBe(true);
    expect(lab.exports).toEqual([...lab.exports].sort());
    expect(lab.exports).toContain('echo');
  });
});

describe('options of a call', () => {
  it.each([
    [{ timeout: 5 }, '"timeoutMs"'],
    [{ timeoutMs: -1 }, 'timeoutMs'],
    [{ timeoutMs: '5 seconds' }, 'timeoutMs'],
    [{ signal: {} }, 'signal'],
    [{ fuel: 1.5 }, 'fuel'],
    [{ tenant: 'two\nlines' }, 'tenant'],
    [{ priority: 5000 }, 'priority'],
    ['fast', 'object'],
  ])('such as %j are refused', async (options, part) => {
    const { lab } = await openLab();
    const error = await rejection(lab.call('echo', 'x', options as never));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain(part);
  });

  it('can let some calls go before others', async () => {
    const { host, lab } = await openLab({}, { budget: { concurrentCalls: 1 } });
    const done: string[] = [];
    host.on('call', ({ callId, inputBytes }) => done.push(`${callId ? inputBytes : ''}`));
    await Promise.all([
      lab.call('echo', 'x'),
      lab.call('echo', 'x'.repeat(10), { priority: -5 }),
      lab.call('echo', 'x'.repeat(20)),
      lab.call('echo', 'x'.repeat(30), { priority: 5 }),
    ]);
    expect(done).toEqual(['1', '30', '20', '10']);
  });
});

describe('a guest that fails', () => {
  it.each([
    ['fail', 'ERR_GUEST', 'it did not work out'],
    ['fail_silently', 'ERR_GUEST', '7'],
    ['fail_and_trap', 'ERR_GUEST', 'and then it fell over'],
    ['trap', 'ERR_TRAP', 'unreachable'],
    ['divide', 'ERR_TRAP', 'divide'],
    ['outside', 'ERR_TRAP', 'memory-out-of-bounds'],
  ])('by %s rejects with %s', async (name, code, text) => {
    const { lab } = await openLab();
    const error = await rejection(lab.call(name));
    expect(error).toMatchObject({ code, plugin: 'lab', version: '1.0.0', callId: expect.any(String) });
    expect(error.message).toContain(text);
    expect((await lab.call('echo', 'next')).text()).toBe('next');
  });

  it('says its text in details, and no more of it than is good', async () => {
    const { lab } = await openLab();
    const error = await rejection(lab.call('fail_input', 'x'.repeat(1_000_000)));
    expect(error.code).toBe('ERR_GUEST');
    expect(error.message.length).toBeLessThan(20_000);
  });

  it.each([
    'bad_output',
    'long_output',
    'bad_load',
    'bad_store',
    'bad_log',
    'bad_key',
    'bad_var',
    'bad_request',
  ])('by %s gives the host a bad pointer: a violation', async (name) => {
    const { host, lab } = await openLab();
    const violations = collect(host, 'violation');
    expect((await rejection(lab.call(name))).code).toBe('ERR_TRAP');
    expect(violations).toMatchObject([{ plugin: 'lab', kind: 'abi', severity: 'high' }]);
    expect((await lab.call('echo', 'next')).text()).toBe('next');
  });

  it('frees what is not its own without harm', async () => {
    const { lab } = await openLab();
    expect((await lab.call('bad_free')).text()).toBe('');
  });

  it('loses its memory after a trap, and keeps it after an error', async () => {
    const { lab } = await openLab();
    expect(toI32((await lab.call('count')).bytes())).toBe(1);
    await rejection(lab.call('fail'));
    expect(toI32((await lab.call('count')).bytes())).toBe(2);
    await rejection(lab.call('trap'));
    expect(toI32((await lab.call('count')).bytes())).toBe(1);
  });
});

describe('a handle', () => {
  it('is the same as the host’s own call', async () => {
    const { host } = await openLab();
    expect((await host.call('lab', 'echo', 'a')).text()).toBe('a');
    expect((await host.plugin('lab').call('echo', 'b')).text()).toBe('b');
  });

  it('rejects calls after its plugin was unloaded', async () => {
    const { host, lab } = await openLab();
    await lab.unload();
    expect(lab.state).toBe('unloaded');
    expect((await rejection(lab.call('echo'))).code).toBe('ERR_CLOSED');
    expect((await rejection(host.call('lab', 'echo'))).code).toBe('ERR_NOT_FOUND');
  });

  it('serves again after the plugin was loaded again', async () => {
    const { host, lab: handle } = await openLab();
    await handle.unload();
    await host.load(plugin('lab', lab));
    expect((await handle.call('echo', 'again')).text()).toBe('again');
  });

  it('rejects calls after the host was closed', async () => {
    const { host, lab } = await openLab();
    await host.close();
    expect((await rejection(lab.call('echo'))).code).toBe('ERR_CLOSED');
    expect((await rejection(host.call('lab', 'echo'))).code).toBe('ERR_CLOSED');
  });

  it('can be disposed of with await using', async () => {
    const { host } = await openLab();
    {
      await using temporary = await host.load(
        plugin(
          'b',
          guest(() => ECHO),
        ),
      );
      expect(temporary.state).toBe('ready');
    }
    expect(host.list().map(({ name }) => name)).toEqual(['lab']);
  });
});

describe('many calls', () => {
  it('of one stateful plugin run in the order in which they were made', async () => {
    const { lab } = await openLab();
    const counts = await Promise.all(Array.from({ length: 300 }, () => lab.call('count')));
    expect(counts.map((output) => toI32(output.bytes()))).toEqual(
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
  });

  it('in flight are all answered, each with its own answer', async () => {
    const { lab } = await openLab({ instance: { pool: 3 } });
    const inputs = Array.from({ length: 300 }, (_, i) => `input ${i}`);
    const outputs = await Promise.all(inputs.map((input) => lab.call('echo', input)));
    expect(outputs.map((output) => output.text())).toEqual(inputs);
  });
});

describe('the start of a guest', () => {
  it.each([
    [[], 1],
    [['_initialize'], 11],
    [['_start'], 1001],
    [['_initialize', 'hs_init'], 111],
  ] as const)('runs %j once', async (names, expected) => {
    const host = await openHost();
    const p = await host.load(plugin('p', started(...names)));
    expect(toI32((await p.call('ran')).bytes())).toBe(expected);
    expect(toI32((await p.call('ran')).bytes())).toBe(expected);
  });

  it('does not leave its functions to callers', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', started('_initialize', 'hs_init')));
    expect(p.exports).toEqual(['ran']);
  });
});

it('numbers come in as the guest reads them', async () => {
  const { lab } = await openLab();
  expect(toI32((await lab.call('deep', i32(100))).bytes())).toBe(100);
});
