import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createWasi } from '../../../src/sandbox/wasi/create-wasi.js';
import {
  WASI_FUNCTION_NAMES,
  type WasiFunctionName,
  wasiSignature,
} from '../../../src/sandbox/wasi/signatures.js';
import { DATA, JsGuest, PATH, RESULT, Trapped } from './js-guest.js';

const SOCKETS: WasiFunctionName[] = ['sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown'];

function zeros(name: WasiFunctionName): (number | bigint)[] {
  return wasiSignature(name)!.params.map((type) => (type === 'i32' ? 0 : 0n));
}

function trapOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (error instanceof Trapped) return error.stop;
    throw error;
  }
  return undefined;
}

describe('WASI as a whole', () => {
  it('has all 46 functions of preview 1', () => {
    expect(WASI_FUNCTION_NAMES).toHaveLength(46);
    expect(Object.keys(new JsGuest().wasi.imports).sort()).toEqual([...WASI_FUNCTION_NAMES].sort());
  });

  it('has each function in the table of the reference, and no other', () => {
    const page = readFileSync(new URL('../../../docs/reference/wasi.md', import.meta.url), 'utf8');
    const table = page.slice(page.indexOf('## Functions'), page.indexOf('## Not stopped'));
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) =>
      [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
    );
    expect(named.sort()).toEqual([...WASI_FUNCTION_NAMES].sort());
  });

  it('answers every function with a number, whatever its arguments', () => {
    const extremes: [number, bigint][] = [
      [0, 0n],
      [-1, -1n],
      [1, 1n],
      [0x7fffffff, 0x7fffffffffffffffn],
      [-0x80000000, -0x8000000000000000n],
    ];
    for (const name of WASI_FUNCTION_NAMES.filter((name) => name !== 'proc_exit')) {
      for (const [i32, i64] of extremes) {
        const guest = new JsGuest();
        const args = wasiSignature(name)!.params.map((type) => (type === 'i32' ? i32 : i64));
        expect(guest.wasi.imports[name](...args), name).toBeTypeOf('number');
      }
    }
  });

  it('answers EFAULT before a memory is bound', () => {
    const { wasi } = new JsGuest();
    const unbound = createWasi({
      env: {},
      mounts: [],
      limits: { openFiles: 1, fileBytes: 1 },
      stdout() {},
      stderr() {},
      sleep: () => true,
      trap: (stop) => {
        throw new Trapped(stop);
      },
      violation() {},
    });
    expect(wasi.imports.random_get(0, 0)).toBe(0);
    expect(unbound.imports.random_get(0, 0)).toBe(21);
    expect(unbound.imports.args_sizes_get(0, 4)).toBe(21);
    expect(unbound.imports.sched_yield()).toBe(0);
  });

  it('answers EINVAL to a guest that imports a function with another type', () => {
    const guest = new JsGuest();
    expect(guest.call('fd_seek', 1, 0, 0, 0)).toBe('INVAL');
    expect(guest.call('random_get', 0n, 0n)).toBe('INVAL');
    expect(guest.call('random_get', 0)).toBe('INVAL');
    expect(guest.call('random_get', ...([undefined, {}] as never[]))).toBe('INVAL');
  });

  it('names the type of each function, and of nothing else', () => {
    expect(wasiSignature('clock_time_get')).toEqual({ params: ['i32', 'i64', 'i32'], results: ['i32'] });
    expect(wasiSignature('proc_exit')).toEqual({ params: ['i32'], results: [] });
    expect(wasiSignature('constructor')).toBeUndefined();
  });

  it('has no mounts unless some are given', () => {
    const guest = new JsGuest();
    expect(guest.call('fd_prestat_get', 3, RESULT)).toBe('BADF');
    expect(guest.open('x').errno).toBe('BADF');
    expect(guest.violations).toEqual([]);
  });

  it.each(SOCKETS)('refuses %s and reports it', (name) => {
    const guest = new JsGuest();
    expect(guest.call(name, ...zeros(name))).toBe('NOTCAPABLE');
    expect(guest.violations).toMatchObject([
      { kind: 'env', detail: { call: name, errno: 'ENOTCAPABLE', reason: 'socket' } },
    ]);
  });

  it('refuses a memory that threads share', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    expect(() => new JsGuest().wasi.bind(memory)).toThrow(expect.objectContaining({ code: 'ERR_FEATURE' }));
  });

  it('goes on in a memory that has grown', () => {
    const guest = new JsGuest();
    expect(guest.call('random_get', 8 * 65_536, 4)).toBe('FAULT');
    guest.memory.grow(1);
    expect(guest.call('random_get', 8 * 65_536, 4)).toBe('SUCCESS');
  });

  it('answers EBADF after it is disposed of', () => {
    const guest = new JsGuest();
    guest.wasi.dispose();
    expect(guest.write(1, 'x\n')).toBe('BADF');
    expect(guest.out).toEqual([]);
  });
});

describe('arguments and environment', () => {
  it('are written with their pointers', () => {
    const guest = new JsGuest({ args: ['plugin', 'ä'], env: { LANG: 'de', EMPTY: '' } });
    expect(guest.call('args_sizes_get', RESULT, RESULT + 4)).toBe('SUCCESS');
    expect([guest.u32(), guest.u32(RESULT + 4)]).toEqual([2, 10]);
    expect(guest.call('args_get', RESULT, DATA)).toBe('SUCCESS');
    expect([guest.u32(), guest.u32(RESULT + 4)]).toEqual([DATA, DATA + 7]);
    expect(guest.text(DATA, 10)).toBe('plugin\0ä\0');
    expect(guest.call('environ_sizes_get', RESULT, RESULT + 4)).toBe('SUCCESS');
    expect([guest.u32(), guest.u32(RESULT + 4)]).toEqual([2, 15]);
    expect(guest.call('environ_get', RESULT, DATA)).toBe('SUCCESS');
    expect(guest.text(DATA, 15)).toBe('LANG=de\0EMPTY=\0');
  });

  it('are nothing where nothing is granted, whatever the process has', () => {
    const guest = new JsGuest();
    expect(guest.call('environ_sizes_get', RESULT, RESULT + 4)).toBe('SUCCESS');
    expect([guest.u32(), guest.u32(RESULT + 4)]).toEqual([0, 0]);
  });

  it.each([
    ['a name with =', { 'A=B': 'x' }],
    ['a NUL', { A: 'x\0y' }],
    ['an empty name', { '': 'x' }],
    ['129 KiB', { A: 'x'.repeat(129 * 1024) }],
  ])('with %s are refused when the instance is made', (_, env) => {
    expect(() => new JsGuest({ env })).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });

  it('past 64 KiB of arguments are refused with the figures', () => {
    expect(() => new JsGuest({ args: ['x'.repeat(70_000)] })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS', details: { limit: 65_536, observed: 70_001 } }),
    );
  });

  it('that do not fit where the guest wants them are EFAULT', () => {
    const guest = new JsGuest({ env: { A: 'x' } });
    expect(guest.call('environ_get', RESULT, guest.memory.buffer.byteLength - 2)).toBe('FAULT');
    expect(guest.call('environ_get', -4, DATA)).toBe('FAULT');
  });
});

describe('clocks and random', () => {
  const clock = { realtimeNs: () => 1_700_000_000_000_000_000n, monotonicNs: () => 42n };

  it('come from the options where they are given', () => {
    const guest = new JsGuest({ clock, random: (bytes) => bytes.fill(7) });
    guest.call('clock_time_get', 0, 0n, RESULT);
    expect(guest.u64()).toBe(clock.realtimeNs());
    guest.call('clock_time_get', 1, 0n, RESULT);
    expect(guest.u64()).toBe(42n);
    expect(guest.call('random_get', DATA, 3)).toBe('SUCCESS');
    expect([...guest.bytes.slice(DATA, DATA + 4)]).toEqual([7, 7, 7, 0]);
  });

  it('count processor time from the start of the instance', () => {
    let now = 100n;
    const guest = new JsGuest({ clock: { ...clock, monotonicNs: () => now } });
    now = 150n;
    for (const id of [2, 3]) {
      expect(guest.call('clock_time_get', id, 0n, RESULT)).toBe('SUCCESS');
      expect(guest.u64()).toBe(50n);
    }
  });

  it('do not know a fifth clock', () => {
    const guest = new JsGuest();
    expect(guest.call('clock_time_get', 4, 0n, RESULT)).toBe('INVAL');
    expect(guest.call('clock_res_get', 4, RESULT)).toBe('INVAL');
    expect(guest.call('clock_res_get', 0, RESULT)).toBe('SUCCESS');
    expect(guest.u64()).toBe(1_000_000n);
  });

  it('fill random bytes in pieces of at most 64 KiB', () => {
    const pieces: number[] = [];
    const guest = new JsGuest({ random: (bytes) => pieces.push(bytes.byteLength) });
    expect(guest.call('random_get', DATA, 150_000)).toBe('SUCCESS');
    expect(pieces).toEqual([65_536, 65_536, 18_928]);
    expect(guest.call('random_get', DATA, 0x7fffffff)).toBe('FAULT');
  });

  it('fill random bytes by default', () => {
    const guest = new JsGuest();
    guest.call('random_get', DATA, 64);
    expect(guest.bytes.slice(DATA, DATA + 64).some((byte) => byte !== 0)).toBe(true);
  });
});

describe('ends of a call', () => {
  it('proc_exit stops with its code after what was printed is handed on', () => {
    const guest = new JsGuest();
    guest.write(1, 'half a line');
    expect(trapOf(() => guest.call('proc_exit', 3))).toEqual({ kind: 'exit', code: 3 });
    expect(guest.out).toEqual(['half a line']);
  });

  it('a guest that survives its own exit meets it again at every call', () => {
    const guest = new JsGuest();
    trapOf(() => guest.call('proc_exit', -1));
    expect(trapOf(() => guest.call('sched_yield'))).toEqual({ kind: 'exit', code: 0xffffffff });
    expect(trapOf(() => guest.call('proc_exit', 0))).toEqual({ kind: 'exit', code: 0xffffffff });
  });

  it('proc_raise is ENOSYS and sched_yield does nothing', () => {
    const guest = new JsGuest();
    expect(guest.call('proc_raise', 9)).toBe('NOSYS');
    expect(guest.call('sched_yield')).toBe('SUCCESS');
  });

  it('refusals are told sixteen times in a call, then as a number', () => {
    const guest = new JsGuest();
    for (let index = 0; index < 20; index++) guest.call('sock_shutdown', 0, 0);
    expect(guest.violations).toHaveLength(16);
    guest.wasi.flush();
    expect(guest.violations).toHaveLength(17);
    expect(guest.violations.at(-1)!.detail).toMatchObject({ reason: 'repeated', untold: 4 });
    guest.call('sock_shutdown', 0, 0);
    expect(guest.violations).toHaveLength(18);
  });

  it('more than 10 000 refusals in a call end it', () => {
    const guest = new JsGuest();
    const stop = trapOf(() => {
      for (let index = 0; index < 20_000; index++) guest.call('sock_shutdown', 0, 0);
    });
    expect(stop).toMatchObject({
      kind: 'violation',
      violation: 'env',
      detail: { limit: 10_000, observed: 10_001 },
    });
    expect(guest.violations).toHaveLength(17);
  });
});

describe('addresses', () => {
  const END = 8 * 65_536;

  it.each<[WasiFunctionName, (number | bigint)[]]>([
    ['args_sizes_get', [END - 3, RESULT]],
    ['args_sizes_get', [RESULT, END]],
    ['clock_time_get', [0, 0n, END - 7]],
    ['clock_res_get', [0, -1]],
    ['fd_fdstat_get', [1, END - 23]],
    ['fd_filestat_get', [1, END - 63]],
    ['fd_write', [1, END - 7, 1, RESULT]],
    ['fd_write', [1, 0, 0, END - 3]],
    ['fd_read', [0, -8, 1, RESULT]],
    ['poll_oneoff', [END - 47, RESULT, 1, RESULT]],
    ['poll_oneoff', [RESULT, END - 31, 1, RESULT]],
    ['poll_oneoff', [RESULT, RESULT, 1, -1]],
    ['random_get', [END, 1]],
    ['path_open', [3, 0, PATH, -1, 0, 0n, 0n, 0, RESULT]],
    ['path_open', [3, 0, PATH, 1, 0, 0n, 0n, 0, END]],
    ['path_filestat_get', [3, 0, PATH, 1, END - 1]],
    ['path_rename', [3, PATH, 1, 3, END, 1]],
    ['path_create_directory', [3, -1, -1]],
    ['fd_readdir', [3, PATH, END, 0n, RESULT]],
    ['fd_readdir', [3, PATH, 10, 0n, END]],
    ['fd_prestat_get', [3, END]],
    ['fd_prestat_dir_name', [3, END - 1, 2]],
  ])('%s answers EFAULT for %s', (name, args) => {
    const guest = new JsGuest({ scratch: [{ guestPath: '/s', maxBytes: 1000 }] });
    guest.put('a');
    expect(guest.call(name, ...args)).toBe('FAULT');
  });
});
