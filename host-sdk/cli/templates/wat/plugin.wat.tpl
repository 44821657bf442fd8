(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  (memory 1)
  (data (i32.const 0) "Hello, ")

  ;; Input: a name. Output: a greeting.
  (func (export "hello") (result i32)
    (local $size i64) (local $block i64) (local $i i64)
    (local.set $size (i64.add (call $input_length) (i64.const 8)))
    (local.set $block (call $alloc (local.get $size)))
    (if (i64.eqz (local.get $block)) (then unreachable)) ;; the host has no memory left

    (loop $greeting
      (call $store (i64.add (local.get $block) (local.get $i)) (i32.load8_u (i32.wrap_i64 (local.get $i))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $greeting (i64.lt_u (local.get $i) (i64.const 7))))

    (block $done
      (loop $name
        (br_if $done (i64.ge_u (local.get $i) (i64.sub (local.get $size) (i64.const 1))))
        (call $store
          (i64.add (local.get $block) (local.get $i))
          (call $input (i64.sub (local.get $i) (i64.const 7))))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $name)))

    (call $store (i64.add (local.get $block) (local.get $i)) (i32.const 33)) ;; !
    (call $output_set (local.get $block) (local.get $size))
    (i32.const 0)))
