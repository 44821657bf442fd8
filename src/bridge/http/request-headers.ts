/** The most headers of a request. */
export const MAX_REQUEST_HEADERS = 100;
/** The most bytes of a request's header names and values together. */
export const MAX_REQUEST_HEADER_BYTES = 32 * 1024;
/** The most bytes of a request's body. */
export const MAX_REQUEST_BODY_BYTES = 16 * 1024 * 1024;

/** Lower-case names and their values. */
export type HeaderMap = Readonly<Record<string, string>>;

/**
 * What is wrong with a request. `refused`: it tries to act on the connection or to be taken for another request;
 * otherwise it is just no request that can be sent.
 */
export interface HeaderProblem {
  readonly refused: boolean;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** About the connection, not the request (RFC 9110, 7.6.1, and what proxies made of it); the client writes its own. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The headers that go out for those that a guest gave. `host`, `content-length` and `connection` may say what is true
 * anyway, and are left out; `accept-encoding` is always left out, as decoding is done here.
 */
export function checkHeaders(
  given: Readonly<Record<string, string>>,
  request: { readonly url: URL; readonly bodyBytes: number },
): { readonly headers: HeaderMap } | { readonly problem: HeaderProblem } {
  const entries = Object.entries(given);
  if (entries.length > MAX_REQUEST_HEADERS) {
    return tooMuch('headers', entries.length, MAX_REQUEST_HEADERS, 'headers');
  }
  const headers = new Map<string, string>();
  let bytes = 0;
  for (const [rawName, value] of entries) {
    bytes += rawName.length + value.length;
    if (bytes > MAX_REQUEST_HEADER_BYTES)
      return tooMuch('header bytes', bytes, MAX_REQUEST_HEADER_BYTES, 'bytes');
    const name = rawName.toLowerCase();
    const problem = formProblem(name, value) ?? connectionProblem(name, value, request);
    if (problem !== undefined) return { problem };
    if (isOurs(name)) continue;
    if (headers.has(name))
      return { problem: { refused: false, message: `the header ${name} is there twice` } };
    headers.set(name, value.trim());
  }
  return { headers: Object.fromEntries(headers) };
}

/** Headers that say something about the body, or carry credentials, and what must stay behind on a redirect. */
export function redirectedHeaders(
  headers: HeaderMap,
  change: { readonly dropsBody: boolean; readonly crossesOrigin: boolean },
): HeaderMap {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => {
      if (change.dropsBody && name.startsWith('content-')) return false;
      return !(change.crossesOrigin && (name === 'authorization' || name === 'cookie'));
    }),
  );
}

function formProblem(name: string, value: string): HeaderProblem | undefined {
  if (/[\r\n\0]/.test(name) || /[\r\n\0]/.test(value)) {
    return { refused: true, message: 'a header has a line end or a NUL in it' };
  }
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,256}$/.test(name)) {
    return { refused: false, message: `${JSON.stringify(name.slice(0, 64))} is not a header name` };
  }
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    return {
      refused: false,
      message: `the value of the header ${name} has characters that no header may have`,
    };
  }
  return undefined;
}

function connectionProblem(
  name: string,
  value: string,
  { url, bodyBytes }: { readonly url: URL; readonly bodyBytes: number },
): HeaderProblem | undefined {
  const text = value.trim().toLowerCase();
  if (name === 'host') {
    return text === url.host ? undefined : refusedHeader(name, `the URL says ${url.host}`);
  }
  if (name === 'content-length') {
    return text === String(bodyBytes) ? undefined : refusedHeader(name, `the body has ${bodyBytes} bytes`);
  }
  if (name === 'connection' && (text === 'close' || text === 'keep-alive')) return undefined;
  if (CONNECTION_HEADERS.has(name))
    return refusedHeader(name, 'it is about the connection, which is not the guest’s');
  return undefined;
}

function isOurs(name: string): boolean {
  return name === 'host' || name === 'content-length' || name === 'connection' || name === 'accept-encoding';
}

function refusedHeader(name: string, why: string): HeaderProblem {
  return { refused: true, message: `the header ${name} may not be set: ${why}` };
}

function tooMuch(what: string, observed: number, limit: number, unit: string): { problem: HeaderProblem } {
  const message = `it has ${observed} ${what}, the limit is ${limit}`;
  return { problem: { refused: false, message, details: { limit, observed, unit } } };
}
