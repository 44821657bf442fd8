import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineText } from '../../src/log/log-line.js';
import { nastyText } from './nasty-text.js';

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('lineText', () => {
  it('replaces what is not UTF-8, also at the end, and keeps a byte order mark visible to nobody', () => {
    expect(lineText(bytes(0x61, 0xff, 0x62), 100)).toBe('a\ufffdb');
    expect(lineText(bytes(0x61, 0xe4, 0xb8), 100)).toBe('a\ufffd');
    expect(lineText(bytes(0xc0, 0x8a), 100)).toBe('\ufffd\ufffd'); // an overlong line feed is none
    expect(lineText(bytes(0xef, 0xbb, 0xbf, 0x61), 100)).toBe('\ufeffa');
  });

  it('escapes control characters of strings and of bytes', () => {
    expect(lineText('ok\r\n\u001b[2Jroot: all is well', 100)).toBe('ok\\r\\n\\x1b[2Jroot: all is well');
    expect(lineText(utf8('a\nb\u202e'), 100)).toBe('a\\nb\\u202e');
  });

  it('cuts between characters and says how many bytes are gone', () => {
    expect(lineText('häh', 2)).toBe('h… [3 more bytes]');
    expect(lineText(utf8('häh'), 3)).toBe('hä… [1 more bytes]');
    expect(lineText(utf8('👋👋'), 7)).toBe('👋… [4 more bytes]');
    expect(lineText('👋👋', 3)).toBe('… [8 more bytes]');
    expect(lineText('abc', 0)).toBe('… [3 more bytes]');
  });

  it('cuts what is no UTF-8 at the limit', () => {
    expect(lineText(new Uint8Array(10).fill(0x80), 8)).toBe(`${'\ufffd'.repeat(8)}… [2 more bytes]`);
  });

  it('treats a string and its bytes alike, and is one printable line of bounded length', () => {
    fc.assert(
      fc.property(nastyText, fc.nat(60), (text, maxBytes) => {
        const wellFormed = new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8(text));
        const line = lineText(utf8(text), maxBytes);
        expect(line).toBe(lineText(wellFormed, maxBytes));
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(line.length).toBeLessThanOrEqual(6 * maxBytes + 40);
      }),
    );
  });

  it('makes text of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(60), (data, maxBytes) => {
        const line = lineText(data, maxBytes);
        expect(line.length).toBeLessThanOrEqual(6 * maxBytes + 40);
        expect(line.endsWith(' more bytes]')).toBe(data.length > maxBytes);
      }),
    );
  });
});
