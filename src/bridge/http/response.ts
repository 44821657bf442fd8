import type { IncomingHttpHeaders } from 'node:http';

/** What a guest gets. */
export interface HttpResponse {
  /** 0 where no response came: see `failure`. */
  readonly status: number;
  /** Lower-case names; repeated headers are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded. Belongs to the caller. */
  readonly body: Uint8Array;
  /** Why no response came. For the host's log, not for the guest. */
  readonly failure?: NetworkFailure;
}

/** A request that was allowed and that the network did not answer. */
export interface NetworkFailure {
  /** `ECONNREFUSED`, `ENOTFOUND`, `UND_ERR_SOCKET`, `TOO_MANY_REDIRECTS`, … */
  readonly code: string;
  readonly message: string;
}

/** About the connection, which the guest does not see. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers as the guest sees them. A body that was decoded has neither its coding nor its length any more. */
export function responseHeaders(given: IncomingHttpHeaders, decoded: boolean): Record<string, string> {
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || CONNECTION_HEADERS.has(name)) continue;
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue;
    headers.push([name, Array.isArray(value) ? value.join(', ') : value]);
  }
  return Object.fromEntries(headers);
}

/** The answer for a request that got none. */
export function failedResponse(code: string, message: string): HttpResponse {
  return { status: 0, headers: {}, body: new Uint8Array(0), failure: { code, message } };
}

/** The code of whatever undici, a socket or a decoder failed with; happy eyeballs hide theirs in an AggregateError. */
export function failureOf(error: unknown): NetworkFailure {
  const inner: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const { code, message } = inner as { code?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' ? code : 'NETWORK',
    message: String(message || code || inner).slice(0, 500),
  };
}
