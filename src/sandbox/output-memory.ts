import { ByteSlab, written } from './byte-slab.js';
import { keepFreedMemory } from './freed-memory.js';
import type { DoneMessage } from './protocol.js';
import { MAX_PAYLOAD_BYTES } from './record-ring.js';
import { weighYoung } from './young-weight.js';

/** What is larger moves to the host: a second copy costs as much as moving it (measured: as much at 128 KiB, a fifth less at 16). */
const MOST_BYTES = 64 * 1024;
/** Outputs on their way at a time. Pages that are never written to are never backed by memory. */
const BUFFERS = 16;
/** Behind the bytes, where one word says whether the host has them yet. */
const STATE_BYTES = 64;
const FREE = 0;
const HELD = 1;

/** One output's place in memory that a thread shares with its host. */
class Place {
  readonly buffer: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(MOST_BYTES + STATE_BYTES)) {
    this.buffer = buffer;
    this.#state = new Int32Array(buffer, buffer.byteLength - STATE_BYTES, 1);
  }

  get isFree(): boolean {
    return Atomics.load(this.#state, 0) === FREE;
  }

  hold(): void {
    Atomics.store(this.#state, 0, HELD);
  }

  /** The bytes, copied. The place may be written to again. */
  empty(length: number): Uint8Array {
    keepFreedMemory();
    const bytes = written(new Uint8Array(this.buffer, 0, length));
    Atomics.store(this.#state, 0, FREE);
    weighYoung(length);
    return bytes;
  }
}

/**
 * The thread's end: where outputs are until they are sent. Middling ones lie in memory that is used again and again, of which the
 * host is told once: fresh memory for each, and a message to have it move, take longer than a second copy.
 */
export class OutputMemory {
  readonly #slab = new ByteSlab(64 * 1024);
  readonly #places: Place[] = [];

  /** A copy of `bytes` from `start` to `end`, to be sent once and not to be read after that. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    const place = length >= MAX_PAYLOAD_BYTES && length <= MOST_BYTES ? this.#take() : undefined;
    if (!place) return this.#slab.copy(bytes, start, end);
    const copy = new Uint8Array(place.buffer, 0, length);
    copy.set(bytes.subarray(start, end));
    // Last: a guest decides how deep the stack is, and where it overflows on the way nobody would give the place back.
    place.hold();
    return copy;
  }

  /** The first that is free: where outputs come one by one it is always the same, and its pages are warm. */
  #take(): Place | undefined {
    for (const place of this.#places) if (place.isFree) return place;
    if (this.#places.length === BUFFERS) return undefined;
    const place = new Place();
    this.#places.push(place);
    return place;
  }
}

/** The host's end. */
export class LentOutputs {
  readonly #places: Place[] = [];

  lend({ id, buffer }: { readonly id: number; readonly buffer: SharedArrayBuffer }): void {
    this.#places[id] = new Place(buffer);
  }

  /** The output that lies in the buffer of this number. */
  take(id: number, length: number): Uint8Array {
    return this.#places[id]!.empty(length);
  }
}

/** Does it lie in memory that a thread has lent? */
export function isLent(output: Uint8Array): boolean {
  return output.buffer instanceof SharedArrayBuffer;
}

/** The result, its output the host's own, where it came by message. */
export function withTakenOutput(done: DoneMessage): DoneMessage {
  const { output } = done;
  if (!output) return done;
  if (!isLent(output)) {
    weighYoung(output.byteLength);
    return done;
  }
  return { ...done, output: new Place(output.buffer as SharedArrayBuffer).empty(output.byteLength) };
}
