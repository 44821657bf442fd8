import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostRecordReader, HostRecordWriter } from '../../src/sandbox/host-records.js';
import { LAST_JOB_NUMBER } from '../../src/sandbox/job-number.js';
import type {
  AnswerMessage,
  Ask,
  AskMessage,
  CallMessage,
  DoneMessage,
  FromThread,
  ToThread,
} from '../../src/sandbox/protocol.js';
import { MAX_RECORD_BYTES, RingReader, RingWriter, ringBuffer } from '../../src/sandbox/record-ring.js';
import { ThreadRecordReader, ThreadRecordWriter } from '../../src/sandbox/thread-records.js';

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

/** Both ends of the way from a host to its thread, and back. */
function ways() {
  const [down, up] = [ringBuffer(), ringBuffer()];
  const fromHost = new HostRecordReader(down);
  const fromThread = new ThreadRecordReader(up);
  return {
    host: new HostRecordWriter(down),
    thread: new ThreadRecordWriter(up),
    /** What the thread takes. */
    toThread(batches = 0): ToThread[] {
      const taken: ToThread[] = [];
      fromHost.read(batches, taken);
      return taken;
    },
    /** What the host takes. */
    toHost(batches = 0): FromThread[] {
      const taken: FromThread[] = [];
      fromThread.read(batches, taken);
      return taken;
    },
  };
}

const ask = (id: number, body: Ask): AskMessage => ({ op: 'ask', ask: id, seq: 7, spec: 9, body });
const answer = (id: number, value: unknown): AnswerMessage => ({
  op: 'answer',
  ask: id,
  answer: { ok: true, value },
});

/** What may be an argument of a host function, or its result. Text of lone surrogates becomes U+FFFD in a guest anyway. */
const values = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constant('\uFEFFmark'),
  fc.uint8Array({ maxLength: 300 }),
  fc.double(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constant(undefined),
);
const bodies: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({
    kind: fc.constant('host-function' as const),
    index: fc.nat(1000),
    args: fc.array(values, { maxLength: 16 }),
  }),
  fc.record({
    kind: fc.constant('plugin-call' as const),
    plugin: fc.string({ unit: 'grapheme', maxLength: 40 }),
    fn: fc.string({ unit: 'grapheme', maxLength: 40 }),
    input: fc.uint8Array({ maxLength: 300 }),
  }),
);

describe('calls in a ring', () => {
  it('come out as they went in, text as UTF-8', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record(
            {
              fn: fc.oneof(fc.constantFrom('echo', 'größe'), fc.string({ maxLength: 20 })),
              input: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.uint8Array()),
              timeoutMs: fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
              fuel: fc.oneof(fc.integer({ min: 1 }), fc.constant(Number.POSITIVE_INFINITY)),
              instance: fc.nat(2 ** 31 - 1),
              within: fc.integer({ min: 1, max: LAST_JOB_NUMBER }),
              answers: fc.integer({ min: 1, max: LAST_JOB_NUMBER }),
            },
            { requiredKeys: ['fn', 'input', 'timeoutMs', 'fuel', 'instance'] },
          ),
          { maxLength: 40 },
        ),
        (calls) => {
          const { host, toThread } = ways();
          for (const [seq, one] of calls.entries()) expect(host.write(call(seq, one), 0)).toBe(true);
          const taken = toThread() as CallMessage[];
          for (const [seq, one] of calls.entries()) {
            const input = typeof one.input === 'string' ? new TextEncoder().encode(one.input) : one.input;
            const read = taken[seq]!;
            expect({ ...read, input: [...(read.input as Uint8Array)] }).toEqual(
              call(seq, { ...one, input: [...input] as never }),
            );
          }
          expect(toThread()).toEqual([]);
        },
      ),
    );
  });

  it('wait for the batches that were sent before them', () => {
    const { host, toThread } = ways();
    host.write(call(1), 2);
    expect(toThread(1)).toEqual([]);
    expect(toThread(2)).toMatchObject([{ seq: 1 }]);
  });

  it('are left to messages where they are large, or are more than a record can say', () => {
    const to = ways().host;
    expect(to.write(call(1, { input: new Uint8Array(20_000) }), 0)).toBe(false);
    expect(to.write(call(1, { fresh: { spec: 1, vars: new Map(), startTimeoutMs: 1 } }), 0)).toBe(false);
    expect(to.write(call(1, { fn: 'f'.repeat(400) }), 0)).toBe(false);
  });

  it('are left to messages while the ring is full, and taken again later', () => {
    const { host, toThread } = ways();
    const input = new Uint8Array(10_000);
    let written = 0;
    while (host.write(call(written + 1, { input }), 0)) written++;
    expect(written).toBeGreaterThan(10);
    expect(toThread().map((one) => (one as CallMessage).seq)).toEqual(
      Array.from({ length: written }, (_, i) => i + 1),
    );
    expect(host.write(call(written + 1, { input }), 0)).toBe(true);
    expect(toThread()).toMatchObject([{ seq: written + 1 }]);
  });

  it('are told with names up to a number that a host does not grow beyond', () => {
    const { host, toThread } = ways();
    let names = 0;
    while (names < 10_000 && host.write(call(1, { fn: `f${names}` }), 0)) {
      expect((toThread()[0] as CallMessage).fn).toBe(`f${names}`);
      names++;
    }
    expect(names).toBe(4096);
    expect(host.write(call(1, { fn: 'f17' }), 0)).toBe(true);
    expect(toThread()).toMatchObject([{ fn: 'f17' }]);
  });
});

describe('results in a ring', () => {
  it('come out as they went in', () => {
    const { thread, toHost } = ways();
    const results = [
      done(1),
      done(2, { output: new Uint8Array() }),
      done(3, { output: Uint8Array.of(1, 2, 3), lost: true }),
      done(4, { figures: { durationMs: 1, cpuMs: 2, memoryBytes: 3, fuel: 4 } }),
      done(5, { output: Uint8Array.of(1), answers: LAST_JOB_NUMBER }),
      done(6, { answers: 1 }),
    ];
    for (const result of results) expect(thread.write(result, 0)).toBe(true);
    expect(toHost()).toEqual(results);
    expect(toHost()).toEqual([]);
  });

  it('give outputs that are the caller’s own, and no piece of shared memory', () => {
    const { thread, toHost } = ways();
    thread.write(done(1, { output: Uint8Array.of(7, 8) }), 0);
    const { output } = toHost()[0] as DoneMessage;
    expect(output!.buffer).toBeInstanceOf(ArrayBuffer);
    expect(output!.buffer.byteLength).toBe(2);
  });

  it('are left to messages where they are failures, change vars, or are large', () => {
    const { thread } = ways();
    const failure = { code: 'ERR_TRAP', message: 'no' } as const;
    expect(thread.write(done(1, { failure }), 0)).toBe(false);
    expect(thread.write(done(1, { vars: { all: true, entries: new Map() } }), 0)).toBe(false);
    expect(thread.write(done(1, { unstarted: true }), 0)).toBe(false);
    expect(thread.write(done(1, { output: new Uint8Array(16 * 1024) }), 0)).toBe(false);
  });
});

describe('questions and answers in a ring', () => {
  it('come out as they went in, among results and calls, wherever the end of the ring falls', () => {
    const { host, thread, toHost, toThread } = ways();
    // One pair of rings for all runs: their ends fall into every kind of record.
    fc.assert(
      fc.property(
        fc.array(fc.record({ body: bodies, value: values }), { minLength: 1, maxLength: 12 }),
        (pairs) => {
          const asked = pairs.flatMap(({ body }, i) => [
            i % 2 === 0 ? ask(i, body) : { ...ask(i, body), deadline: i * 1.5 },
            done(i),
          ]);
          const answered = pairs.flatMap(({ value }, i) => [
            answer(i, value),
            call(i, { input: Uint8Array.of(i) }),
          ]);
          for (const one of asked) expect(thread.write(one, 0)).toBe(true);
          for (const one of answered) expect(host.write(one, 0)).toBe(true);
          expect(toHost()).toEqual(asked);
          expect(toThread()).toEqual(answered);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give bytes that stay as they are when the ring is written again, and no piece of shared memory', () => {
    const { thread, toHost } = ways();
    const bytes = new Uint8Array(10_000).fill(1);
    const body = (args: readonly unknown[]): Ask => ({ kind: 'host-function', index: 0, args });
    thread.write(ask(1, body([bytes, 'text'])), 0);
    const first = toHost()[0] as AskMessage;
    const [taken, text] = (first.body as Extract<Ask, { kind: 'host-function' }>).args;
    for (let i = 0; i < 100; i++) {
      thread.write(ask(2, body([bytes.fill(2), 'xxxx'])), 0);
      toHost();
    }
    expect((taken as Uint8Array).buffer).toBeInstanceOf(ArrayBuffer);
    expect((taken as Uint8Array).every((byte) => byte === 1)).toBe(true);
    expect(text).toBe('text');
  });

  it('wait for the batches that were sent before them', () => {
    const { host, thread, toHost, toThread } = ways();
    thread.write(ask(1, { kind: 'host-function', index: 0, args: [] }), 2);
    host.write(answer(1, undefined), 3);
    expect([toHost(1), toThread(2)]).toEqual([[], []]);
    expect([toHost(2), toThread(3)]).toMatchObject([[{ ask: 1 }], [{ ask: 1 }]]);
  });

  it('are left to messages where they are large, refusals, or of another kind', () => {
    const { host, thread } = ways();
    const large = new Uint8Array(20_000);
    expect(thread.write(ask(1, { kind: 'host-function', index: 0, args: [large] }), 0)).toBe(false);
    expect(thread.write(ask(1, { kind: 'http', request: '{}', body: undefined }), 0)).toBe(false);
    expect(thread.write(ask(1, { kind: 'audit', what: 'env' }), 0)).toBe(false);
    expect(host.write(answer(1, large), 0)).toBe(false);
    expect(host.write(answer(1, { status: 200 }), 0)).toBe(false);
    expect(host.write(answer(1, 2n ** 64n), 0)).toBe(false);
    const failure = { code: 'ERR_PERMISSION', message: 'no' } as const;
    expect(host.write({ op: 'answer', ask: 1, answer: { ok: false, failure } }, 0)).toBe(false);
  });
});
