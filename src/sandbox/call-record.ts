import { ByteSlab } from './byte-slab.js';
import type { LendMessage, LentMemory } from './lent-memory.js';
import type { CallMessage } from './protocol.js';
import type { RingReader, RingWriter } from './record-ring.js';
import { BATCHES, KIND, MAX_PAYLOAD_BYTES, RECORD_KIND } from './record-ring.js';

// Words: 0, 1 and 7 the ring's, 2 seq, 3 instance, 4 name, 5 bytes of the name or -1 where it is known, 6 bytes of the
// input, 12 the lent buffer that it is in or -1 where it follows, 13 the call that
// waits for this one and 14 the question that it answers, or 0, which is no number of either.
const HEADER_BYTES = 64;
const TIMEOUT = 4;
const FUEL = 5;
const WITHIN = 13;
const ANSWERS = 14;
/** Names are told once each; a host that calls more than so many goes on by messages. */
const MAX_NAMES = 4096;
const MAX_NAME_BYTES = 1024;

/** Inputs that wait in a thread, each until its guest has its own copy. */
const INPUTS_BYTES = 64 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes calls into a ring. */
export class CallWriter {
  readonly #ring: RingWriter;
  readonly #lent: LentMemory;
  readonly #names = new Map<string, number>();

  constructor(ring: RingWriter, lent: LentMemory) {
    this.#ring = ring;
    this.#lent = lent;
  }

  /** False where it has to go as a message: too large, of a kind that records do not know, or no room. */
  write(call: CallMessage, batches: number): boolean {
    if (call.fresh) return false;
    const { input, fn } = call;
    const lent = this.#lentTo(input);
    const room = lent >= 0 ? 0 : typeof input === 'string' ? input.length * 3 : input.byteLength;
    if (room > MAX_PAYLOAD_BYTES) return false;
    let name = this.#names.get(fn);
    const isNew = name === undefined;
    if (name === undefined) {
      if (this.#names.size === MAX_NAMES || fn.length * 3 > MAX_NAME_BYTES) return false;
      name = this.#names.size;
    }
    const at = this.#ring.reserve(HEADER_BYTES + room + (isNew ? fn.length * 3 : 0));
    if (at < 0) return false;
    const { words, doubles, bytes } = this.#ring;
    let end = at + HEADER_BYTES;
    let nameBytes = -1;
    if (isNew) {
      nameBytes = encoder.encodeInto(fn, bytes.subarray(end)).written;
      end += nameBytes;
      this.#names.set(fn, name);
    }
    let inputBytes = input.length;
    if (lent >= 0) {
      // It is where it is.
    } else if (typeof input !== 'string') bytes.set(input, end);
    else if (room > 0) inputBytes = encoder.encodeInto(input, bytes.subarray(end, end + room)).written;
    const word = at >> 2;
    words[word + BATCHES] = batches;
    words[word + KIND] = RECORD_KIND.call;
    words[word + 2] = call.seq;
    words[word + 3] = call.instance;
    words[word + 4] = name;
    words[word + 5] = nameBytes;
    words[word + 6] = inputBytes;
    words[word + 12] = lent;
    words[word + WITHIN] = call.within ?? 0;
    words[word + ANSWERS] = call.answers ?? 0;
    doubles[(at >> 3) + TIMEOUT] = call.timeoutMs;
    doubles[(at >> 3) + FUEL] = call.fuel;
    this.#ring.commit(end + (lent >= 0 ? 0 : inputBytes) - at);
    return true;
  }

  #lentTo(input: Uint8Array | string): number {
    if (typeof input === 'string' || input.byteLength <= MAX_PAYLOAD_BYTES || input.byteOffset !== 0)
      return -1;
    return input.buffer instanceof SharedArrayBuffer ? this.#lent.idOf(input.buffer) : -1;
  }
}

/** Reads them in the thread. */
export class CallReader {
  readonly #ring: RingReader;
  readonly #names: string[] = [];
  readonly #lent: SharedArrayBuffer[] = [];
  readonly #inputs = new ByteSlab(INPUTS_BYTES);

  constructor(ring: RingReader) {
    this.#ring = ring;
  }

  /** Inputs may be in this buffer from now on. */
  lend({ id, buffer }: LendMessage): void {
    this.#lent[id] = buffer;
  }

  /** The call whose record is here. */
  read(at: number): CallMessage {
    const { words, doubles, bytes } = this.#ring;
    const word = at >> 2;
    let start = at + HEADER_BYTES;
    const name = words[word + 4]!;
    const nameBytes = words[word + 5]!;
    if (nameBytes >= 0) {
      this.#names[name] = decoder.decode(bytes.slice(start, start + nameBytes));
      start += nameBytes;
    }
    const inputBytes = words[word + 6]!;
    const lent = words[word + 12]!;
    const within = words[word + WITHIN]!;
    const answers = words[word + ANSWERS]!;
    return {
      op: 'call',
      seq: words[word + 2]!,
      instance: words[word + 3]!,
      fn: this.#names[name]!,
      input:
        lent >= 0
          ? new Uint8Array(this.#lent[lent]!, 0, inputBytes)
          : this.#inputs.copy(bytes, start, start + inputBytes),
      timeoutMs: doubles[(at >> 3) + TIMEOUT]!,
      fuel: doubles[(at >> 3) + FUEL]!,
      within: within === 0 ? undefined : within,
      answers: answers === 0 ? undefined : answers,
    };
  }
}
