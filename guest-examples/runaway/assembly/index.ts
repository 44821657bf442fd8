// Misbehaves on purpose, one way for each export: see README.md.

import { fail, inputText, outputText } from "./extism";

/** How often `spin_after` has answered. A global of the instance: gone with it. */
let answered: i32 = 0;

/** Where endless loops leave something, so that no optimiser can think them away. */
let steps: u64 = 0;

/** Output: `pong`. Shows that the plugin is alive. */
export function ping(): i32 {
  heap.reset();
  outputText("pong");
  return 0;
}

/** Never returns. */
export function spin(): i32 {
  while (true) steps++;
}

/** Input: a number. Answers `pong` that often, then never returns. */
export function spin_after(): i32 {
  heap.reset();
  const limit = wholeNumber(inputText());
  if (limit < 0) return fail("the input must be a whole number: how often to answer before spinning");
  if (answered >= limit) return spin();
  answered++;
  outputText("pong");
  return 0;
}

/** Never returns, and spends its time in large `memory.fill`s: a loop that not every runtime can stop. */
export function spin_bulk(): i32 {
  heap.reset();
  const size = 16 << 20;
  const block = heap.alloc(size);
  while (true) {
    steps++;
    memory.fill(block, <u8>steps, size);
  }
}

/** Calls itself until the stack is used up. */
export function recurse(): i32 {
  steps = dive(1);
  return 0;
}

// Not a tail call, and the result is needed: no optimiser makes a loop of it.
function dive(depth: u64): u64 {
  return (dive(depth + 1) * 31) ^ depth;
}

/** Input: how many million steps to do. Output: `done`. Slow, but it ends. */
export function work(): i32 {
  heap.reset();
  const millions = wholeNumber(inputText());
  if (millions < 0) return fail("the input must be a whole number: how many million steps to do");
  for (let i: i64 = 0; i < millions * 1_000_000; i++) steps = steps * 6364136223846793005 + 1442695040888963407;
  outputText("done");
  return 0;
}

/** A number of up to nine digits; -1 for anything else. */
function wholeNumber(text: string): i64 {
  const digits = text.trim();
  if (digits.length == 0 || digits.length > 9) return -1;
  let value: i64 = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
