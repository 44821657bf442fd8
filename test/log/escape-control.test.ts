import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText } from '../../src/log/cut-text.js';
import { escapeControl } from '../../src/log/escape-control.js';
import { nastyText } from './nasty-text.js';

describe('escapeControl', () => {
  it.each([
    ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\u0000\u0007\u007f\u0085\u009b', '\\x00\\x07\\x7f\\x85\\x9b'],
    ['admin\u202etxt.exe\u2066', 'admin\\u202etxt.exe\\u2066'],
    ['one\u2028two\u2029three', 'one\\u2028two\\u2029three'],
    ['lone \ud800 and \udc00', 'lone \\ud800 and \\udc00'],
  ])('makes %j visible', (text, escaped) => {
    expect(escapeControl(text)).toBe(escaped);
  });

  it.each(['', 'plain', 'C:\\temp\\new', 'Grüße, 世界 👋🏽', '%s %d %o'])('leaves %j as it is', (text) => {
    expect(escapeControl(text)).toBe(text);
  });

  it('gives one line of printable text for whatever it is given, and does not change it a second time', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const escaped = escapeControl(text);
        expect(escaped).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
        expect(escaped).not.toMatch(/\p{Surrogate}/u);
        expect(escapeControl(escaped)).toBe(escaped);
        expect(escaped.length).toBeLessThanOrEqual(6 * text.length);
      }),
    );
  });
});

describe('cutText', () => {
  it('leaves text that fits alone and says how much is gone of text that does not', () => {
    expect(cutText('12345', 5)).toBe('12345');
    expect(cutText('123456', 5)).toBe('12345… [1 more characters]');
    expect(cutText('123456', 0)).toBe('… [6 more characters]');
  });

  it('never cuts a surrogate pair in two', () => {
    expect(cutText('ab👋cd', 3)).toBe('ab… [4 more characters]');
    expect(cutText('ab👋cd', 4)).toBe('ab👋… [2 more characters]');
  });
});
