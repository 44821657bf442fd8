import { createHttpCapability } from '../bridge/http/http-capability.js';
import type { FetchModule } from '../catalog/read-module.js';
import { cordonError } from '../errors/cordon-error.js';

/** How long the whole download of a module may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * Gets a module that a manifest names by its URL. A manifest is as little trusted as a guest: the request goes the
 * guests' way, to public addresses only, every redirect checked, no more than `maxBytes`.
 */
export const fetchModule: FetchModule = async (url, { maxBytes, signal }) => {
  const rule = { host: '*', methods: ['GET'], literal: false } as const;
  const http = createHttpCapability({
    rules: { plugin: 'the catalog', effective: [rule], asked: [rule] },
    limits: { httpResponseBytes: maxBytes, httpTimeoutMs: TIMEOUT_MS, connections: 1 },
    onViolation: () => {},
  });
  try {
    const { status, body, failure } = await http.request({ url }, { signal });
    if (status === 200) return body;
    throw cordonError(
      'ERR_MANIFEST',
      `The module ${url} cannot be fetched: ${failure?.message ?? `the server answered ${status}`}.`,
      { details: { url, status } },
    );
  } finally {
    await http.close();
  }
};
