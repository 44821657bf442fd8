import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redaction } from '../../src/log/redaction.js';

const KEY = 'p@ss "w/ö&rd\'+=\\x';
const redaction = new Redaction([KEY]);
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const ascii = (text: string) =>
  json(text).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
const html = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (char) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' }[char]};`,
  );
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a secret is masked', () => {
  it.each<[string, string]>([
    ['in JSON', json(KEY)],
    ['in JSON with slashes escaped', json(KEY).replaceAll('/', '\\/')],
    ['in JSON of ASCII', ascii(KEY)],
    ['in JSON in JSON in JSON', json(json(json(KEY)))],
    ['in a URL', encodeURIComponent(KEY)],
    ['in a URL in lower case', encodeURIComponent(KEY).replace(/%../g, (one) => one.toLowerCase())],
    ['in a URL that leaves slashes', encodeURIComponent(KEY).replaceAll('%2F', '/')],
    ['in a URL of a URL', encodeURIComponent(encodeURIComponent(KEY))],
    ['in a form', new URLSearchParams({ a: KEY }).toString().slice(2)],
    ['in JSON of a URL', json(encodeURIComponent(KEY))],
    ['in a URL of JSON', encodeURIComponent(json(KEY))],
    ['in HTML', html(KEY)],
    ['in HTML in HTML', html(html(KEY))],
    ['in hexadecimal', Buffer.from(KEY).toString('hex')],
    ['in hexadecimal, upper case', Buffer.from(KEY).toString('hex').toUpperCase()],
    ['in base64', base64(KEY)],
    ['in base64url', Buffer.from(KEY).toString('base64url')],
    ['in base64 in a URL', encodeURIComponent(base64(KEY))],
  ])('%s', (_, text) => {
    expect(redaction.text(`before ${text} after`)).toMatch(/^before \[secret\]=*(?:%3D)* after$/);
  });

  it.each(['', 'a', 'ab', 'api', 'user', 'user:'])('in base64 behind %j and before more', (before) => {
    for (const after of ['', ':', 'more', 'more of it']) {
      const text = base64(`${before}${KEY}${after}`);
      const masked = redaction.text(`Basic ${text}.`);
      const left = masked.replace('[secret]', '').replace(/^Basic |\.$/g, '');
      expect(masked).toContain('[secret]');
      // What is left is what was around it, and at most the bits that a character shares with it.
      expect(left.length).toBeLessThanOrEqual(base64(before).length + base64(after).length + 2);
    }
  });

  it('whatever its characters, in each of these forms', () => {
    const forms: ((text: string) => string)[] = [
      (text) => text,
      json,
      ascii,
      (text) => json(json(text)),
      encodeURIComponent,
      (text) => encodeURIComponent(json(text)),
      (text) => new URLSearchParams({ a: text }).toString().slice(2),
      html,
      base64,
    ];
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, maxLength: 40, unit: 'binary' }),
        fc.string(),
        fc.constantFrom(...forms),
        (secret, around, form) => {
          const masked = new Redaction([secret]).text(`${around} ${form(secret)} ${around}`);
          expect(masked).toContain('[secret]');
        },
      ),
    );
  });
});

it('lone surrogates are no reason to fail', () => {
  expect(new Redaction(['ab\ud800cd']).text('x ab\ud800cd \\ud800 ab\\ud800cd')).toBe(
    'x [secret] \\ud800 [secret]',
  );
});

it.each<[string, string, string]>([
  ['backslashes', `"${'x'.repeat(20)}`, '\\'.repeat(100_000)],
  ['a run of backslashes', `\\\\\\\\${'x'.repeat(20)}`, '\\'.repeat(100_000)],
  ['percent signs', `%%%%${'x'.repeat(20)}`, '%25'.repeat(30_000)],
  ['ampersands', `&&&&${'x'.repeat(20)}`, '&amp;'.repeat(20_000)],
  ['cuts', 'x'.repeat(40), '…'.repeat(100_000)],
  ['its own beginning', `${'a'.repeat(60)}b`, 'a'.repeat(100_000)],
])('a long line of %s takes no time to speak of', (_, secret, line) => {
  const searching = new Redaction([secret]);
  searching.line('warm');
  const begun = performance.now();
  searching.line(line);
  // A quadratic search takes minutes.
  expect(performance.now() - begun).toBeLessThan(2000);
});

describe('a long secret can be looked for', () => {
  it.each([500, 1000, 4000, 21_845])('of three times %d characters', (times) => {
    const secret = '"/%'.repeat(times);
    const searching = new Redaction([secret]);
    expect(searching.text(`a ${secret} b`) === 'a [secret] b').toBe(true);
    expect(searching.text(`… ${encodeURIComponent(secret)} …`) === '… [secret] …').toBe(true);
    expect(searching.text(`a ${base64(secret)} b`)).toMatch(/^a \[secret\]=* b$/);
  });

  it('beside many others', () => {
    const secrets = Array.from({ length: 500 }, (_, i) => `secret "number" ${i}: ${'x&y'.repeat(20)}`);
    const searching = new Redaction(secrets);
    expect(searching.text(`first ${secrets[0]}, last ${json(secrets[499]!)}`)).toBe(
      'first [secret], last [secret]',
    );
  });
});
