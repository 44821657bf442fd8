import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineWriter, MAX_LINE_BYTES } from '../../../src/sandbox/wasi/line-writer.js';
import { DATA, JsGuest, RESULT } from './js-guest.js';

describe('standard streams', () => {
  it('become lines, each on its own stream', () => {
    const guest = new JsGuest();
    guest.write(1, 'one\ntw');
    guest.write(2, 'error\r\n');
    guest.write(1, 'o\n\nrest');
    expect(guest.out).toEqual(['one', 'two', '']);
    expect(guest.err).toEqual(['error']);
    guest.wasi.flush();
    expect(guest.out).toEqual(['one', 'two', '', 'rest']);
    guest.wasi.flush();
    expect(guest.out).toHaveLength(4);
  });

  it('take at most 64 KiB at a time, and say so', () => {
    const guest = new JsGuest();
    guest.bytes.fill(0x0a, DATA, DATA + 100_000);
    expect(guest.call('fd_write', 1, ...guest.iovecs([DATA, 100_000], [DATA, 100_000]), RESULT)).toBe(
      'SUCCESS',
    );
    expect(guest.u32()).toBe(65_536);
    expect(guest.out).toHaveLength(65_536);
  });

  it('read as empty', () => {
    const guest = new JsGuest();
    expect(guest.read(0)).toBe('');
  });

  it('are character devices that cannot seek, so that libraries take them for terminals', () => {
    const guest = new JsGuest();
    expect(guest.call('fd_fdstat_get', 1, RESULT)).toBe('SUCCESS');
    expect(guest.view.getUint8(RESULT)).toBe(2);
    expect(guest.u64(RESULT + 8) & ((1n << 2n) | (1n << 5n))).toBe(0n);
    expect(guest.call('fd_filestat_get', 1, RESULT)).toBe('SUCCESS');
    expect(guest.view.getUint8(RESULT + 16)).toBe(2);
  });

  it('refuse what streams cannot do', () => {
    const guest = new JsGuest();
    expect(guest.call('fd_seek', 1, 0n, 0, RESULT)).toBe('SPIPE');
    expect(guest.call('fd_tell', 1, RESULT)).toBe('SPIPE');
    expect(guest.call('fd_pwrite', 1, 0, 0, 0n, RESULT)).toBe('SPIPE');
    expect(guest.call('fd_sync', 1)).toBe('INVAL');
    expect(guest.call('fd_readdir', 1, DATA, 10, 0n, RESULT)).toBe('NOTDIR');
    expect(guest.call('fd_filestat_set_times', 1, 0n, 0n, 0)).toBe('NOTCAPABLE');
    expect(guest.write(0, 'x')).toBe('NOTCAPABLE');
    expect(guest.call('fd_read', 1, ...guest.iovecs([DATA, 1]), RESULT)).toBe('NOTCAPABLE');
  });

  it('can be closed by the guest', () => {
    const guest = new JsGuest();
    expect(guest.call('fd_close', 1)).toBe('SUCCESS');
    expect(guest.write(1, 'x\n')).toBe('BADF');
    expect(guest.call('fd_close', 1)).toBe('BADF');
    expect(guest.call('fd_close', -1)).toBe('BADF');
  });
});

describe('LineWriter', () => {
  it('hands on the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(40)), (texts, cuts) => {
        const whole = texts.map((text) => `${text.replaceAll(/[\r\n]/g, '')}\n`).join('');
        const bytes = Buffer.from(whole);
        const lines: string[] = [];
        const writer = new LineWriter((line) => lines.push(line));
        let at = 0;
        for (const cut of cuts) {
          writer.write(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
        }
        writer.write(bytes.subarray(at));
        writer.flush();
        expect(lines.map((line) => `${line}\n`).join('')).toBe(whole);
      }),
    );
  });

  it('cuts a line that is too long between two characters and loses nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom('a', 'ä', '€', '😀'), fc.nat(4), (character, offset) => {
        const text = 'x'.repeat(offset) + character.repeat(6000);
        const lines: string[] = [];
        const writer = new LineWriter((line) => lines.push(line));
        writer.write(Buffer.from(`${text}\n`));
        expect(lines.join('')).toBe(text);
        expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(MAX_LINE_BYTES);
      }),
      { numRuns: 40 },
    );
  });

  it('replaces what is not UTF-8, also where a whole buffer of it has no character to cut at', () => {
    const lines: string[] = [];
    const writer = new LineWriter((line) => lines.push(line));
    writer.write(Buffer.alloc(3 * MAX_LINE_BYTES, 0x80));
    writer.flush();
    expect(lines.join('')).toBe('\ufffd'.repeat(3 * MAX_LINE_BYTES));
  });
});
