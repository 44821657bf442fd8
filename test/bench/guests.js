// @ts-check
// The guests of the benchmarks, as WebAssembly text.
import wabt from 'wabt';

const { parseWat } = await wabt();

/** How often a call of `asksHost` and `asksPlugin` asks. */
export const ASKS = 20;

/** @param {string} text */
const assemble = (text) => new Uint8Array(parseWat('guest.wat', text).toBinary({}).buffer);

/** Copies its input to its output, as a plug-in kit does: eight bytes at a time, then the rest. */
export const echo = assemble(`(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "echo") (result i32)
    (local $n i64) (local $i i64) (local $to i64)
    (local.set $n (call $input_length))
    (local.set $to (call $alloc (local.get $n)))
    (block $words_done (loop $words
      (br_if $words_done (i64.gt_u (i64.add (local.get $i) (i64.const 8)) (local.get $n)))
      (call $store_u64 (i64.add (local.get $to) (local.get $i)) (call $input_load_u64 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br $words)))
    (block $bytes_done (loop $bytes
      (br_if $bytes_done (i64.ge_u (local.get $i) (local.get $n)))
      (call $store_u8 (i64.add (local.get $to) (local.get $i)) (call $input_load_u8 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $bytes)))
    (call $output_set (local.get $to) (local.get $n))
    (i32.const 0)))`);

/**
 * Asks its host twenty times a call, each time with its input.
 * @param {string} imported
 * @param {string} asks
 */
const asking = (imported, asks) =>
  assemble(`(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/user" ${imported})
  (memory (export "memory") 1)
  ;; A block with the four letters "echo".
  (func $name (result i64) (local $at i64)
    (local.set $at (call $alloc (i64.const 4)))
    ${[...'echo'].map((letter, i) => `(call $store_u8 (i64.add (local.get $at) (i64.const ${i})) (i32.const ${letter.charCodeAt(0)}))`).join('\n    ')}
    (local.get $at))
  (func (export "run") (result i32) (local $i i32) (local $name i64)
    (local.set $name (call $name))
    (loop $more
      (drop ${asks})
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const ${ASKS}))))
    (i32.const 0)))`);

/** Calls the host function "ask". */
export const asksHost = asking(
  '"ask" (func $ask (param i64) (result i64))',
  '(call $ask (call $input_offset))',
);

/** Calls "echo" of the plugin "echo". */
export const asksPlugin = asking(
  '"plugin_call" (func $ask (param i64 i64 i64) (result i64))',
  '(call $ask (local.get $name) (local.get $name) (call $input_offset))',
);
