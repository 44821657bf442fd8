import { performance } from 'node:perf_hooks';
import type { Dispatcher } from 'undici';
import { cordonError } from '../../errors/cordon-error.js';
import type { EgressAllowed } from '../../policy/egress.js';
import { collectBytes, TooManyBytes } from './collect-bytes.js';
import type { ConnectionPool, PoolMember } from './connection-pool.js';
import { ACCEPT_ENCODING, codingsOf, decodeBody } from './decode-body.js';
import { type Hop, isRedirect } from './redirect.js';
import type { RequestClock } from './request-clock.js';
import { type HttpResponse, responseHeaders } from './response.js';

/** Where a hop is sent: sockets of the pool, or a dispatcher in their place. */
export interface Route {
  readonly pool: ConnectionPool;
  readonly member: PoolMember;
  readonly dispatcher?: Dispatcher | undefined;
  readonly maxResponseBytes: number;
}

/** What came of one hop. */
export type HopResult =
  | { readonly redirect: { readonly status: number; readonly location: string } }
  | { readonly response: HttpResponse };

/** Times of the requests so far, for the event. */
export interface HopTimes {
  queuedMs: number;
}

const NO_BODY = new Uint8Array(0);
/** What is read of a redirect's body to keep its socket. */
const REDIRECT_BODY_BYTES = 16 * 1024;

/** Sends one hop that was allowed and reads its answer. A socket that was not read to the end is destroyed. */
export async function sendHop(
  hop: Hop,
  to: EgressAllowed,
  route: Route,
  clock: RequestClock,
  times: HopTimes,
): Promise<HopResult> {
  if (route.dispatcher !== undefined) return exchange(route.dispatcher, hop, to, route, clock);
  for (let fresh = false; ; fresh = true) {
    const start = performance.now();
    const target = { origin: to.url.origin, host: to.host, literal: to.rule.literal, fresh };
    // Not raced: it ends with the signal by itself, and a lease must never be lost.
    const lease = await route.pool.lease(route.member, target, clock.signal);
    times.queuedMs += performance.now() - start;
    const stale = lease.connection.used;
    let complete = false;
    try {
      const result = await exchange(lease.connection.client, hop, to, route, clock);
      complete = true;
      return result;
    } catch (error) {
      // The server may have closed an idle socket just before: once more, on a new one, where that is harmless.
      if (!(stale && !fresh && isSafe(hop.method) && isClosedSocket(error) && !clock.signal.aborted))
        throw error;
    } finally {
      lease.release(complete);
    }
  }
}

async function exchange(
  dispatcher: Dispatcher,
  hop: Hop,
  to: EgressAllowed,
  route: Route,
  clock: RequestClock,
): Promise<HopResult> {
  const { statusCode, headers, body } = await clock.race(
    dispatcher.request({
      origin: to.url.origin,
      path: to.url.pathname + to.url.search,
      method: hop.method as Dispatcher.HttpMethod,
      headers: { 'user-agent': 'cordon', ...hop.headers, 'accept-encoding': ACCEPT_ENCODING },
      body: hop.body ?? null,
      signal: clock.signal,
    }),
  );
  // Errors reach the reader below; without a listener one that comes after it stopped reading would be uncaught.
  body.on('error', () => {});
  const { location } = headers;
  if (isRedirect(statusCode) && location !== undefined) {
    await clock.race(body.dump({ limit: REDIRECT_BODY_BYTES, signal: clock.signal }));
    return { redirect: { status: statusCode, location: String(location) } };
  }
  const codings = hop.method === 'HEAD' ? [] : codingsOf(String(headers['content-encoding'] ?? ''));
  const decodes = codings !== undefined && codings.length > 0;
  const bytes = hop.method === 'HEAD' ? NO_BODY : await readBody(body, headers, codings ?? [], route, clock);
  if (hop.method === 'HEAD')
    await clock.race(body.dump({ limit: REDIRECT_BODY_BYTES, signal: clock.signal }));
  return { response: { status: statusCode, headers: responseHeaders(headers, decodes), body: bytes } };
}

async function readBody(
  body: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  codings: readonly string[],
  { maxResponseBytes, member }: Route,
  clock: RequestClock,
): Promise<Uint8Array> {
  const stated = Number(headers['content-length'] ?? 0);
  if (codings.length === 0 && stated > maxResponseBytes)
    throw tooLarge(member.plugin, maxResponseBytes, stated);
  try {
    return await clock.race(collectBytes(decodeBody(body, codings), maxResponseBytes));
  } catch (error) {
    throw error instanceof TooManyBytes ? tooLarge(member.plugin, maxResponseBytes, error.observed) : error;
  }
}

/** @throws ERR_OUTPUT for a body that is larger than the plugin may have */
export function checkSize({ body }: HttpResponse, { maxResponseBytes, member }: Route): void {
  if (body.byteLength > maxResponseBytes) throw tooLarge(member.plugin, maxResponseBytes, body.byteLength);
}

function tooLarge(plugin: string, limit: number, observed: number): Error {
  const message = `An HTTP response for ${plugin} has ${observed} bytes or more after decompression, httpResponseBytes is ${limit}. Raise limits.httpResponseBytes, or ask for less.`;
  return cordonError('ERR_OUTPUT', message, {
    plugin,
    details: { limit: 'httpResponseBytes', value: limit, observed },
  });
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function isClosedSocket(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
