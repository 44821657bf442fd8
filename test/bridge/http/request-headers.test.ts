import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkHeaders,
  MAX_REQUEST_HEADER_BYTES,
  MAX_REQUEST_HEADERS,
} from '../../../src/bridge/http/request-headers.js';

const request = { url: new URL('http://a.example:8080/'), bodyBytes: 3 };
const check = (headers: Record<string, string>) => checkHeaders(headers, request);

describe('checkHeaders', () => {
  it.each([
    [{ host: 'a.example:8080' }],
    [{ Host: 'A.example:8080' }],
    [{ 'content-length': '3' }],
    [{ connection: 'Keep-Alive' }],
    [{ 'accept-encoding': 'identity' }],
  ])('leaves out %j, which the client writes itself', (headers) => {
    expect(check({ ...headers, 'x-a': 'b' })).toEqual({ headers: { 'x-a': 'b' } });
  });

  it.each([
    [{ host: 'a.example' }],
    [{ 'content-length': '4' }],
    [{ connection: 'close, x-a' }],
    [{ te: 'trailers' }],
    [{ TRAILER: 'x' }],
    [{ 'keep-alive': 'x' }],
    [{ 'proxy-connection': 'x' }],
    [{ 'http2-settings': 'x' }],
  ])('refuses %j', (headers) => {
    expect(check(headers)).toMatchObject({ problem: { refused: true } });
  });

  it.each([
    [{ '': 'x' }, 'not a header name'],
    [{ 'a b': 'x' }, 'not a header name'],
    [{ ':path': '/x' }, 'not a header name'],
    [{ é: 'x' }, 'not a header name'],
    [{ ['a'.repeat(257)]: 'x' }, 'not a header name'],
    [{ a: '\u0001' }, 'no header may have'],
    [{ a: '€' }, 'no header may have'],
    [{ 'X-A': '1', 'x-a': '2' }, 'twice'],
    [{ a: 'x'.repeat(MAX_REQUEST_HEADER_BYTES) }, 'the limit is 32768'],
    [
      Object.fromEntries(Array.from({ length: MAX_REQUEST_HEADERS + 1 }, (_, i) => [`a${i}`, ''])),
      'the limit is 100',
    ],
  ])('cannot send what is no header (%#)', (headers, message) => {
    expect(check(headers)).toMatchObject({
      problem: { refused: false, message: expect.stringContaining(message) },
    });
  });

  it('takes a header named __proto__ for what it is', () => {
    const checked = check(JSON.parse('{"__proto__":"x"}'));
    expect('headers' in checked && Object.entries(checked.headers)).toEqual([['__proto__', 'x']]);
  });

  it('never lets a line end or a connection header out', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('host', 'Host', 'te', 'upgrade', 'x-a', 'transfer-encoding'),
    );
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.string({ unit: 'binary' }), { noNullPrototype: true }),
        (headers) => {
          const checked = check(headers);
          if (!('headers' in checked)) return;
          const sent = Object.entries(checked.headers);
          expect(sent.filter(([key, value]) => /[\r\n\0]/.test(key + value))).toEqual([]);
          expect(
            sent
              .map(([key]) => key)
              .filter((key) => /^(host|te|upgrade|transfer-encoding|content-length)$/i.test(key)),
          ).toEqual([]);
        },
      ),
    );
  });
});
