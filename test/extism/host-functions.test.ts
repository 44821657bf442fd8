import { type CallContext, createPlugin } from 'cordon/extism';
import { describe, expect, it } from 'vitest';
import { deferred, rejection } from '../host/open-host.js';
import { guest, openPlugin } from './open-plugin.js';

const F = { f: '(param i64) (result i64)' };
const CALLER = guest(
  `(func (export "go") (result i32) (call $give (call $f (call $input_offset))))
   (func (export "twice") (result i32) (drop (call $f (call $input_offset))) (call $give (call $f (call $input_offset))))`,
  F,
);

function withF(f: (context: CallContext, offset: bigint) => unknown) {
  return openPlugin({ wasm: [{ data: CALLER }] }, { functions: { 'extism:host/user': { f } } });
}

describe('a host function', () => {
  it('reads the block that the guest hands over and stores its answer', async () => {
    const plugin = await withF((context, offset) => {
      expect(context.length(offset)).toBe(5n);
      return context.store(`${context.read(offset)?.text()}!`);
    });
    expect((await plugin.call('go', 'hello'))?.text()).toBe('hello!');
  });

  it('may be asynchronous, and gets the context of the call', async () => {
    const plugin = await withF(async (context) => {
      await null;
      return context.store(String(context.hostContext<{ user: string }>().user));
    });
    const outputs = ['a', 'b'].map((user) => plugin.call('go', '', { user }));
    expect((await Promise.all(outputs)).map((output) => output?.text())).toEqual(['a', 'b']);
  });

  it('reads any block of the guest, whatever it was handed, and blocks of its own', async () => {
    const bytes = guest(
      `(data (i32.const 0) "other")
       (func (export "go") (result i32) (local $pair i64)
         (local.set $pair (call $alloc (i64.const 16)))
         (call $store_u64 (local.get $pair) (call $block (i32.const 0) (i32.const 5)))
         (call $store_u64 (i64.add (local.get $pair) (i64.const 8)) (call $input_offset))
         (call $give (call $f (local.get $pair))))`,
      F,
    );
    const f = (context: CallContext, offset: bigint) => {
      const pair = context.read(offset)!;
      const [first, second] = [pair.getBigUint64(0, true), pair.getBigUint64(8, true)];
      const mine = context.store(`${context.read(first)?.text()} ${context.read(second)?.text()}`);
      expect(context.read(mine)?.text()).toBe('other input');
      return mine;
    };
    const plugin = await openPlugin(
      { wasm: [{ data: bytes }] },
      { functions: { 'extism:host/user': { f } } },
    );
    expect((await plugin.call('go', 'input'))?.text()).toBe('other input');
  });

  it('gives several blocks, of which each has the offset that it was told', async () => {
    const bytes = guest(
      `(func (export "go") (result i32) (local $first i64)
         (call $free (call $alloc (i64.const 300)))
         (local.set $first (call $f (i64.const 0)))
         (call $give (call $load_u64 (local.get $first))))`,
      F,
    );
    const f = (context: CallContext) => {
      context.store('x'.repeat(1000));
      const second = context.alloc(3);
      context.read(second)?.bytes().set([65, 66, 67]);
      const pointer = new Uint8Array(8);
      new DataView(pointer.buffer).setBigUint64(0, second, true);
      return context.store(pointer);
    };
    const plugin = await openPlugin(
      { wasm: [{ data: bytes }] },
      { functions: { 'extism:host/user': { f } } },
    );
    expect((await plugin.call('go'))?.text()).toBe('ABC');
  });

  it('gets null for what is no block', async () => {
    const offsets = [0n, 1n, -1n, 2n ** 63n, 100n, 4_000_000_000n];
    const plugin = await withF((context, offset) => {
      const found = [...offsets, offset + 1n].map((one) => context.read(one));
      expect(found.every((one) => one === null)).toBe(true);
      expect(context.length(offset + 1n)).toBe(0n);
      return context.store('none');
    });
    expect((await plugin.call('go', 'hello'))?.text()).toBe('none');
  });

  it('reads and writes vars that the guest and later calls see', async () => {
    const bytes = guest(
      `(data (i32.const 0) "fromguestvalue")
       (func (export "set") (result i32)
         (call $var_set (call $block (i32.const 0) (i32.const 9)) (call $block (i32.const 9) (i32.const 5)))
         (call $give (call $f (i64.const 0))))
       (func (export "get") (result i32) (call $give (call $var_get (call $input_offset))))`,
      F,
    );
    const f = (context: CallContext) => {
      expect(context.getVariable('nothing')).toBe(null);
      const before = context.getVariable('fromguest')?.text();
      context.setVariable('fromhost', new Uint8Array([104, 105]));
      context.setVariable('gone', 'soon');
      context.deleteVariable('gone');
      expect(context.getVariable('gone')).toBe(null);
      return context.store(`${before} ${context.getVariable('fromhost')?.text()}`);
    };
    const plugin = await openPlugin(
      { wasm: [{ data: bytes }] },
      { functions: { 'extism:host/user': { f } } },
    );
    expect((await plugin.call('set'))?.text()).toBe('value hi');
    expect((await plugin.call('get', 'fromhost'))?.text()).toBe('hi');
    expect(await plugin.call('get', 'gone')).toBe(null);
  });

  it('cannot set more vars than maxVarBytes', async () => {
    const f = (context: CallContext) => {
      context.setVariable('a', 'x'.repeat(2000));
      return 0n;
    };
    const plugin = await openPlugin(
      { wasm: [{ data: CALLER }], memory: { maxVarBytes: 1000 } },
      { functions: { 'extism:host/user': { f } } },
    );
    expect((await rejection(plugin.call('go'))).message).toMatch(
      /var memory limit exceeded: \d+ bytes requested/,
    );
  });

  it('sets the error that the call fails with', async () => {
    const plugin = await withF((context) => {
      expect(() => context.setError(null)).toThrow('could not store error value');
      context.setError(new Error('not today'));
      return 0n;
    });
    expect((await rejection(plugin.call('go'))).message).toBe('Plugin-originated error: not today');
  });

  it('that throws rejects the call with its own error, and the next call succeeds', async () => {
    const mine = new TypeError('mine');
    let fails = true;
    const plugin = await withF((context) => {
      if (fails) throw mine;
      return context.store('fine');
    });
    await expect(plugin.call('go')).rejects.toBe(mine);
    fails = false;
    expect((await plugin.call('go'))?.text()).toBe('fine');
  });

  it('that gives nothing where the guest expects a number rejects the call', async () => {
    const plugin = await withF(() => undefined);
    await expect(plugin.call('go')).rejects.toThrow('Cannot convert undefined to a BigInt');
  });

  it('cannot use its context after it has returned', async () => {
    const kept: CallContext[] = [];
    const plugin = await withF((context) => {
      kept.push(context);
      return 0n;
    });
    await plugin.call('twice');
    expect(kept[0]).not.toBe(kept[1]);
    for (const use of [
      () => kept[0]!.store('x'),
      () => kept[0]!.read(0n),
      () => kept[0]!.setVariable('a', 'b'),
      () => kept[0]!.setError('x'),
    ]) {
      expect(use).toThrow(/after its host function has returned/);
    }
  });

  it('cannot make more blocks than the memory limit admits', async () => {
    const lines: unknown[] = [];
    const logger = { ...console, error: (line: unknown) => lines.push(line) };
    const f = (context: CallContext) => {
      expect(() => context.store(new Uint8Array(200_000))).toThrow('failed to store output');
      expect(() => context.alloc(2 ** 40)).toThrow('Cannot allocate');
      expect(context.alloc(2 ** 31)).toBe(0n);
      return context.store('small');
    };
    const plugin = await openPlugin(
      { wasm: [{ data: CALLER }], memory: { maxPages: 2 } },
      { functions: { 'extism:host/user': { f } }, logger },
    );
    expect((await plugin.call('go'))?.text()).toBe('small');
    expect(lines).toEqual([
      expect.stringMatching(/^memory limit exceeded: 32769 pages requested, \d allowed$/),
    ]);
  });

  it('passes numbers of every type as they are', async () => {
    const seen: unknown[] = [];
    const bytes = guest(
      `(func (export "go") (result i32)
         (drop (call $mix (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const 1e300)))
         (call $void (i32.const 7)) (i32.const 0))`,
      { mix: '(param i32 i64 f32 f64) (result f64)', void: '(param i32)' },
    );
    const note = (_: CallContext, ...args: unknown[]) => {
      seen.push(...args);
      return 1.5;
    };
    const plugin = await openPlugin(
      { wasm: [{ data: bytes }] },
      { functions: { 'extism:host/user': { mix: note, void: note } } },
    );
    await plugin.call('go');
    expect(seen).toEqual([-1, -2n, 0.5, 1e300, 7]);
  });

  it('may call another plugin, whichever thread that lives in, and never its own', async () => {
    const echo = guest('(func (export "echo") (result i32) (call $give (call $input_offset)))');
    const others = await Promise.all([1, 2, 3, 4].map(() => openPlugin(echo)));
    const plugin = await withF(async (context, offset) => {
      const text = context.read(offset)!.text();
      const answers = [];
      for (const other of others) answers.push((await other.call('echo', text))?.text());
      const refused = await rejection(plugin.call('go', 'again'));
      return context.store(`${answers.join()} ${refused.message}`);
    });
    expect((await plugin.call('go', 'hi'))?.text()).toBe('hi,hi,hi,hi plugin is not reentrant');
  });

  it('that does not wait for another plugin does not end its call', async () => {
    const echo = await openPlugin(
      guest('(func (export "echo") (result i32) (call $give (call $input_offset)))'),
    );
    let later: Promise<unknown> | undefined;
    const plugin = await withF(() => {
      later = echo.call('echo', 'later').then((output) => output?.text());
      return 0n;
    });
    await plugin.call('go');
    expect(await later).toBe('later');
  });

  it('that never ends is given up at the timeout, and its context is of no use then', async () => {
    const gate = deferred();
    const late = deferred<unknown>();
    const f = async (context: CallContext) => {
      await gate.promise;
      try {
        context.store('late');
      } catch (error) {
        late.resolve(error);
      }
      return 0n;
    };
    const plugin = await openPlugin(
      { wasm: [{ data: CALLER }] },
      { functions: { 'extism:host/user': { f } }, timeoutMs: 1500 },
    );
    expect((await rejection(plugin.call('go'))).message).toBe('EXTISM: call canceled due to timeout');
    gate.resolve();
    expect(String(await late.promise)).toMatch(/after its call is over/);
  });
});

describe('bad functions', () => {
  it.each([
    [{ 'extism:host/env': {} }, /runtime's own/],
    [{ a: 1 }, /functions\["a"\]" is 1; expected an object of functions/],
    [{ a: { b: 'c' } }, /functions\["a"\]\["b"\]" is "c"; expected a function/],
    [[], /"functions" is a list/],
  ])('are refused: %j', async (functions, message) => {
    const error = await rejection(
      createPlugin({ wasm: [{ data: CALLER }] }, { functions: functions as never }),
    );
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toMatch(message);
  });
});
