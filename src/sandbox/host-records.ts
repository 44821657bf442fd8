import { AnswerReader, writeAnswer } from './answer-record.js';
import { CallReader, CallWriter } from './call-record.js';
import { type LendMessage, LentMemory } from './lent-memory.js';
import type { AnswerMessage, CallMessage, ToThread } from './protocol.js';
import { BATCHES, KIND, RECORD_KIND, RingReader, RingWriter } from './record-ring.js';

/** The host's end of the way to a thread: writes what can be a record. */
export class HostRecordWriter {
  readonly #ring: RingWriter;
  readonly #lent = new LentMemory();
  readonly #calls: CallWriter;

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = new RingWriter(buffer);
    this.#calls = new CallWriter(this.#ring, this.#lent);
  }

  /** What to tell the thread, by message, before a call that could not be a record. */
  lend({ input }: CallMessage): LendMessage | undefined {
    return this.#lent.lend(input);
  }

  /** False where it has to go as a message. `batches`: how many of these were sent before. */
  write(message: CallMessage | AnswerMessage, batches: number): boolean {
    return message.op === 'call'
      ? this.#calls.write(message, batches)
      : writeAnswer(this.#ring, message, batches);
  }
}

/** The thread's end. */
export class HostRecordReader {
  readonly #ring: RingReader;
  readonly #calls: CallReader;
  readonly #answers: AnswerReader;

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = new RingReader(buffer);
    this.#calls = new CallReader(this.#ring);
    this.#answers = new AnswerReader(this.#ring);
  }

  /** The host said this by message. */
  lend(message: LendMessage): void {
    this.#calls.lend(message);
  }

  /** Takes what was sent before the next batch of messages. */
  read(batches: number, into: ToThread[]): void {
    const ring = this.#ring;
    for (let at = ring.peek(); at >= 0; at = ring.peek()) {
      const word = at >> 2;
      if (((ring.words[word + BATCHES]! - batches) | 0) > 0) return;
      into.push(
        ring.words[word + KIND] === RECORD_KIND.answer ? this.#answers.read(at) : this.#calls.read(at),
      );
      ring.release();
    }
  }
}
