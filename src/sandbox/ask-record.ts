import type { Ask, AskMessage } from './protocol.js';
import type { RingReader, RingWriter } from './record-ring.js';
import { BATCHES, KIND, MAX_PAYLOAD_BYTES, RECORD_KIND } from './record-ring.js';
import { roomFor, ValueReader, writeValue } from './record-values.js';

// Words: 0, 1 and 7 the ring's, 2 seq, 3 spec, 4 ask, 5 host function or CALL, 6 values, 8 and 9 the deadline.
const HEADER_BYTES = 40;
const DEADLINE = 4;
/** In place of the index of a host function. */
const CALL = -1;

/** Writes what a guest asks; false where it has to go as a message: large, or nothing that records know. */
export function writeAsk(
  ring: RingWriter,
  { ask, seq, spec, body, deadline }: AskMessage,
  batches: number,
): boolean {
  const values = valuesOf(body);
  if (!values) return false;
  let room = HEADER_BYTES;
  for (const value of values) {
    const one = roomFor(value);
    if (one < 0) return false;
    room += one;
  }
  if (room > MAX_PAYLOAD_BYTES) return false;
  const at = ring.reserve(room);
  if (at < 0) return false;
  let end = at + HEADER_BYTES;
  for (const value of values) end = writeValue(ring, end, value);
  const { words, doubles } = ring;
  const word = at >> 2;
  words[word + BATCHES] = batches;
  words[word + KIND] = RECORD_KIND.ask;
  words[word + 2] = seq;
  words[word + 3] = spec;
  words[word + 4] = ask;
  words[word + 5] = body.kind === 'host-function' ? body.index : CALL;
  words[word + 6] = values.length;
  doubles[(at >> 3) + DEADLINE] = deadline ?? Number.NaN;
  ring.commit(end - at);
  return true;
}

function valuesOf(body: Ask): readonly unknown[] | undefined {
  if (body.kind === 'host-function') return body.args;
  return body.kind === 'plugin-call' ? [body.plugin, body.fn, body.input] : undefined;
}

/** Reads the questions of a thread. */
export class AskReader {
  readonly #ring: RingReader;
  readonly #values: ValueReader;

  constructor(ring: RingReader) {
    this.#ring = ring;
    this.#values = new ValueReader(ring);
  }

  /** The question whose record is here. */
  read(at: number): AskMessage {
    const { words, doubles } = this.#ring;
    const word = at >> 2;
    const values = this.#values.from(at + HEADER_BYTES);
    const index = words[word + 5]!;
    const body: Ask =
      index === CALL
        ? {
            kind: 'plugin-call',
            plugin: values.next() as string,
            fn: values.next() as string,
            input: values.next() as Uint8Array,
          }
        : { kind: 'host-function', index, args: list(values, words[word + 6]!) };
    const deadline = doubles[(at >> 3) + DEADLINE]!;
    return {
      op: 'ask',
      ask: words[word + 4]!,
      seq: words[word + 2]!,
      spec: words[word + 3]!,
      body,
      deadline: Number.isNaN(deadline) ? undefined : deadline,
    };
  }
}

function list(values: ValueReader, count: number): unknown[] {
  const all: unknown[] = [];
  for (let i = 0; i < count; i++) all.push(values.next());
  return all;
}
