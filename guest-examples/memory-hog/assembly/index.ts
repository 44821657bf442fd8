// Takes memory until it gets no more, in the two ways that a guest has: see README.md.

import { giveBack, outputText } from "./extism";

@external("extism:host/env", "alloc") declare function allocBlock(length: u64): u64;
@external("extism:host/env", "load_u64") declare function loadWord(offset: u64): u64;
@external("extism:host/env", "store_u64") declare function storeWord(offset: u64, word: u64): void;

const MiB: i32 = 1 << 20;
const PAGES_AT_ONCE: i32 = 16; // 1 MiB

/** Output: `pong`. Shows that the plugin is alive. */
export function ping(): i32 {
  heap.reset();
  outputText("pong");
  return 0;
}

/** Grows the linear memory by 1 MiB at a time and writes to each, until that is refused; then traps. */
export function grow(): i32 {
  heap.reset();
  let pages = memory.size();
  while (memory.grow(PAGES_AT_ONCE) >= 0) {
    memory.fill(<usize>pages << 16, 0xff, PAGES_AT_ONCE << 16);
    pages = memory.size();
  }
  throw new Error("no more memory: grow was refused at " + (pages >> 4).toString() + " MiB");
}

/** Allocates blocks of 1 MiB from the host and keeps them, until that is refused; then frees them and traps. */
export function alloc(): i32 {
  heap.reset();
  let last: u64 = 0;
  let count = 0;
  for (;;) {
    const block = allocBlock(MiB);
    if (!block) break;
    // A chain through the blocks themselves, so that holding them needs no memory of the guest's own.
    storeWord(block, last);
    storeWord(block + MiB - 8, 0xffffffffffffffff);
    last = block;
    count++;
  }
  // The message needs a block of its own.
  while (last) {
    const before = loadWord(last);
    giveBack(last);
    last = before;
  }
  throw new Error("no more memory: alloc was refused after " + count.toString() + " MiB");
}
