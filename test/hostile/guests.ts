import type { InMemoryPlugin } from 'cordon';
import { wat } from '../wasm/wat.js';

const ENV: Readonly<Record<string, string>> = {
  alloc: '(param i64) (result i64)',
  free: '(param i64)',
  length: '(param i64) (result i64)',
  load_u8: '(param i64) (result i32)',
  load_u64: '(param i64) (result i64)',
  store_u8: '(param i64 i32)',
  store_u64: '(param i64 i64)',
  input_offset: '(result i64)',
  input_length: '(result i64)',
  input_load_u8: '(param i64) (result i32)',
  output_set: '(param i64 i64)',
  error_set: '(param i64)',
  error_get: '(result i64)',
  config_get: '(param i64) (result i64)',
  var_get: '(param i64) (result i64)',
  var_set: '(param i64 i64)',
  log_info: '(param i64)',
  http_request: '(param i64 i64) (result i64)',
  http_status_code: '(result i32)',
};

const WASI: Readonly<Record<string, string>> = {
  proc_exit: '(param i32)',
  fd_write: '(param i32 i32 i32 i32) (result i32)',
  poll_oneoff: '(param i32 i32 i32 i32) (result i32)',
  random_get: '(param i32 i32) (result i32)',
};

/** Imports of these functions, each under its own name: of Extism's environment, of WASI, or `plugin_call`. */
export function imports(...names: readonly string[]): string {
  return names.map((name) => `(import ${origin(name)}`).join('\n');
}

function origin(name: string): string {
  if (name === 'plugin_call') {
    return '"extism:host/user" "plugin_call" (func $plugin_call (param i64 i64 i64) (result i64)))';
  }
  if (ENV[name]) return `"extism:host/env" "${name}" (func $${name} ${ENV[name]}))`;
  return `"wasi_snapshot_preview1" "${name}" (func $${name} ${WASI[name]}))`;
}

/** An import of a host function. */
export function hostImport(name: string, type = ''): string {
  return `(import "extism:host/user" "${name}" (func $${name} ${type}))`;
}

/** Needs `alloc`, `store_u8` and a memory: `$block(at, length)` copies a piece of memory into a new block. */
export const BLOCK = `
  (func $block (param $at i32) (param $n i32) (result i64) (local $b i64) (local $i i32)
    (local.set $b (call $alloc (i64.extend_i32_u (local.get $n))))
    (if (local.get $n) (then (loop $next
      (call $store_u8 (i64.add (local.get $b) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $at) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))))
    (local.get $b))`;

/** Needs what {@link BLOCK} needs and `plugin_call`: `$ask` calls `fn` of `target` and gives 1 where no answer comes. */
export function ask(target: string, fn: string): string {
  return `(data (i32.const 0) "${target}${fn}") ${BLOCK}
    (func $ask (result i32) (i64.eqz (call $plugin_call
      (call $block (i32.const 0) (i32.const ${target.length}))
      (call $block (i32.const ${target.length}) (i32.const ${fn.length})) (i64.const 0))))`;
}

export const SPIN = '(loop $forever (br $forever))';

/** A plugin in memory from text or bytes. */
export function plugin(
  name: string,
  module: string | Uint8Array,
  manifest: Readonly<Record<string, unknown>> = {},
): InMemoryPlugin {
  const wasm = typeof module === 'string' ? wat(`(module ${module})`) : module;
  return { manifest: { manifestVersion: 1, name, version: '1.0.0', ...manifest }, wasm } as InMemoryPlugin;
}

/** What a host is to keep serving whatever else runs: echoes, and counts in its own memory. */
export const NEIGHBOUR = plugin(
  'neighbour',
  `${imports('input_offset', 'input_length', 'output_set', 'alloc', 'store_u8')}
   (global $count (mut i32) (i32.const 0))
   (func (export "echo") (call $output_set (call $input_offset) (call $input_length)))
   (func (export "count") (local $b i64)
     (global.set $count (i32.add (global.get $count) (i32.const 1)))
     (local.set $b (call $alloc (i64.const 1)))
     (call $store_u8 (local.get $b) (i32.add (i32.const 48) (global.get $count)))
     (call $output_set (local.get $b) (i64.const 1)))`,
);
