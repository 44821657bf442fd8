/** V8 takes at most 65 534 arguments, of 8 bytes each. */
const PROBE: readonly unknown[] = new Array(65_000).fill(0);
const SMALL_PROBE: readonly unknown[] = new Array(4000).fill(0);

/**
 * Is about half a MiB of stack left? Guests of one thread that call each other share its stack: one that has used it up
 * must not be able to make the next one overflow it.
 */
export function hasHeadroom(): boolean {
  try {
    probe.apply(undefined, PROBE as []);
    return true;
  } catch {
    return false;
  }
}

/**
 * Overflows here and now, or not for the next 32 KiB of stack: asked before something that must not be left half done,
 * because a guest decides how deep the stack is when it calls its host.
 */
export function needHeadroom(): void {
  probe.apply(undefined, SMALL_PROBE as []);
}

function probe(): void {}
