import { ownBytes } from './byte-slab.js';
import type { AnswerMessage } from './protocol.js';
import type { RingReader, RingWriter } from './record-ring.js';
import { BATCHES, KIND, MAX_PAYLOAD_BYTES, RECORD_KIND } from './record-ring.js';
import { roomFor, ValueReader, writeValue } from './record-values.js';

// Words: 0, 1 and 7 the ring's, 2 ask.
const HEADER_BYTES = 32;

/** Writes an answer; false where it has to go as a message: a refusal, large, or nothing that records know. */
export function writeAnswer(ring: RingWriter, { ask, answer }: AnswerMessage, batches: number): boolean {
  if (!answer.ok) return false;
  const room = roomFor(answer.value);
  if (room < 0 || room > MAX_PAYLOAD_BYTES) return false;
  const at = ring.reserve(HEADER_BYTES + room);
  if (at < 0) return false;
  const end = writeValue(ring, at + HEADER_BYTES, answer.value);
  const { words } = ring;
  const word = at >> 2;
  words[word + BATCHES] = batches;
  words[word + KIND] = RECORD_KIND.answer;
  words[word + 2] = ask;
  ring.commit(end - at);
  return true;
}

/** As it is to be posted: an output of another plugin may lie among others' in a slab, and all of that would go. */
export function withOwnValue(message: AnswerMessage): AnswerMessage {
  const { answer } = message;
  if (!answer.ok || !(answer.value instanceof Uint8Array)) return message;
  return { ...message, answer: { ok: true, value: ownBytes(answer.value) } };
}

/** Reads them in the thread. */
export class AnswerReader {
  readonly #ring: RingReader;
  readonly #values: ValueReader;

  constructor(ring: RingReader) {
    this.#ring = ring;
    this.#values = new ValueReader(ring);
  }

  /** The answer whose record is here. */
  read(at: number): AnswerMessage {
    const ask = this.#ring.words[(at >> 2) + 2]!;
    const value = this.#values.from(at + HEADER_BYTES).next();
    return { op: 'answer', ask, answer: { ok: true, value } };
  }
}
