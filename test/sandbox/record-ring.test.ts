import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallReader, CallWriter } from '../../src/sandbox/call-record.js';
import type { CallMessage, DoneMessage } from '../../src/sandbox/protocol.js';
import { MAX_RECORD_BYTES, RingReader, RingWriter, ringBuffer } from '../../src/sandbox/record-ring.js';
import { readResult, writeResult } from '../../src/sandbox/result-record.js';

function ring(): { writer: RingWriter; reader: RingReader } {
  const buffer = ringBuffer();
  return { writer: new RingWriter(buffer), reader: new RingReader(buffer) };
}

const call = (seq: number, more: Partial<CallMessage> = {}): CallMessage => ({
  op: 'call',
  seq,
  instance: 3,
  fn: 'echo',
  input: '',
  timeoutMs: 1000,
  fuel: Number.POSITIVE_INFINITY,
  ...more,
});

const done = (seq: number, more: Partial<DoneMessage> = {}): DoneMessage => ({
  op: 'done',
  seq,
  lost: false,
  figures: { durationMs: 0.5, cpuMs: 0.25, memoryBytes: 65_536 },
  ...more,
});

describe('a ring', () => {
  it('gives what was written, in order, however full it is and wherever its end falls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.integer({ min: 8, max: MAX_RECORD_BYTES }), reads: fc.nat(4) }), {
          maxLength: 120,
        }),
        (steps) => {
          const { writer, reader } = ring();
          const waiting: { bytes: number; mark: number }[] = [];
          const read = () => {
            const at = reader.peek();
            const first = waiting.shift();
            expect(at < 0).toBe(first === undefined);
            if (!first) return;
            expect(reader.words[(at >> 2) + 1]).toBe(first.mark);
            expect(at + first.bytes).toBeLessThanOrEqual(reader.bytes.byteLength);
            reader.release();
          };
          for (const [mark, { bytes, reads }] of steps.entries()) {
            const at = writer.reserve(bytes);
            if (at >= 0) {
              writer.bytes.fill(mark, at, at + bytes);
              writer.words[(at >> 2) + 1] = mark;
              writer.commit(bytes);
              waiting.push({ bytes, mark });
            } else {
              expect(waiting.length).toBeGreaterThan(0);
            }
            for (let i = 0; i < reads; i++) read();
          }
          while (waiting.length > 0) read();
          expect(reader.peek()).toBe(-1);
        },
      ),
    );
  });

  it('shows nothing of a record that was reserved and never finished', () => {
    const { writer, reader } = ring();
    writer.reserve(64);
    expect(reader.peek()).toBe(-1);
    expect(writer.reserve(MAX_RECORD_BYTES + 1)).toBe(-1);
  });

  it('goes on past 2^32 bytes', () => {
    const { writer, reader } = ring();
    for (let i = 0; i < 2 ** 32 / MAX_RECORD_BYTES + 20; i++) {
      const at = writer.reserve(MAX_RECORD_BYTES);
      writer.words[(at >> 2) + 1] = i;
      writer.commit(MAX_RECORD_BYTES);
      expect(reader.words[(reader.peek() >> 2) + 1]).toBe(i);
      reader.release();
    }
  });
});

describe('calls in a ring', () => {
  it('come out as they went in, text as UTF-8', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            fn: fc.oneof(fc.constantFrom('echo', 'größe'), fc.string({ maxLength: 20 })),
            input: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.uint8Array()),
            timeoutMs: fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
            fuel: fc.oneof(fc.integer({ min: 1 }), fc.constant(Number.POSITIVE_INFINITY)),
            instance: fc.nat(2 ** 31 - 1),
          }),
          { maxLength: 40 },
        ),
        (calls) => {
          const { writer, reader } = ring();
          const to = new CallWriter(writer);
          const from = new CallReader(reader);
          for (const [seq, one] of calls.entries()) expect(to.write(call(seq, one), 0)).toBe(true);
          for (const [seq, one] of calls.entries()) {
            const input = typeof one.input === 'string' ? new TextEncoder().encode(one.input) : one.input;
            const read = from.read(0)!;
            expect({ ...read, input: [...(read.input as Uint8Array)] }).toEqual(
              call(seq, { ...one, input: [...input] as never }),
            );
          }
          expect(from.read(0)).toBeUndefined();
        },
      ),
    );
  });

  it('wait for the batches that were sent before them', () => {
    const { writer, reader } = ring();
    const from = new CallReader(reader);
    new CallWriter(writer).write(call(1), 2);
    expect(from.read(1)).toBeUndefined();
    expect(from.read(2)?.seq).toBe(1);
  });

  it('are left to messages where they are large, or are more than a record can say', () => {
    const to = new CallWriter(ring().writer);
    expect(to.write(call(1, { input: new Uint8Array(20_000) }), 0)).toBe(false);
    expect(to.write(call(1, { within: 7 }), 0)).toBe(false);
    expect(to.write(call(1, { fresh: { spec: 1, vars: new Map(), startTimeoutMs: 1 } }), 0)).toBe(false);
    expect(to.write(call(1, { fn: 'f'.repeat(400) }), 0)).toBe(false);
  });

  it('are left to messages while the ring is full, and taken again later', () => {
    const { writer, reader } = ring();
    const to = new CallWriter(writer);
    const from = new CallReader(reader);
    const input = new Uint8Array(10_000);
    let written = 0;
    while (to.write(call(written + 1, { input }), 0)) written++;
    expect(written).toBeGreaterThan(10);
    from.read(0);
    from.read(0);
    expect(to.write(call(written + 1, { input }), 0)).toBe(true);
    for (let seq = 3; seq <= written + 1; seq++) expect(from.read(0)?.seq).toBe(seq);
  });

  it('are told with names up to a number that a host does not grow beyond', () => {
    const { writer, reader } = ring();
    const to = new CallWriter(writer);
    const from = new CallReader(reader);
    let names = 0;
    while (names < 10_000 && to.write(call(1, { fn: `f${names}` }), 0)) {
      expect(from.read(0)?.fn).toBe(`f${names}`);
      names++;
    }
    expect(names).toBe(4096);
    expect(to.write(call(1, { fn: 'f17' }), 0)).toBe(true);
    expect(from.read(0)?.fn).toBe('f17');
  });
});

describe('results in a ring', () => {
  it('come out as they went in', () => {
    const { writer, reader } = ring();
    const results = [
      done(1),
      done(2, { output: new Uint8Array() }),
      done(3, { output: Uint8Array.of(1, 2, 3), lost: true }),
      done(4, { figures: { durationMs: 1, cpuMs: 2, memoryBytes: 3, fuel: 4 } }),
    ];
    for (const result of results) expect(writeResult(writer, result, 0)).toBe(true);
    for (const result of results) expect(readResult(reader, 0)).toEqual(result);
    expect(readResult(reader, 0)).toBeUndefined();
  });

  it('give outputs that are the caller’s own, and no piece of shared memory', () => {
    const { writer, reader } = ring();
    writeResult(writer, done(1, { output: Uint8Array.of(7, 8) }), 0);
    const output = readResult(reader, 0)!.output!;
    expect(output.buffer).toBeInstanceOf(ArrayBuffer);
    expect(output.buffer.byteLength).toBe(2);
  });

  it('are left to messages where they are failures, change vars, or are large', () => {
    const { writer } = ring();
    const failure = { code: 'ERR_TRAP', message: 'no' } as const;
    expect(writeResult(writer, done(1, { failure }), 0)).toBe(false);
    expect(writeResult(writer, done(1, { vars: { all: true, entries: new Map() } }), 0)).toBe(false);
    expect(writeResult(writer, done(1, { unstarted: true }), 0)).toBe(false);
    expect(writeResult(writer, done(1, { output: new Uint8Array(16 * 1024) }), 0)).toBe(false);
  });
});
