import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../src/sandbox/process/frame-reader.js';
import { readWire, WireError } from '../../../src/sandbox/process/wire-reader.js';
import { WireWriter } from '../../../src/sandbox/process/wire-writer.js';

/** One message as it is sent, without its length. */
function written(value: unknown): Buffer {
  const writer = new WireWriter();
  writer.frame(value);
  return Buffer.from(writer.bytes.subarray(4));
}

const roundTrip = (value: unknown) => readWire(written(value), 1e6);

describe('values that go to another process', () => {
  it.each([
    undefined,
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    0x7fffffff,
    -0x80000000,
    2 ** 31,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    0n,
    -1n,
    2n ** 63n - 1n,
    '',
    'grüße 🎉',
    new Uint8Array([1, 2, 255]),
    [1, [2, []]],
    new Map([['a', new Uint8Array([7])]]),
  ])('come back: %s', (value) => {
    expect(roundTrip(value)).toEqual(value);
  });

  it('come back, whatever they are made of', () => {
    fc.assert(
      fc.property(
        fc.anything({
          maxDepth: 4,
          values: [fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.integer()],
        }),
        (value) => {
          fc.pre(JSON.stringify(value)?.includes('toString') !== true);
          expect(roundTrip(value)).toEqual(value);
        },
      ),
    );
  });

  it('have no prototype at the other end, and "__proto__" is a key like any other', () => {
    const value = roundTrip(JSON.parse('{ "__proto__": { "polluted": true }, "a": 1 }')) as Record<
      string,
      unknown
    >;
    expect(Object.getPrototypeOf(value)).toBe(null);
    expect(Object.keys(value)).toEqual(['__proto__', 'a']);
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
  });

  it('are exactly the bytes of a view, in a buffer of their own', () => {
    const view = new Uint8Array(1000).fill(9).subarray(10, 20);
    const back = roundTrip(view) as Uint8Array;
    expect(back).toEqual(view);
    expect(back.buffer.byteLength).toBe(10);
  });

  it.each([[() => {}], [Symbol('no')], [new Date()], [new (class Own {})()]])('are not %s', (value) => {
    const writer = new WireWriter();
    expect(() => writer.frame({ value })).toThrow(TypeError);
    expect(writer.length).toBe(0);
  });
});

describe('bytes that nobody of ours has written', () => {
  it('are an error or a value, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readWire(Buffer.from(bytes), 1000);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('are an error where a good message is cut short, changed or goes on', () => {
    const good = written({ op: 'done', seq: 1, output: new Uint8Array(20), list: ['a', 1.5, null] });
    for (let length = 0; length < good.length; length++) {
      expect(() => readWire(good.subarray(0, length), 1000)).toThrow(WireError);
    }
    expect(() => readWire(Buffer.concat([good, Buffer.from([0])]), 1000)).toThrow(/left over/);
  });

  it.each([
    ['a string of 4 GiB', [7, 0xff, 0xff, 0xff, 0xff]],
    ['bytes of 4 GiB', [8, 0xff, 0xff, 0xff, 0xff]],
    ['a list of 4 billion values', [9, 0xff, 0xff, 0xff, 0xff, 0]],
    ['an object of 4 billion keys', [10, 0xff, 0xff, 0xff, 0xff, 0]],
    ['no such tag', [200]],
  ])('that claim %s are refused before anything is allocated', (_, bytes) => {
    expect(() => readWire(Buffer.from(bytes), 1000)).toThrow(WireError);
  });

  it('that nest without end, or have too many values, are refused', () => {
    const nested = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from([9, 1, 0, 0, 0])));
    expect(() => readWire(Buffer.concat([nested, Buffer.from([1])]), 1e6)).toThrow(/deep/);
    expect(() => readWire(written(Array.from({ length: 200 }, () => 1)), 100)).toThrow(/too many/);
  });
});

describe('a stream of messages', () => {
  it('is cut the same, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 50 }),
        (messages, pieces) => {
          const writer = new WireWriter();
          for (const message of messages) writer.frame(message);
          const stream = Buffer.from(writer.bytes);
          const reader = new FrameReader(1000);
          const seen: unknown[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const end = at + pieces[i % pieces.length]!;
            reader.push(stream.subarray(at, end), (message) => seen.push(readWire(message, 10)));
            at = end;
          }
          expect(seen).toEqual(messages);
        },
      ),
    );
  });

  it('with a message that is too long is an error as soon as its length is known', () => {
    const reader = new FrameReader(1000);
    const take = () => expect.fail('there is no message');
    reader.push(Buffer.from([0xe9, 0x03, 0x00]), take);
    expect(() => reader.push(Buffer.from([0x00]), take)).toThrow(/1001 bytes/);
  });
});
