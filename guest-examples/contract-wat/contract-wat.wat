;; Every kind of thing that a plugin may do, a function each. The other `contract-` examples do the same in their
;; languages. It never has bytes in a memory of its own but for constants: blocks of the host are copied to blocks.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load (param i64) (result i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (import "extism:host/user" "lookup" (func $lookup (param i64) (result i64)))

  (memory 1)
  (data (i32.const 0) "greeting")
  (data (i32.const 16) "Hello")
  (data (i32.const 32) ", ")
  (data (i32.const 48) "!")
  (data (i32.const 64) "calls")
  (data (i32.const 80) "refused: ")

  ;; A block of this size. Without one there is nothing to be done.
  (func $new (param $size i64) (result i64)
    (local $block i64)
    (local.set $block (call $alloc (local.get $size)))
    (if (i64.eqz (local.get $block)) (then unreachable))
    (local.get $block))

  ;; Writes a constant to a block. Returns where it ends.
  (func $put (param $to i64) (param $from i32) (param $size i32) (result i64)
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $size)))
        (call $store (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $to (i64.add (local.get $to) (i64.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (br $more)))
    (local.get $to))

  ;; Writes a block to another one. Returns where it ends.
  (func $copy (param $to i64) (param $from i64) (result i64)
    (local $end i64)
    (local.set $end (i64.add (local.get $from) (call $length (local.get $from))))
    (block $done
      (loop $more
        (br_if $done (i64.ge_u (local.get $from) (local.get $end)))
        (call $store (local.get $to) (call $load (local.get $from)))
        (local.set $to (i64.add (local.get $to) (i64.const 1)))
        (local.set $from (i64.add (local.get $from) (i64.const 1)))
        (br $more)))
    (local.get $to))

  ;; Writes the input to a block. Returns where it ends.
  (func $put_input (param $to i64) (result i64)
    (local $i i64)
    (block $done
      (loop $more
        (br_if $done (i64.ge_u (local.get $i) (call $input_length)))
        (call $store (i64.add (local.get $to) (local.get $i)) (call $input_load (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $more)))
    (i64.add (local.get $to) (local.get $i)))

  ;; A constant as a block.
  (func $constant (param $from i32) (param $size i32) (result i64)
    (local $block i64)
    (local.set $block (call $new (i64.extend_i32_u (local.get $size))))
    (drop (call $put (local.get $block) (local.get $from) (local.get $size)))
    (local.get $block))

  ;; The input as a block; 0 for an empty one, as a block of no bytes is none.
  (func $input (result i64)
    (local $block i64)
    (if (i64.eqz (call $input_length)) (then (return (i64.const 0))))
    (local.set $block (call $new (call $input_length)))
    (drop (call $put_input (local.get $block)))
    (local.get $block))

  ;; A number in decimal, as a block.
  (func $decimal (param $number i64) (result i64)
    (local $digits i64) (local $rest i64) (local $block i64) (local $at i64)
    (local.set $rest (local.get $number))
    (loop $count
      (local.set $digits (i64.add (local.get $digits) (i64.const 1)))
      (local.set $rest (i64.div_u (local.get $rest) (i64.const 10)))
      (br_if $count (i64.ne (local.get $rest) (i64.const 0))))
    (local.set $block (call $new (local.get $digits)))
    (local.set $at (i64.add (local.get $block) (local.get $digits)))
    (loop $write
      (local.set $at (i64.sub (local.get $at) (i64.const 1)))
      (call $store
        (local.get $at)
        (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $number) (i64.const 10)))))
      (local.set $number (i64.div_u (local.get $number) (i64.const 10)))
      (br_if $write (i64.gt_u (local.get $at) (local.get $block))))
    (local.get $block))

  (func $output (param $block i64)
    (call $output_set (local.get $block) (call $length (local.get $block))))

  ;; The input, as it is.
  (func (export "echo") (result i32)
    (local $block i64)
    (local.set $block (call $input))
    (if (i64.ne (local.get $block) (i64.const 0)) (then (call $output (local.get $block))))
    (i32.const 0))

  ;; How many characters (not bytes) the input has: all bytes but those that continue a character.
  (func (export "count_chars") (result i32)
    (local $i i64) (local $count i64)
    (block $done
      (loop $more
        (br_if $done (i64.ge_u (local.get $i) (call $input_length)))
        (local.set $count
          (i64.add
            (local.get $count)
            (i64.extend_i32_u
              (i32.ne (i32.and (call $input_load (local.get $i)) (i32.const 0xc0)) (i32.const 0x80)))))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $more)))
    (call $output (call $decimal (local.get $count)))
    (i32.const 0))

  ;; Config: the greeting is the host's business.
  (func (export "greet") (result i32)
    (local $greeting i64) (local $block i64) (local $at i64)
    (local.set $greeting (call $config_get (call $constant (i32.const 0) (i32.const 8))))
    (if (i64.eqz (local.get $greeting))
      (then (local.set $greeting (call $constant (i32.const 16) (i32.const 5)))))
    (local.set $block
      (call $new (i64.add (i64.add (call $length (local.get $greeting)) (call $input_length)) (i64.const 3))))
    (local.set $at (call $copy (local.get $block) (local.get $greeting)))
    (local.set $at (call $put_input (call $put (local.get $at) (i32.const 32) (i32.const 2))))
    (drop (call $put (local.get $at) (i32.const 48) (i32.const 1)))
    (call $output (local.get $block))
    (i32.const 0))

  ;; Vars: the host keeps them from call to call, even when the instance is replaced.
  (func (export "count_calls") (result i32)
    (local $before i64) (local $end i64) (local $count i64) (local $after i64)
    (local.set $before (call $var_get (call $constant (i32.const 64) (i32.const 5))))
    (if (i64.ne (local.get $before) (i64.const 0))
      (then
        (local.set $end (i64.add (local.get $before) (call $length (local.get $before))))
        (loop $digit
          (local.set $count
            (i64.add
              (i64.mul (local.get $count) (i64.const 10))
              (i64.extend_i32_u (i32.sub (call $load (local.get $before)) (i32.const 48)))))
          (local.set $before (i64.add (local.get $before) (i64.const 1)))
          (br_if $digit (i64.lt_u (local.get $before) (local.get $end))))))
    (local.set $after (call $decimal (i64.add (local.get $count) (i64.const 1))))
    (call $var_set (call $constant (i32.const 64) (i32.const 5)) (local.get $after))
    (call $output (local.get $after))
    (i32.const 0))

  ;; Logs the input.
  (func (export "say") (result i32)
    (call $log_info (call $input))
    (i32.const 0))

  ;; Asks the host. Nothing where the host knows nothing.
  (func (export "look_up") (result i32)
    (local $answer i64)
    (local.set $answer (call $lookup (call $input)))
    (if (i64.ne (local.get $answer) (i64.const 0)) (then (call $output (local.get $answer))))
    (i32.const 0))

  ;; Reports an error; the instance stays usable.
  (func (export "refuse") (result i32)
    (local $block i64)
    (local.set $block (call $new (i64.add (call $input_length) (i64.const 9))))
    (drop (call $put_input (call $put (local.get $block) (i32.const 80) (i32.const 9))))
    (call $error_set (local.get $block))
    (i32.const 1))

  ;; Traps; the host throws the instance away.
  (func $crash (export "crash") (result i32)
    unreachable))
