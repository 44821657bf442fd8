import { describe, expect, it } from 'vitest';
import { Redaction } from '../../src/log/redaction.js';

const KEY = 'sk-live-4f9d2a77c0ffee';
const redaction = new Redaction([KEY]);

describe('a secret that is split over two lines', () => {
  it.each(Array.from({ length: KEY.length - 15 }, (_, i) => i + 8))(
    'after %d characters is masked in both',
    (at) => {
      expect(redaction.line(`the key is ${KEY.slice(0, at)}`)).toBe('the key is [secret]');
      expect(redaction.line(`${KEY.slice(at)} is the key`)).toBe('[secret] is the key');
    },
  );

  it('leaves a piece of less than eight characters, which may be anything', () => {
    expect(redaction.line('the key is sk-live')).toBe('the key is sk-live');
  });

  it('is masked where it is all of a line, and as bytes', () => {
    expect(redaction.line(KEY.slice(0, 12))).toBe('[secret]');
    expect(redaction.line(Buffer.from(KEY.slice(9)))).toBe('[secret]');
  });
});

describe('a text that was cut', () => {
  it.each(['… [12 more characters]', '… [3 more bytes]', '…', '…"'])(
    'in the midst of a secret shows none of it: %s',
    (cut) => {
      expect(redaction.text(`it said "${KEY.slice(0, 15)}${cut} and ${KEY}`)).toBe(
        `it said "[secret]${cut} and [secret]`,
      );
    },
  );

  it('elsewhere is as it is', () => {
    const text = 'a long text… and more… sk-…';
    expect(redaction.text(text)).toBe(text);
  });
});
