import { Agent, request } from 'undici';
import type { FetchModule } from '../catalog/read-module.js';
import { cordonError } from '../errors/cordon-error.js';
import { moduleTooLarge } from '../integrity/module-too-large.js';

/** How long the whole download of a module may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

/** Gets a module that a manifest names by its URL: http or https, no redirect, no more than `maxBytes`. */
export const fetchModule: FetchModule = async (url, { maxBytes, signal }) => {
  const agent = new Agent({ keepAliveTimeout: 1 });
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await request(url, {
      dispatcher: agent,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { accept: 'application/wasm, application/octet-stream;q=0.9' },
    });
    if (response.statusCode !== 200) throw new Error(`the server answered ${response.statusCode}`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > maxBytes) throw moduleTooLarge({ file: url }, maxBytes, length);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_TOO_LARGE') throw error;
    throw cordonError('ERR_MANIFEST', `The module ${url} cannot be fetched: ${(error as Error).message}.`, {
      cause: error,
      details: { url },
    });
  } finally {
    await agent.destroy();
  }
};
