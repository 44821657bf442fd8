import { wat } from './wat.js';

/** A small program with a known shape; `run(n)` gives a checksum. */
export interface Kernel {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** An `n` that takes 2 to 50 ms, for benchmarks. */
  readonly large: number;
}

function kernel(name: string, large: number, text: string): Kernel {
  return { name, large, bytes: wat(`(module ${text})`) };
}

export const KERNELS: readonly Kernel[] = [
  kernel(
    'tight loop',
    200_000_000,
    `(func (export "run") (param $n i32) (result i32) (local $i i32)
      loop local.get $i i32.const 3 i32.add local.tee $i local.get $n i32.lt_u br_if 0 end local.get $i)`,
  ),
  kernel(
    'lcg',
    20_000_000,
    `(func (export "run") (param $n i32) (result i32) (local $x i64)
      i64.const 88172645463325252 local.set $x
      loop local.get $x i64.const 6364136223846793005 i64.mul i64.const 1442695040888963407 i64.add local.set $x
        local.get $n i32.const 1 i32.sub local.tee $n i32.const 0 i32.gt_s br_if 0 end
      local.get $x i64.const 33 i64.shr_u i32.wrap_i64)`,
  ),
  kernel(
    'collatz',
    300_000,
    `(func (export "run") (param $n i32) (result i32) (local $x i64) (local $steps i32)
      loop
        local.get $n i64.extend_i32_u local.set $x
        block loop
          local.get $x i64.const 1 i64.le_u br_if 1
          local.get $x i64.const 1 i64.and i64.eqz
          if local.get $x i64.const 1 i64.shr_u local.set $x
          else local.get $x i64.const 3 i64.mul i64.const 1 i64.add local.set $x end
          local.get $steps i32.const 1 i32.add local.set $steps br 0
        end end
        local.get $n i32.const 1 i32.sub local.tee $n i32.const 0 i32.gt_s br_if 0
      end local.get $steps)`,
  ),
  kernel(
    'fib',
    34,
    `(func $fib (export "run") (param $n i32) (result i32)
      local.get $n i32.const 2 i32.lt_s if (result i32) local.get $n else
        local.get $n i32.const 1 i32.sub call $fib local.get $n i32.const 2 i32.sub call $fib i32.add end)`,
  ),
  kernel(
    'crc32',
    20_000_000,
    `(memory 1)
    (func $table (local $i i32) (local $c i32) (local $k i32)
      loop
        local.get $i local.set $c i32.const 8 local.set $k
        loop
          local.get $c i32.const 1 i32.and
          if (result i32) i32.const 0xedb88320 local.get $c i32.const 1 i32.shr_u i32.xor
          else local.get $c i32.const 1 i32.shr_u end local.set $c
          local.get $k i32.const 1 i32.sub local.tee $k br_if 0
        end
        local.get $i i32.const 2 i32.shl local.get $c i32.store
        local.get $i i32.const 1 i32.add local.tee $i i32.const 256 i32.lt_u br_if 0
      end)
    (func (export "run") (param $n i32) (result i32) (local $c i32)
      call $table i32.const -1 local.set $c
      loop
        local.get $c local.get $n i32.xor i32.const 255 i32.and i32.const 2 i32.shl i32.load
        local.get $c i32.const 8 i32.shr_u i32.xor local.set $c
        local.get $n i32.const 1 i32.sub local.tee $n i32.const 0 i32.gt_s br_if 0
      end local.get $c i32.const -1 i32.xor)`,
  ),
  kernel(
    'sieve',
    2_000_000,
    `(memory 32)
    (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
      i32.const 0 i32.const 0 local.get $n memory.fill
      i32.const 2 local.set $i
      loop
        local.get $i i32.load8_u i32.eqz
        if
          local.get $count i32.const 1 i32.add local.set $count
          local.get $i i32.const 1 i32.shl local.set $j
          block loop
            local.get $j local.get $n i32.ge_u br_if 1
            local.get $j i32.const 1 i32.store8
            local.get $j local.get $i i32.add local.set $j br 0
          end end
        end
        local.get $i i32.const 1 i32.add local.tee $i local.get $n i32.lt_u br_if 0
      end local.get $count)`,
  ),
  kernel(
    'matmul',
    150,
    `(memory 16)
    (func $at (param $m i32) (param $n i32) (param $i i32) (param $j i32) (result i32)
      local.get $m local.get $i local.get $n i32.mul local.get $j i32.add i32.const 3 i32.shl i32.add)
    (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $k i32) (local $s f64)
      loop
        i32.const 0 local.set $j
        loop
          i32.const 0 local.set $k f64.const 0 local.set $s
          i32.const 0 local.get $n local.get $i local.get $j call $at
          local.get $i local.get $j i32.mul f64.convert_i32_s f64.store
          loop
            local.get $s
            local.get $i local.get $n i32.mul local.get $k i32.add i32.const 3 i32.shl f64.load
            local.get $k local.get $n i32.mul local.get $j i32.add i32.const 3 i32.shl f64.load offset=200000
            f64.mul f64.add local.set $s
            local.get $k i32.const 1 i32.add local.tee $k local.get $n i32.lt_s br_if 0
          end
          i32.const 400000 local.get $n local.get $i local.get $j call $at local.get $s f64.store
          local.get $j i32.const 1 i32.add local.tee $j local.get $n i32.lt_s br_if 0
        end
        local.get $i i32.const 1 i32.add local.tee $i local.get $n i32.lt_s br_if 0
      end local.get $s i32.trunc_sat_f64_s)`,
  ),
  kernel(
    'quicksort',
    200_000,
    `(memory 16)
    (func $sort (param $lo i32) (param $hi i32) (local $i i32) (local $j i32) (local $p i32) (local $t i32)
      local.get $lo local.get $hi i32.ge_s if return end
      local.get $lo local.set $i local.get $hi local.set $j
      local.get $lo local.get $hi i32.add i32.const 3 i32.shr_u i32.const 2 i32.shl i32.load local.set $p
      loop
        block loop local.get $i i32.load local.get $p i32.ge_s br_if 1
          local.get $i i32.const 4 i32.add local.set $i br 0 end end
        block loop local.get $j i32.load local.get $p i32.le_s br_if 1
          local.get $j i32.const 4 i32.sub local.set $j br 0 end end
        local.get $i local.get $j i32.le_s
        if
          local.get $i i32.load local.set $t
          local.get $i local.get $j i32.load i32.store
          local.get $j local.get $t i32.store
          local.get $i i32.const 4 i32.add local.set $i
          local.get $j i32.const 4 i32.sub local.set $j
        end
        local.get $i local.get $j i32.le_s br_if 0
      end
      local.get $lo local.get $j call $sort
      local.get $i local.get $hi call $sort)
    (func (export "run") (param $n i32) (result i32) (local $i i32) (local $x i32)
      i32.const 12345 local.set $x
      loop
        local.get $x i32.const 1103515245 i32.mul i32.const 12345 i32.add local.tee $x
        local.get $i i32.const 2 i32.shl i32.const 64 i32.add local.get $x i32.const 8 i32.shr_u i32.store drop
        local.get $i i32.const 1 i32.add local.tee $i local.get $n i32.lt_u br_if 0
      end
      i32.const 64 local.get $n i32.const 1 i32.sub i32.const 2 i32.shl i32.const 64 i32.add call $sort
      local.get $n i32.const 1 i32.shr_u i32.const 2 i32.shl i32.const 64 i32.add i32.load)`,
  ),
  kernel(
    'interpreter',
    10_000_000,
    // A program of 8 instructions over two registers, dispatched by br_table as interpreters in C are.
    `(memory 1) (data (i32.const 0) "\\00\\01\\02\\03\\04\\02\\01\\05")
    (func (export "run") (param $n i32) (result i32) (local $pc i32) (local $a i32) (local $b i32)
      loop $next
        block $jump block $swap block $shift block $xor block $add block $inc
          local.get $pc i32.load8_u br_table $inc $add $xor $shift $swap $jump
        end local.get $a i32.const 1 i32.add local.set $a local.get $pc i32.const 1 i32.add local.set $pc br $next
        end local.get $b local.get $a i32.add local.set $b local.get $pc i32.const 1 i32.add local.set $pc br $next
        end local.get $a local.get $b i32.xor local.set $a local.get $pc i32.const 1 i32.add local.set $pc br $next
        end local.get $b i32.const 5 i32.rotl local.set $b local.get $pc i32.const 1 i32.add local.set $pc br $next
        end local.get $a local.get $b local.set $a local.set $b local.get $pc i32.const 1 i32.add local.set $pc br $next
        end
        i32.const 0 local.set $pc
        local.get $n i32.const 1 i32.sub local.tee $n i32.const 0 i32.gt_s br_if $next
      end local.get $a local.get $b i32.add)`,
  ),
  kernel(
    'indirect calls',
    20_000_000,
    `(type $op (func (param i32) (result i32))) (table 4 funcref) (elem (i32.const 0) $a $b $c $d)
    (func $a (param i32) (result i32) local.get 0 i32.const 7 i32.add)
    (func $b (param i32) (result i32) local.get 0 i32.const 3 i32.mul)
    (func $c (param i32) (result i32) local.get 0 i32.const 13 i32.rotl)
    (func $d (param i32) (result i32) local.get 0 local.get 0 i32.const 9 i32.shr_u i32.xor)
    (func (export "run") (param $n i32) (result i32) (local $x i32)
      loop
        local.get $x local.get $n i32.const 3 i32.and call_indirect (type $op) local.set $x
        local.get $n i32.const 1 i32.sub local.tee $n i32.const 0 i32.gt_s br_if 0
      end local.get $x)`,
  ),
  kernel(
    'copying',
    1_000_000,
    `(memory 4)
    (func (export "run") (param $n i32) (result i32)
      loop
        local.get $n i32.const 1023 i32.and local.get $n i32.const 255 i32.and i32.const 300 memory.fill
        i32.const 2048 local.get $n i32.const 1023 i32.and i32.const 1000 memory.copy
        local.get $n i32.const 1 i32.sub local.tee $n i32.const 0 i32.gt_s br_if 0
      end i32.const 2100 i32.load)`,
  ),
];
