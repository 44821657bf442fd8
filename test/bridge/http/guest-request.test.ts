import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGuestRequest } from '../../../src/bridge/http/guest-request.js';
import { CordonError } from '../../../src/errors/cordon-error.js';

const none = new Uint8Array(0);

describe('parseGuestRequest', () => {
  it.each([
    ['{"url":"http://a"}', { url: 'http://a', method: 'GET', headers: {} }],
    [
      '{"url":"http://a","method":"POST","headers":{"A":"b"}}',
      { url: 'http://a', method: 'POST', headers: { A: 'b' } },
    ],
    ['{"url":"http://a","method":"","headers":null}', { url: 'http://a', method: 'GET', headers: {} }],
    [
      '{"url":"http://a","method":null,"header":{"A":"b"},"x":1}',
      { url: 'http://a', method: 'GET', headers: { A: 'b' } },
    ],
  ])('reads %s', (json, request) => {
    expect(parseGuestRequest(json, none)).toEqual(request);
  });

  it('takes an empty body for none', () => {
    expect(parseGuestRequest('{"url":"x"}', none)).not.toHaveProperty('body');
    expect(parseGuestRequest('{"url":"x"}', new Uint8Array(1)).body).toEqual(new Uint8Array(1));
  });

  it.each([
    ['', 'it is not JSON'],
    ['null', 'expected a JSON object, found null'],
    ['[]', 'expected a JSON object, found an array'],
    ['{}', 'expected a string in "url", found nothing'],
    ['{"url":1}', 'expected a string in "url", found a number'],
    ['{"url":"x","method":{}}', 'expected a string in "method", found a object'],
    ['{"url":"x","headers":[]}', 'expected an object in "headers", found an array'],
    ['{"url":"x","headers":{"A":1}}', 'expected a string in "headers" at "A", found a number'],
    [`{"url":"${'x'.repeat(300_000)}"}`, 'it has 300010 characters'],
  ])('says what is wrong (%#)', (json, message) => {
    expect(() => parseGuestRequest(json, none)).toThrow(
      expect.objectContaining({ code: 'ERR_HOST_FUNCTION', message: expect.stringContaining(message) }),
    );
  });

  it('ends in a request or a coded error for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
        try {
          expect(typeof parseGuestRequest(json, none).url).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(CordonError);
        }
      }),
    );
  });

  it('does not let __proto__ bring headers in', () => {
    const request = parseGuestRequest('{"url":"x","__proto__":{"method":"POST","headers":{"a":"b"}}}', none);
    expect(request).toEqual({ url: 'x', method: 'GET', headers: {} });
  });
});
