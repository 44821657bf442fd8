;; The memory side of Extism's guest ABI (https://extism.org/docs/concepts/pdk) as a WebAssembly module.
;;
;; One kernel serves one guest instance. Guest imports link straight to these exports, so that V8 calls them without
;; JavaScript in between. An offset that the guest holds is an address in this memory.
;;
;; Layout:  0 … 159     state words (see kernel.ts), out of the guest's reach
;;          192 …       heap: blocks, each a header of 16 bytes and its data
;; Header:  length u32, capacity u32, mark u32 (live or free), next u32 (in a free list)
;;
;; A guest can overwrite headers (they lie between its blocks): it only fools itself. Nothing here trusts one further
;; than the bounds of this memory, and the host checks every range that it reads.
(module
  ;; May the memory grow by so many pages? Guest memory and blocks share one limit, which only the sandbox knows.
  (import "host" "may_grow" (func $may_grow (param i32) (result i32)))
  ;; A bad pointer: 1 load, 2 store, 3 input, 4 output, 5 error. Never returns.
  (import "host" "fault" (func $fault (param i32) (param i64)))
  ;; Called for every MiB that is filled: lets the sandbox stop a guest that only allocates.
  (import "host" "tick" (func $tick))
  (import "host" "memory" (memory 1 65536))

  ;; Bytes of heap in use, from HEAP on: what the guest may touch.
  (global $used (mut i64) (i64.const 16))
  ;; Below this address memory may hold an earlier call's bytes.
  (global $dirty (mut i32) (i32.const 208))
  (global $filled (mut i32) (i32.const 0))

  ;; Address of the first free byte.
  (func $top (result i32) (i32.add (i32.wrap_i64 (global.get $used)) (i32.const 192)))

  ;; Forgets every block. What they held is cleared when it is handed out again.
  (func $reset
    (if (i32.gt_u (call $top) (global.get $dirty)) (then (global.set $dirty (call $top))))
    (global.set $used (i64.const 16))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 192)))

  ;; The same, and clears it now. Beyond what was in use at some time nothing was ever written, and nothing is touched.
  (func $wipe
    (call $reset)
    (memory.fill (i32.const 192) (i32.const 0) (i32.sub (global.get $dirty) (i32.const 192)))
    (global.set $dirty (i32.const 208)))

  ;; Makes room for `bytes` more; 0 if the limit forbids.
  (func $reserve (param $end i64) (result i32)
    (local $missing i64) (local $pages i32)
    (local.set $missing
      (i64.sub (local.get $end) (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))
    (if (i64.le_s (local.get $missing) (i64.const 0)) (then (return (i32.const 1))))
    (if (i64.gt_s (local.get $missing) (i64.const 0xffff0000)) (then (return (i32.const 0))))
    (local.set $pages (i32.wrap_i64 (i64.shr_u (i64.add (local.get $missing) (i64.const 65535)) (i64.const 16))))
    (if (i32.eqz (call $may_grow (local.get $pages))) (then (return (i32.const 0))))
    (i32.ne (memory.grow (local.get $pages)) (i32.const -1)))

  ;; Zeroes [from, from + n), a MiB at a time.
  (func $clear (param $from i32) (param $n i32)
    (local $step i32)
    (loop $more
      (local.set $step (select (i32.const 1048576) (local.get $n) (i32.gt_u (local.get $n) (i32.const 1048576))))
      (memory.fill (local.get $from) (i32.const 0) (local.get $step))
      (global.set $filled (i32.add (global.get $filled) (local.get $step)))
      (if (i32.ge_u (global.get $filled) (i32.const 1048576))
        (then (global.set $filled (i32.const 0)) (call $tick)))
      (local.set $from (i32.add (local.get $from) (local.get $step)))
      (local.set $n (i32.sub (local.get $n) (local.get $step)))
      (br_if $more (local.get $n))))

  ;; Address of the head of the free list for capacities in [2^(31-clz), …).
  (func $list (param $capacity i32) (result i32)
    (i32.add (i32.const 32) (i32.shl (i32.sub (i32.const 31) (i32.clz (local.get $capacity))) (i32.const 2))))

  ;; Takes the head of a free list if it is whole and large enough; 0 otherwise.
  (func $take (param $list i32) (param $capacity i32) (result i32)
    (local $block i32)
    (local.set $block (i32.load (local.get $list)))
    (if (i32.eqz (local.get $block)) (then (return (i32.const 0))))
    ;; The guest may have written over a free block: then the list is dropped, not followed.
    (if (i32.or
          (i32.ge_u (local.get $block) (call $top))
          (i32.or (i32.lt_u (local.get $block) (i32.const 208)) (i32.and (local.get $block) (i32.const 15))))
      (then (i32.store (local.get $list) (i32.const 0)) (return (i32.const 0))))
    (if (i32.or
          (i32.ne (i32.load offset=8 (i32.sub (local.get $block) (i32.const 16))) (i32.const 0x65657266))
          (i64.gt_u
            (i64.add (i64.extend_i32_u (local.get $block)) (i64.load32_u offset=4 (i32.sub (local.get $block) (i32.const 16))))
            (i64.extend_i32_u (call $top))))
      (then (i32.store (local.get $list) (i32.const 0)) (return (i32.const 0))))
    (if (i32.lt_u (i32.load offset=4 (i32.sub (local.get $block) (i32.const 16))) (local.get $capacity))
      (then (return (i32.const 0))))
    (i32.store (local.get $list) (i32.load offset=12 (i32.sub (local.get $block) (i32.const 16))))
    (local.get $block))

  ;; A block of `length` bytes, or 0 if the limit forbids. `clear` is 0 where the host overwrites all of it at once, and
  ;; 2 where it also has said already where the block is: behind all others.
  (func $allocate (param $length i64) (param $clear i32) (result i32)
    (local $capacity i32) (local $block i32) (local $list i32) (local $end i64)
    (if (i64.gt_u (local.get $length) (i64.const 0xfffe0000)) (then (return (i32.const 0))))
    (local.set $capacity
      (i32.and (i32.add (i32.wrap_i64 (local.get $length)) (i32.const 15)) (i32.const -16)))
    (if (i32.eqz (local.get $capacity)) (then (local.set $capacity (i32.const 16))))
    (local.set $list (call $list (local.get $capacity)))
    (if (i32.ne (local.get $clear) (i32.const 2))
      (then
        (local.set $block (call $take (local.get $list) (local.get $capacity)))
        (if (i32.and (i32.eqz (local.get $block)) (i32.lt_u (local.get $list) (i32.const 156)))
          (then (local.set $block (call $take (i32.add (local.get $list) (i32.const 4)) (local.get $capacity)))))))
    (if (local.get $block)
      (then
        (local.set $capacity (i32.load offset=4 (i32.sub (local.get $block) (i32.const 16))))
        (if (local.get $clear) (then (call $clear (local.get $block) (local.get $capacity)))))
      (else
        (local.set $block (i32.add (call $top) (i32.const 16)))
        (local.set $end (i64.add (i64.extend_i32_u (local.get $block)) (i64.extend_i32_u (local.get $capacity))))
        (if (i32.eqz (call $reserve (local.get $end))) (then (return (i32.const 0))))
        (global.set $used (i64.sub (local.get $end) (i64.const 192)))
        (if (i32.and (local.get $clear) (i32.lt_u (local.get $block) (global.get $dirty)))
          (then (call $clear (local.get $block) (local.get $capacity))))
        (i32.store offset=4 (i32.sub (local.get $block) (i32.const 16)) (local.get $capacity))))
    (i32.store (i32.sub (local.get $block) (i32.const 16)) (i32.wrap_i64 (local.get $length)))
    (i32.store offset=8 (i32.sub (local.get $block) (i32.const 16)) (i32.const 0x6576696c))
    (local.get $block))

  ;; Is this the offset of a live block?
  (func $is_block (param $offset i64) (result i32)
    (local $header i32)
    (if (i64.ge_u (i64.sub (local.get $offset) (i64.const 208)) (i64.sub (global.get $used) (i64.const 16)))
      (then (return (i32.const 0))))
    (local.set $header (i32.sub (i32.wrap_i64 (local.get $offset)) (i32.const 16)))
    (i32.and
      (i32.eq (i32.load offset=8 (local.get $header)) (i32.const 0x6576696c))
      (i64.le_u
        (i64.add (i64.sub (local.get $offset) (i64.const 192)) (i64.load32_u (local.get $header)))
        (global.get $used))))

  ;; ── for the host ──────────────────────────────────────────────────────────────────────────────────────────────

  ;; The input of the next call; the host fills it. 0 if the limit forbids.
  (func $input_reserve (param $length i32) (result i32)
    (local $block i32)
    (local.set $block (call $allocate (i64.extend_i32_u (local.get $length)) (i32.const 0)))
    (i32.store (i32.const 0) (local.get $block))
    (i32.store (i32.const 4) (select (local.get $length) (i32.const 0) (local.get $block)))
    (local.get $block))
  ;; The host encodes text in place and then knows its length.
  (func $input_resize (param $length i32)
    (i32.store (i32.sub (i32.load (i32.const 0)) (i32.const 16)) (local.get $length))
    (i32.store (i32.const 4) (local.get $length)))
  ;; Length of a live block, -1 for anything else: none is that long.
  (func $block_length (param $offset i32) (result i32)
    (if (result i32) (call $is_block (i64.extend_i32_u (local.get $offset)))
      (then (i32.load (i32.sub (local.get $offset) (i32.const 16))))
      (else (i32.const -1))))

  ;; All that the host wants, by its number in kernel.ts: each function that is exported costs every instance 300 bytes.
  (func (export "host") (param $what i32) (param $value i32) (result i32)
    block $block_length block $top block $push block $alloc block $resize block $reserve
    block $pages block $wipe block $reset block $trap
      (br_table $trap $reset $wipe $pages $reserve $resize $alloc $push $top $block_length $trap (local.get $what))
    end (unreachable)
    end (call $reset) (return (i32.const 0))
    end (call $wipe) (return (i32.const 0))
    end (return (memory.size))
    end (return (call $input_reserve (local.get $value)))
    end (call $input_resize (local.get $value)) (return (i32.const 0))
    ;; A block that the host fills at once.
    end (return (call $allocate (i64.extend_i32_u (local.get $value)) (i32.const 0)))
    ;; The same behind all other blocks: at top + 16.
    end (return (call $allocate (i64.extend_i32_u (local.get $value)) (i32.const 2)))
    end (return (call $top))
    end (call $block_length (local.get $value)))

  ;; ── for the guest: extism:host/env ────────────────────────────────────────────────────────────────────────────

  (func (export "alloc") (param $length i64) (result i64)
    (i64.extend_i32_u (call $allocate (local.get $length) (i32.const 1))))

  ;; Freeing nothing, or a block twice, does nothing: the SDKs' guests do both.
  (func (export "free") (param $offset i64)
    (local $block i32) (local $header i32) (local $capacity i32) (local $list i32)
    (if (i32.eqz (call $is_block (local.get $offset))) (then (return)))
    (local.set $block (i32.wrap_i64 (local.get $offset)))
    (local.set $header (i32.sub (local.get $block) (i32.const 16)))
    (local.set $capacity (i32.load offset=4 (local.get $header)))
    (i32.store offset=8 (local.get $header) (i32.const 0x65657266))
    (if (i32.eqz (local.get $capacity)) (then (return)))
    ;; The last block goes back to the heap.
    (if (i64.eq
          (i64.add (i64.extend_i32_u (local.get $block)) (i64.extend_i32_u (local.get $capacity)))
          (i64.extend_i32_u (call $top)))
      (then
        (if (i32.gt_u (call $top) (global.get $dirty)) (then (global.set $dirty (call $top))))
        (global.set $used (i64.extend_i32_u (i32.sub (local.get $header) (i32.const 192))))
        (return)))
    (local.set $list (call $list (local.get $capacity)))
    (i32.store offset=12 (local.get $header) (i32.load (local.get $list)))
    (i32.store (local.get $list) (local.get $block)))

  (func $length (export "length") (param $offset i64) (result i64)
    (if (result i64) (call $is_block (local.get $offset))
      (then (i64.load32_u (i32.sub (i32.wrap_i64 (local.get $offset)) (i32.const 16))))
      (else (i64.const 0))))
  (func (export "length_unsafe") (param $offset i64) (result i64) (call $length (local.get $offset)))

  (func (export "load_u8") (param $offset i64) (result i32)
    (if (i64.ge_u (i64.sub (local.get $offset) (i64.const 192)) (global.get $used))
      (then (call $fault (i32.const 1) (local.get $offset)) (unreachable)))
    (i32.load8_u (i32.wrap_i64 (local.get $offset))))
  (func (export "load_u64") (param $offset i64) (result i64)
    (if (i64.ge_u (i64.sub (local.get $offset) (i64.const 192)) (i64.sub (global.get $used) (i64.const 7)))
      (then (call $fault (i32.const 1) (local.get $offset)) (unreachable)))
    (i64.load (i32.wrap_i64 (local.get $offset))))
  (func (export "store_u8") (param $offset i64) (param $value i32)
    (if (i64.ge_u (i64.sub (local.get $offset) (i64.const 192)) (global.get $used))
      (then (call $fault (i32.const 2) (local.get $offset)) (unreachable)))
    (i32.store8 (i32.wrap_i64 (local.get $offset)) (local.get $value)))
  (func (export "store_u64") (param $offset i64) (param $value i64)
    (if (i64.ge_u (i64.sub (local.get $offset) (i64.const 192)) (i64.sub (global.get $used) (i64.const 7)))
      (then (call $fault (i32.const 2) (local.get $offset)) (unreachable)))
    (i64.store (i32.wrap_i64 (local.get $offset)) (local.get $value)))

  (func (export "input_offset") (result i64) (i64.load32_u (i32.const 0)))
  (func (export "input_length") (result i64) (i64.load32_u (i32.const 4)))
  (func (export "input_load_u8") (param $index i64) (result i32)
    (if (i64.ge_u (local.get $index) (i64.load32_u (i32.const 4)))
      (then (call $fault (i32.const 3) (local.get $index)) (unreachable)))
    (i32.load8_u (i32.add (i32.load (i32.const 0)) (i32.wrap_i64 (local.get $index)))))
  (func (export "input_load_u64") (param $index i64) (result i64)
    (if (i64.gt_u (local.get $index) (i64.sub (i64.load32_u (i32.const 4)) (i64.const 8)))
      (then (call $fault (i32.const 3) (local.get $index)) (unreachable)))
    (if (i64.lt_u (i64.load32_u (i32.const 4)) (i64.const 8))
      (then (call $fault (i32.const 3) (local.get $index)) (unreachable)))
    (i64.load (i32.add (i32.load (i32.const 0)) (i32.wrap_i64 (local.get $index)))))

  ;; Any range inside the heap will do: PDKs hand over parts of a block. An empty output is at 1; none is at 0.
  (func (export "output_set") (param $offset i64) (param $length i64)
    (if (i64.eqz (local.get $length))
      (then (i32.store (i32.const 8) (i32.const 1)) (i32.store (i32.const 12) (i32.const 0)) (return)))
    (if (i32.or
          (i64.gt_u (local.get $length) (global.get $used))
          (i64.gt_u
            (i64.sub (local.get $offset) (i64.const 192))
            (i64.sub (global.get $used) (local.get $length))))
      (then (call $fault (i32.const 4) (local.get $offset)) (unreachable)))
    (i32.store (i32.const 8) (i32.wrap_i64 (local.get $offset)))
    (i32.store (i32.const 12) (i32.wrap_i64 (local.get $length))))

  (func (export "error_set") (param $offset i64)
    (if (i32.eqz (i32.or (i64.eqz (local.get $offset)) (call $is_block (local.get $offset))))
      (then (call $fault (i32.const 5) (local.get $offset)) (unreachable)))
    (i32.store (i32.const 16) (i32.wrap_i64 (local.get $offset))))
  (func (export "error_get") (result i64) (i64.load32_u (i32.const 16)))
)
