import { cordonError } from '../../src/errors/cordon-error.js';

/** The body of an answer, at most so many bytes of it. @throws ERR_OUTPUT beyond, ERR_MANIFEST where it was not found */
export async function readBounded(
  response: Response,
  maxBytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) {
    throw cordonError('ERR_MANIFEST', `${what} cannot be fetched: the server answered ${response.status}.`, {
      details: { status: response.status },
    });
  }
  return bodyUpTo(response, maxBytes, what);
}

/** The same whatever the status. */
export async function bodyUpTo(
  response: Response,
  maxBytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (length > maxBytes) {
      throw cordonError('ERR_OUTPUT', `${what}: response body exceeded ${maxBytes} bytes`, {
        details: { limit: maxBytes },
      });
    }
    chunks.push(chunk);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
