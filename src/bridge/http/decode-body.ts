import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** What requests say they accept. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';
/** Codings applied one over the other; each multiplies what a small body can become. */
const MAX_CODINGS = 2;

const DECODERS: Readonly<Record<string, (first: Uint8Array) => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  br: () => createBrotliDecompress(),
  // Some servers send the bare deflate format; the low half of zlib's first byte is always 8.
  deflate: (first) => ((first[0] ?? 0) % 16 === 8 ? createInflate() : createInflateRaw()),
};

/**
 * The codings of a `content-encoding`, in the order of decoding. `undefined` if one is unknown: the body is then
 * handed on as it came. @throws Error if there are more than two.
 */
export function codingsOf(contentEncoding: string): readonly string[] | undefined {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reverse();
  if (codings.length > MAX_CODINGS)
    throw new Error(`the response has ${codings.length} content codings, the limit is ${MAX_CODINGS}`);
  return codings.every((coding) => Object.hasOwn(DECODERS, coding)) ? codings : undefined;
}

/** Undoes `codings` while streaming. Ending the iteration early ends the source. An empty body stays empty. */
export function decodeBody(
  source: AsyncIterable<Uint8Array>,
  codings: readonly string[],
): AsyncIterable<Uint8Array> {
  return codings.reduce((body, coding) => decoded(body, DECODERS[coding]!), source);
}

async function* decoded(
  source: AsyncIterable<Uint8Array>,
  makeDecoder: (first: Uint8Array) => Transform,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const decoder = makeDecoder(first.value);
  const flow = pipeline(async function* () {
    try {
      yield first.value;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }, decoder);
  flow.catch(() => {}); // the decoder is destroyed with the same error, and the loop below throws it
  yield* decoder;
}
