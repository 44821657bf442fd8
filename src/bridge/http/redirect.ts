import { type HeaderMap, redirectedHeaders } from './request-headers.js';

/** The most redirects that one request follows. */
export const MAX_REDIRECTS = 10;

/** One request on the way, after its headers were checked. */
export interface Hop {
  /** Text, so that every hop is parsed and judged by the same rules as the first. */
  readonly url: string;
  readonly method: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array | undefined;
}

/** True for a status that leads elsewhere if there is a `location`. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * The request that follows a redirect, as fetch does it: 303 becomes GET (HEAD stays), 301 and 302 turn POST into GET,
 * 307 and 308 change nothing; `authorization` and `cookie` do not cross origins. `undefined` if the location is no URL.
 * Source: WHATWG Fetch, "HTTP-redirect fetch".
 */
export function followRedirect(hop: Hop, from: URL, status: number, location: string): Hop | undefined {
  let to: URL;
  try {
    to = new URL(location, from);
  } catch {
    return undefined;
  }
  const dropsBody =
    (status === 303 && hop.method !== 'GET' && hop.method !== 'HEAD') ||
    ((status === 301 || status === 302) && hop.method === 'POST');
  return {
    url: to.href,
    method: dropsBody ? 'GET' : hop.method,
    headers: redirectedHeaders(hop.headers, { dropsBody, crossesOrigin: to.origin !== from.origin }),
    body: dropsBody ? undefined : hop.body,
  };
}
