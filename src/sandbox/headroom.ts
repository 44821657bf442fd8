import { stackProbe } from './stack-probe.js';

const needHalfMiB = stackProbe(512 * 1024);

/**
 * Is half a MiB of stack left? Guests of one thread that call each other share its stack: one that has used it up must not
 * be able to make the next one overflow it.
 */
export function hasHeadroom(): boolean {
  try {
    needHalfMiB();
    return true;
  } catch {
    return false;
  }
}

/**
 * Overflows here and now, or not for the next 32 KiB of stack: asked before something that must not be left half done,
 * because a guest decides how deep the stack is when it calls its host.
 */
export const needHeadroom: () => void = stackProbe(32 * 1024);
