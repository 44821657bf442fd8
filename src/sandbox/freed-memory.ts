/** Twice as much may lie free from then on. glibc learns from what is no larger than 32 MiB. */
const LARGE_BYTES = 16 * 1024 * 1024 - 64 * 1024;

let isKept = false;

/**
 * Has the C library keep what is freed, rather than give it back to the system at once. glibc does the latter with all that is beyond
 * 128 KiB at the end of a heap, and the collector frees outputs by the dozen: then each page of each output is faulted in anew
 * (measured for 64 KiB: 16 faults, 25 of 80 µs a call, in every other run). Once it has freed something large it expects that
 * again, and keeps twice as much (`mallopt(3)`, dynamic threshold): so something large is freed that nobody has written to. Elsewhere
 * this changes nothing.
 */
export function keepFreedMemory(): void {
  if (isKept) return;
  isKept = true;
  // Nobody keeps it: it is freed by the next collection.
  new ArrayBuffer(LARGE_BYTES);
}
