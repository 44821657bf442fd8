import { isRedirect } from '../../src/bridge/http/redirect.js';
import { failedResponse } from '../../src/bridge/http/response.js';
import type { HopResult } from '../../src/bridge/http/send-hop.js';
import { CordonError, cordonError } from '../../src/errors/cordon-error.js';

/** A request of the plugin that its manifest asks for and its grant allows, as it would go out; redirects one by one. */
export interface MockRequest {
  /** Upper case. */
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where there is none. */
  readonly body: Uint8Array | undefined;
}

/** What a mock answers: a text or bytes with status 200, or all of it. A redirect (3xx with `location`) is followed. */
export type MockResponse =
  | string
  | Uint8Array
  | {
      /** 100 to 599. Default 200. */
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
      /** In place of `body`: sent as JSON, with that content type. */
      readonly json?: unknown;
    }
  /** The network does not answer: the code of a failure, such as `ECONNREFUSED`. The guest sees status 0. */
  | { readonly failure: string };

/** Answers a request; undefined where it knows none. */
export type MockHandler = (
  request: MockRequest,
) => MockResponse | undefined | Promise<MockResponse | undefined>;

/** Answers by URL: `GET https://api.example.com/users`, any method where none is named, `*` for any characters. */
export type MockTable = Readonly<Record<string, MockResponse | MockHandler>>;

/** One answer as a hop of the host. */
export function hopResult(response: MockResponse, request: MockRequest): HopResult {
  if (typeof response === 'string' || response instanceof Uint8Array) return whole(200, {}, response);
  if (typeof response !== 'object' || response === null) throw wrong(request, 'a text, bytes or an object');
  if ('failure' in response) {
    return { response: failedResponse(String(response.failure), 'the mock says so') };
  }
  const { status = 200, headers = {}, body = '', json } = response;
  if (!Number.isInteger(status) || status < 100 || status > 599)
    throw wrong(request, 'a "status" from 100 to 599');
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = String(value);
  if (isRedirect(status) && lower.location !== undefined) {
    return { redirect: { status, location: lower.location } };
  }
  if (json === undefined) return whole(status, lower, body);
  return whole(status, { 'content-type': 'application/json', ...lower }, JSON.stringify(json));
}

function whole(status: number, headers: Record<string, string>, body: string | Uint8Array): HopResult {
  // A copy: what the guest gets is moved to its thread.
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
  return { response: { status, headers, body: bytes } };
}

/** A table as a handler: the first key that fits answers. @throws ERR_OPTIONS for a key that is no address */
export function tableHandler(table: MockTable): MockHandler {
  const rows = Object.entries(table).map(([key, answer]) => {
    const parts = /^(?:([A-Za-z]{1,32}) +)?(\S+)$/.exec(key);
    if (!parts) {
      throw cordonError(
        'ERR_OPTIONS',
        `The key ${JSON.stringify(key)} of the HTTP mock is wrong: expected a URL, with a method in front or without.`,
      );
    }
    return { method: parts[1]?.toUpperCase(), pattern: parts[2]!, answer };
  });
  return ({ ...request }) => {
    const row = rows.find(
      ({ method, pattern }) =>
        (method === undefined || method === request.method) && fits(pattern, request.url),
    );
    return typeof row?.answer === 'function' ? row.answer(request) : row?.answer;
  };
}

/** Does a text fit a pattern in which `*` stands for any characters? In linear time, unlike a regular expression. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return normal(pattern) === text;
  if (!text.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** As the host writes addresses: `https://example.com` is `https://example.com/`. */
function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/** The answer of a handler, whatever it does. @throws ERR_HOST_FUNCTION where it answers nothing, or throws */
export async function answerOf(
  handler: MockHandler,
  request: MockRequest,
  unanswered: (request: MockRequest) => string,
): Promise<HopResult> {
  let response: MockResponse | undefined;
  try {
    response = await handler(request);
  } catch (cause) {
    if (cause instanceof CordonError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw cordonError('ERR_HOST_FUNCTION', `The HTTP mock failed for ${shown(request)}: ${why}`, { cause });
  }
  if (response === undefined) throw cordonError('ERR_HOST_FUNCTION', unanswered(request));
  return hopResult(response, request);
}

/** For messages. */
export function shown({ method, url }: Pick<MockRequest, 'method' | 'url'>): string {
  return `${method} ${url.length > 500 ? `${url.slice(0, 500)}…` : url}`;
}

function wrong(request: MockRequest, expected: string): Error {
  return cordonError(
    'ERR_HOST_FUNCTION',
    `The HTTP mock's answer to ${shown(request)} is wrong: expected ${expected}.`,
  );
}
