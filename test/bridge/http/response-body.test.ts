import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectBytes, TooManyBytes } from '../../../src/bridge/http/collect-bytes.js';
import { codingsOf, decodeBody } from '../../../src/bridge/http/decode-body.js';
import { capability, serve, text } from './loopback.js';

const CODECS = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync, br: brotliCompressSync };
const limit = 1024 * 1024;

async function answer(headers: Record<string, string>, body: Uint8Array | string) {
  const { url } = await serve((_, response) => response.writeHead(200, headers).end(body));
  return capability({ limits: { httpResponseBytes: limit } }).http.request({ url });
}

describe('a response body', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
    ['identity', (bytes: Buffer) => bytes],
    ['gzip, br', (bytes: Buffer) => brotliCompressSync(gzipSync(bytes))],
  ])('in %s is decoded', async (coding, encode) => {
    const response = await answer({ 'content-encoding': coding }, encode(Buffer.from('hello')));
    expect(text(response.body)).toBe('hello');
    expect(response.headers['content-encoding']).toBe(coding === 'identity' ? coding : undefined);
  });

  it('in an unknown coding comes as it is, and says so', async () => {
    const response = await answer({ 'content-encoding': 'zstd' }, 'raw');
    expect([text(response.body), response.headers['content-encoding']]).toEqual(['raw', 'zstd']);
  });

  it('that is empty needs no decoding', async () => {
    expect(await answer({ 'content-encoding': 'gzip' }, '')).toMatchObject({
      status: 200,
      body: new Uint8Array(0),
    });
  });

  it.each(Object.entries(CODECS))('that is a bomb in %s is cut off', async (coding, encode) => {
    const bomb = encode(Buffer.alloc(64 * limit));
    expect(bomb.byteLength).toBeLessThan(limit);
    await expect(answer({ 'content-encoding': coding }, bomb)).rejects.toMatchObject({
      code: 'ERR_OUTPUT',
      details: { limit: 'httpResponseBytes', value: limit },
    });
  });

  it('that is a bomb within a bomb is cut off', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(64 * limit)));
    await expect(answer({ 'content-encoding': 'gzip, gzip' }, bomb)).rejects.toMatchObject({
      code: 'ERR_OUTPUT',
    });
  });

  it.each([
    ['truncated', 'gzip', gzipSync('hello').subarray(0, 15)],
    ['not what it says', 'br', Buffer.from('hello')],
    ['coded three times', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync('x')))],
  ])('that is %s is a network failure', async (_, coding, body) => {
    expect(await answer({ 'content-encoding': coding }, body)).toMatchObject({ status: 0 });
  });

  it('may be exactly as large as the limit, and no byte larger', async () => {
    expect((await answer({}, Buffer.alloc(limit))).body.byteLength).toBe(limit);
    await expect(answer({}, Buffer.alloc(limit + 1))).rejects.toMatchObject({ code: 'ERR_OUTPUT' });
  });

  it('that says it is too large is refused before it is read', async () => {
    const { url } = await serve((_, response) =>
      response.writeHead(200, { 'content-length': 10 * limit }).flushHeaders(),
    );
    const { http } = capability({ limits: { httpResponseBytes: limit } });
    await expect(http.request({ url })).rejects.toMatchObject({ details: { observed: 10 * limit } });
  });

  it('without end is cut off', async () => {
    const { url } = await serve((_, response) => {
      const fill = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', fill);
      fill();
    });
    const { http } = capability({ limits: { httpResponseBytes: limit } });
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_OUTPUT' });
  });

  it('of 0 bytes is all that a limit of 0 allows', async () => {
    const { url } = await serve((request, response) => response.end(request.url === '/x' ? 'x' : ''));
    const { http } = capability({ limits: { httpResponseBytes: 0 } });
    expect((await http.request({ url })).status).toBe(200);
    await expect(http.request({ url: `${url}/x` })).rejects.toMatchObject({ code: 'ERR_OUTPUT' });
  });
});

describe('decodeBody', () => {
  async function* pieces(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it('gives back what was encoded, in whatever pieces it comes', async () => {
    const coding = fc.constantFrom(...(Object.keys(CODECS) as (keyof typeof CODECS)[]));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3_000 }),
        coding,
        fc.integer({ min: 1, max: 500 }),
        async (bytes, name, size) => {
          const source = pieces(CODECS[name](bytes), size);
          expect(await collectBytes(decodeBody(source, [name]), 3_000)).toEqual(bytes);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('ends its source when the reader stops', async () => {
    let ended = false;
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    async function* source() {
      try {
        for (;;) yield bomb;
      } finally {
        ended = true;
      }
    }
    await expect(collectBytes(decodeBody(source(), ['gzip']), 1_000)).rejects.toBeInstanceOf(TooManyBytes);
    await expect.poll(() => ended).toBe(true);
  });

  it('knows codings by their own names only', () => {
    expect(codingsOf('constructor')).toBeUndefined();
    expect(codingsOf('gzip, br')).toEqual(['br', 'gzip']);
  });
});
