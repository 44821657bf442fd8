import { describe, expect, it } from 'vitest';
import { HostRecordReader, HostRecordWriter } from '../../src/sandbox/host-records.js';
import { LentMemory } from '../../src/sandbox/lent-memory.js';
import type { CallMessage, ToThread } from '../../src/sandbox/protocol.js';
import { ringBuffer } from '../../src/sandbox/record-ring.js';

const shared = (bytes = 65_536) => new Uint8Array(new SharedArrayBuffer(bytes));
const call = (input: Uint8Array | string): CallMessage => ({
  op: 'call',
  seq: 1,
  instance: 3,
  fn: 'echo',
  input,
  timeoutMs: 1000,
  fuel: Number.POSITIVE_INFINITY,
});

describe('memory that is lent to a thread', () => {
  it('is told of once, and then stands in a record for what is in it', () => {
    const ring = ringBuffer();
    const writer = new HostRecordWriter(ring);
    const reader = new HostRecordReader(ring);
    const input = shared().subarray(0, 40_000);
    expect(writer.write(call(input), 0)).toBe(false);
    reader.lend(writer.lend(call(input))!);
    expect(writer.lend(call(input))).toBeUndefined();

    const shorter = new Uint8Array(input.buffer, 0, 30_000).fill(7);
    expect(writer.write(call(shorter), 1)).toBe(true);
    const taken: ToThread[] = [];
    reader.read(1, taken);
    const { input: read } = taken[0] as CallMessage;
    expect((read as Uint8Array).buffer).toBe(input.buffer);
    expect(read).toEqual(shorter);
  });

  it('is only shared memory from its beginning on, and not the largest', () => {
    const lent = new LentMemory();
    expect(lent.lend('text')).toBeUndefined();
    expect(lent.lend(new Uint8Array(65_536))).toBeUndefined();
    expect(lent.lend(shared().subarray(8))).toBeUndefined();
    expect(lent.lend(shared(2 * 1024 * 1024))).toBeUndefined();
    expect(lent.lend(shared())).toMatchObject({ op: 'lend', id: 0 });
  });

  it('is forgotten for others, so that a thread keeps no more than a few buffers alive', () => {
    const lent = new LentMemory();
    const inputs = Array.from({ length: 40 }, () => shared(16_384));
    const ids = inputs.map((input) => lent.lend(input)!.id);
    expect(new Set(ids).size).toBe(16);
    const known = inputs.filter((input) => lent.idOf(input.buffer as SharedArrayBuffer) >= 0);
    expect(known).toEqual(inputs.slice(-16));
    for (const [i, input] of inputs.entries()) {
      const id = lent.idOf(input.buffer as SharedArrayBuffer);
      if (id >= 0) expect(id).toBe(ids[i]);
    }
  });
});
