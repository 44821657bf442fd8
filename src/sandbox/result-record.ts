import type { ByteSlab } from './byte-slab.js';
import type { LentMemory } from './lent-memory.js';
import { isLent, type LentOutputs } from './output-memory.js';
import type { DoneMessage, RunFigures } from './protocol.js';
import type { RingReader, RingWriter } from './record-ring.js';
import { BATCHES, KIND, MAX_PAYLOAD_BYTES, RECORD_KIND } from './record-ring.js';

// Words: 0, 1 and 7 the ring's, 2 seq, 3 flags, 4 bytes of the output, 5 the question that it answered or 0, 6 the lent buffer that the
// output is in, where it does not follow.
const HEADER_BYTES = 64;
const DURATION = 4;
const CPU = 5;
const MEMORY = 6;
const FUEL = 7;
const ANSWERS = 5;
const HAS_OUTPUT = 1;
const HAS_FUEL = 2;
const LOST = 4;
const IS_LENT = 8;
const LENT = 6;

/** Writes results of calls that went well; false where it has to go as a message. */
export function writeResult(
  ring: RingWriter,
  done: DoneMessage,
  batches: number,
  memory: LentMemory,
): boolean {
  const { output, figures } = done;
  if (done.failure || done.vars || done.unstarted) return false;
  const outputBytes = output?.byteLength ?? 0;
  const lent = output && isLent(output) ? memory.idOf(output.buffer as SharedArrayBuffer) : -1;
  const room = lent >= 0 ? 0 : outputBytes;
  if (room >= MAX_PAYLOAD_BYTES) return false;
  const at = ring.reserve(HEADER_BYTES + room);
  if (at < 0) return false;
  const { words, doubles } = ring;
  const word = at >> 2;
  const double = at >> 3;
  words[word + BATCHES] = batches;
  words[word + KIND] = RECORD_KIND.done;
  words[word + 2] = done.seq;
  words[word + 3] =
    (output ? HAS_OUTPUT : 0) |
    (figures.fuel === undefined ? 0 : HAS_FUEL) |
    (done.lost ? LOST : 0) |
    (lent >= 0 ? IS_LENT : 0);
  words[word + 4] = outputBytes;
  words[word + LENT] = lent;
  words[word + ANSWERS] = done.answers ?? 0;
  doubles[double + DURATION] = figures.durationMs;
  doubles[double + CPU] = figures.cpuMs;
  doubles[double + MEMORY] = figures.memoryBytes;
  doubles[double + FUEL] = figures.fuel ?? 0;
  if (output && lent < 0) ring.bytes.set(output, at + HEADER_BYTES);
  ring.commit(HEADER_BYTES + room);
  return true;
}

/** The result whose record is here. Its output is copied, into the slab where it is short. */
export function readResult(ring: RingReader, at: number, slab: ByteSlab, memory: LentOutputs): DoneMessage {
  const { words, doubles } = ring;
  const word = at >> 2;
  const double = at >> 3;
  const seq = words[word + 2]!;
  const flags = words[word + 3]!;
  const lost = (flags & LOST) !== 0;
  const figures: RunFigures = {
    durationMs: doubles[double + DURATION]!,
    cpuMs: doubles[double + CPU]!,
    memoryBytes: doubles[double + MEMORY]!,
    fuel: flags & HAS_FUEL ? doubles[double + FUEL]! : undefined,
  };
  const length = words[word + 4]!;
  let output: Uint8Array | undefined;
  if (flags & IS_LENT) output = memory.take(words[word + LENT]!, length);
  else if (flags & HAS_OUTPUT) {
    output = slab.copy(ring.bytes, at + HEADER_BYTES, at + HEADER_BYTES + length);
  }
  const answers = words[word + ANSWERS]!;
  return { op: 'done', seq, output, figures, lost, answers: answers === 0 ? undefined : answers };
}
