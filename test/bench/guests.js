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

/**
 * A guest of 10 KB that says how often its memory saw a call (1 where the instance is fresh) and whether an earlier call left
 * its var (0 where none did), and then leaves both marks.
 */
export const fresh = assemble(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "${'0123456789abcdef'.repeat(630)}")
  ;; A block of its own for each use: Extism's hosts free the ones they are given.
  (func $k (result i64) (local $at i64)
    (local.set $at (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $at) (i32.const 107))
    (local.get $at))
  (func (export "fresh") (result i32) (local $to i64)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (local.set $to (call $alloc (i64.const 2)))
    (call $store_u8 (local.get $to) (i32.load (i32.const 0)))
    (call $store_u8 (i64.add (local.get $to) (i64.const 1)) (i64.ne (call $var_get (call $k)) (i64.const 0)))
    (call $var_set (call $k) (call $k))
    (call $output_set (local.get $to) (i64.const 2))
    (i32.const 0)))`);

/** Computes for some milliseconds: `burn`. Spins for ever: `spin`. Counts its calls: `count`. */
export const worker = assemble(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 1)
  (global $calls (mut i64) (i64.const 0))
  (global $state (mut i32) (i32.const 1))
  (func (export "burn") (result i32) (local $i i32)
    (local.set $i (i32.const 4000000))
    (loop $more
      (global.set $state (i32.add (i32.mul (global.get $state) (i32.const 1664525)) (i32.const 1013904223)))
      (br_if $more (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (i32.const 0))
  (func (export "spin") (result i32) (loop $ever (br $ever)) (i32.const 0))
  (func (export "count") (result i32) (local $to i64)
    (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
    (local.set $to (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $to) (global.get $calls))
    (call $output_set (local.get $to) (i64.const 8))
    (i32.const 0)))`);

/** Calls the host function "wait" once, and returns. */
export const waits = assemble(`(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/user" "wait" (func $wait (param i64) (result i64)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (drop (call $wait (call $input_offset))) (i32.const 0)))`);
