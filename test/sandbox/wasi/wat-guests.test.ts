import { beforeAll, describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { WASI_FUNCTION_NAMES, wasiSignature } from '../../../src/sandbox/wasi/signatures.js';
import { JsGuest, Trapped } from './js-guest.js';

let tools: Awaited<ReturnType<typeof wabt>>;
beforeAll(async () => {
  tools = await wabt();
});

function instantiate(wat: string, guest: JsGuest): Record<string, CallableFunction> {
  const module = new WebAssembly.Module(tools.parseWat('guest.wat', wat).toBinary({}).buffer);
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: { ...guest.wasi.imports } });
  guest.wasi.bind(instance.exports.memory as WebAssembly.Memory);
  return instance.exports as Record<string, CallableFunction>;
}

describe('a WebAssembly guest', () => {
  it('links every function with the type that the signature says', () => {
    const imports = WASI_FUNCTION_NAMES.map((name) => {
      const { params, results } = wasiSignature(name)!;
      const type = `(param ${params.join(' ')}) (result ${results.join(' ')})`;
      return `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`;
    });
    const calls = WASI_FUNCTION_NAMES.filter((name) => name !== 'proc_exit').map((name) => {
      const args = wasiSignature(name)!.params.map((type) => `(${type}.const -1)`);
      return `(drop (call $${name} ${args.join(' ')}))`;
    });
    const exports = instantiate(
      `(module ${imports.join('\n')} (memory (export "memory") 1) (func (export "all") ${calls.join('\n')}))`,
      new JsGuest({}, { bind: false }),
    );
    expect(exports.all!()).toBeUndefined();
  });

  it('prints a line', () => {
    const guest = new JsGuest({}, { bind: false });
    const exports = instantiate(
      `(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
        (data (i32.const 16) "hello\\n")
        (func (export "hello") (result i32)
          (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))`,
      guest,
    );
    expect(exports.hello!()).toBe(0);
    expect(guest.out).toEqual(['hello']);
  });

  it('gets EFAULT during its start function, when its memory is not known yet', () => {
    const guest = new JsGuest({}, { bind: false });
    const exports = instantiate(
      `(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (global $errno (mut i32) (i32.const -1))
        (func $start (global.set $errno (call $random (i32.const 0) (i32.const 8))))
        (start $start)
        (func (export "errno") (result i32) (global.get $errno)))`,
      guest,
    );
    expect(exports.errno!()).toBe(21);
  });

  it('that grows its memory between two calls reads into the new one', () => {
    const guest = new JsGuest({}, { bind: false });
    const exports = instantiate(
      `(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 1 4)
        (func (export "run") (result i32)
          (drop (call $random (i32.const 0) (i32.const 8)))
          (drop (memory.grow (i32.const 1)))
          (call $random (i32.const 65536) (i32.const 65536))))`,
      guest,
    );
    expect(exports.run!()).toBe(0);
    expect(
      new Uint8Array((exports.memory as unknown as WebAssembly.Memory).buffer, 65_536).some(Boolean),
    ).toBe(true);
  });

  it('that imports a function with floats and references crashes nothing', () => {
    const guest = new JsGuest({}, { bind: false });
    const exports = instantiate(
      `(module
        (import "wasi_snapshot_preview1" "fd_close" (func $close (param f64) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random (param externref i64) (result i32)))
        (memory (export "memory") 1)
        (func (export "close") (result i32) (call $close (f64.const nan)))
        (func (export "random") (param externref) (result i32) (call $random (local.get 0) (i64.const 1))))`,
      guest,
    );
    expect(exports.close!()).toBe(0);
    expect(exports.random!({ valueOf: () => 1 })).toBe(28);
  });

  it('that exits ends there', () => {
    const guest = new JsGuest({}, { bind: false });
    const exports = instantiate(
      `(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "run") (call $exit (i32.const 7)) unreachable))`,
      guest,
    );
    expect(() => exports.run!()).toThrow(Trapped);
  });
});
