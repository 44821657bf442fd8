import { expect, it } from 'vitest';
import { OutputMemory, withTakenOutput } from '../../src/sandbox/output-memory.js';
import type { DoneMessage, FromThread } from '../../src/sandbox/protocol.js';
import { ringBuffer } from '../../src/sandbox/record-ring.js';
import { ThreadRecordReader, ThreadRecordWriter } from '../../src/sandbox/thread-records.js';

const KiB = 1024;
const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
const done = (output: Uint8Array, seq = 1): DoneMessage => ({
  ...{ op: 'done', seq, output, lost: false },
  figures: { durationMs: 1, cpuMs: 1, memoryBytes: 65_536, fuel: 7 },
});
/** Comparing megabytes one by one takes seconds. */
const same = (one: Uint8Array | undefined, other: Uint8Array) =>
  one !== undefined && Buffer.compare(one, other) === 0;
const isShared = ({ buffer }: Uint8Array) => buffer instanceof SharedArrayBuffer;

function ends() {
  const ring = ringBuffer();
  const [memory, writer, reader] = [
    new OutputMemory(),
    new ThreadRecordWriter(ring),
    new ThreadRecordReader(ring),
  ];
  return {
    memory,
    keep: (source: Uint8Array) => memory.copy(source, 0, source.length),
    /** As ports and links do: the first of each buffer by message, with the buffer, all others as records. */
    send(message: DoneMessage): DoneMessage {
      if (!writer.write(message, 0)) {
        const lent = writer.lend(message);
        if (lent) reader.lend(lent);
        return withTakenOutput(message);
      }
      const batch: FromThread[] = [];
      reader.read(0, batch);
      return batch[0] as DoneMessage;
    },
    isRecord: (message: DoneMessage) => writer.write(message, 0),
  };
}

it('outputs come over as they were, in memory of the host’s own, the first as a message and then as records', () => {
  const { keep, send } = ends();
  const received = Array.from({ length: 100 }, (_, i) => send(done(keep(bytes(20 * KiB + i * 400, i)), i)));
  for (const [i, { output, seq }] of received.entries()) {
    expect(seq).toBe(i);
    expect(isShared(output!)).toBe(false);
    expect(output!.buffer.byteLength).toBe(output!.byteLength);
    expect(same(output, bytes(20 * KiB + i * 400, i))).toBe(true);
  }
});

it('a buffer is used again as soon as the host has what was in it, and not before', () => {
  const { keep, send } = ends();
  const first = keep(bytes(40 * KiB, 1));
  const second = keep(bytes(50 * KiB, 2));
  expect(second.buffer).not.toBe(first.buffer);
  expect(same(send(done(first)).output, bytes(40 * KiB, 1))).toBe(true);
  expect(keep(bytes(16 * KiB, 3)).buffer).toBe(first.buffer);
  expect(same(send(done(second)).output, bytes(50 * KiB, 2))).toBe(true);
});

it('once a buffer is known, a record says what is in it', () => {
  const { keep, send, isRecord } = ends();
  send(done(keep(bytes(40 * KiB, 1))));
  expect(isRecord(done(keep(bytes(40 * KiB, 2))))).toBe(true);
  expect(isRecord(done(keep(bytes(40 * KiB, 3))))).toBe(false);
});

it('where the host does not keep up, outputs lie in memory that moves', () => {
  const { keep } = ends();
  const kept = Array.from({ length: 20 }, (_, i) => keep(bytes(16 * KiB, i)));
  expect(kept.map(isShared)).toEqual(kept.map((_, i) => i < 16));
  for (const [i, output] of kept.entries()) expect(same(output, bytes(16 * KiB, i))).toBe(true);
});

it.each([
  ['short', 16 * KiB - 1, false],
  ['middling', 16 * KiB, true],
  ['the last that is lent', 64 * KiB, true],
  ['large', 64 * KiB + 1, false],
])('%s outputs', (_, length, isLent) => {
  const { keep } = ends();
  expect(isShared(keep(bytes(length, 1)))).toBe(isLent);
});
