import { wat } from './corpus/guest.js';

/** What a host is to keep serving whatever else runs: echoes, and counts in its own memory. */
export const neighbour = () =>
  wat(`(global $count (mut i32) (i32.const 0))
    (func (export "echo") (call $output_set (call $input_offset) (call $input_length)))
    (func (export "count") (local $b i64)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (local.set $b (call $alloc (i64.const 4)))
      (call $store_u8 (local.get $b) (i32.add (i32.const 48) (i32.rem_u (i32.div_u (global.get $count) (i32.const 1000)) (i32.const 10))))
      (call $store_u8 (i64.add (local.get $b) (i64.const 1)) (i32.add (i32.const 48) (i32.rem_u (i32.div_u (global.get $count) (i32.const 100)) (i32.const 10))))
      (call $store_u8 (i64.add (local.get $b) (i64.const 2)) (i32.add (i32.const 48) (i32.rem_u (i32.div_u (global.get $count) (i32.const 10)) (i32.const 10))))
      (call $store_u8 (i64.add (local.get $b) (i64.const 3)) (i32.add (i32.const 48) (i32.rem_u (global.get $count) (i32.const 10))))
      (call $output_set (local.get $b) (i64.const 4)))`);
