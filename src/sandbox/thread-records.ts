import { AskReader, writeAsk } from './ask-record.js';
import { ByteSlab } from './byte-slab.js';
import { type LendMessage, LentMemory } from './lent-memory.js';
import { LentOutputs } from './output-memory.js';
import type { AskMessage, DoneMessage, FromThread } from './protocol.js';
import { BATCHES, KIND, RECORD_KIND, RingReader, RingWriter } from './record-ring.js';
import { readResult, writeResult } from './result-record.js';

/** The thread's end of the way to its host: writes what can be a record. */
export class ThreadRecordWriter {
  readonly #ring: RingWriter;
  readonly #lent = new LentMemory();

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = new RingWriter(buffer);
  }

  /** What to tell the host, by message, before a result that could not be a record. */
  lend({ output }: DoneMessage): LendMessage | undefined {
    return output && this.#lent.lend(output);
  }

  /** False where it has to go as a message. `batches`: how many of these were sent before. */
  write(message: DoneMessage | AskMessage, batches: number): boolean {
    return message.op === 'done'
      ? writeResult(this.#ring, message, batches, this.#lent)
      : writeAsk(this.#ring, message, batches);
  }
}

/** As much is kept while an application keeps one output of it. */
const OUTPUTS_BYTES = 8 * 1024;

/** The host's end. What it gives is copied: a thread writes on. */
export class ThreadRecordReader {
  readonly #ring: RingReader;
  readonly #asks: AskReader;
  readonly #outputs = new ByteSlab(OUTPUTS_BYTES);
  readonly #lent = new LentOutputs();

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = new RingReader(buffer);
    this.#asks = new AskReader(this.#ring);
  }

  /** The thread said this by message. */
  lend(message: LendMessage): void {
    this.#lent.lend(message);
  }

  get hasSome(): boolean {
    return this.#ring.peek() >= 0;
  }

  /** Takes what was sent before the next batch of messages. */
  read(batches: number, into: FromThread[]): void {
    const ring = this.#ring;
    for (let at = ring.peek(); at >= 0; at = ring.peek()) {
      const word = at >> 2;
      if (((ring.words[word + BATCHES]! - batches) | 0) > 0) return;
      into.push(
        ring.words[word + KIND] === RECORD_KIND.ask
          ? this.#asks.read(at)
          : readResult(ring, at, this.#outputs, this.#lent),
      );
      ring.release();
    }
  }
}
