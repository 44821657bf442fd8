/** Memory outside of V8's heap that counts as much as a quarter of it within. */
const PIECE_BYTES = 64 * 1024;
/** A quarter of a piece, at 8 bytes each. */
const PIECE_SLOTS = PIECE_BYTES / 4 / 8;
/** What is as large counts twice: else more is freed at a time than the C library keeps (`freed-memory.ts`). */
const LARGE_BYTES = 256 * 1024;

/** What was weighed last: the compiler would leave out what nobody could ever read. */
const last: { piece: unknown } = { piece: undefined };
let unweighed = 0;

/**
 * Lets V8 feel the weight of memory that has come here from another thread. What is young is collected when V8's own heap for it is
 * full, and an output of a megabyte takes some hundred bytes of that: before it is, so much is outstanding that V8 marks the whole heap
 * instead, with all its helpers (measured on Node 24: 24 times in 11 000 outputs of 64 KiB, 185 µs a call instead of 127, and
 * 1.9 ms instead of 1.5 for 1 MiB). So a quarter as much is allocated in the heap as well, and forgotten at once.
 */
export function weighYoung(bytes: number): void {
  unweighed += bytes < LARGE_BYTES ? bytes : 2 * bytes;
  for (; unweighed >= PIECE_BYTES; unweighed -= PIECE_BYTES) last.piece = new Array(PIECE_SLOTS);
}
