import { performance } from 'node:perf_hooks';
import type { Dispatcher } from 'undici';
import { CordonError, cordonError } from '../../errors/cordon-error.js';
import type { Limits } from '../../manifest/limits.js';
import { letThrough } from '../../policy/audit-egress.js';
import { checkUrl, type EgressAllowed, type EgressRefused } from '../../policy/egress.js';
import type { EgressRules } from '../../policy/grants.js';
import type { EgressTarget } from '../../policy/http-rule.js';
import { redactUrl } from '../../policy/redact-url.js';
import { AddressRefused } from './checked-lookup.js';
import { ConnectionPool, type PoolMember } from './connection-pool.js';
import type { HttpRequest } from './guest-request.js';
import type { HttpEvent, HttpViolation } from './http-event.js';
import { followRedirect, type Hop, MAX_REDIRECTS } from './redirect.js';
import { type RequestClock, startClock } from './request-clock.js';
import { checkHeaders, MAX_REQUEST_BODY_BYTES } from './request-headers.js';
import { failedResponse, failureOf, type HttpResponse } from './response.js';
import { checkSize, type HopResult, type HopTimes, type Route, sendHop } from './send-hop.js';
import type { Transport } from './transport.js';

/** Options of {@link createHttpCapability}. */
export interface HttpCapabilityOptions {
  /** `grant.http`. */
  readonly rules: EgressRules;
  readonly limits: Pick<Limits, 'httpResponseBytes' | 'httpTimeoutMs' | 'connections'>;
  /** The host's sockets, shared by all plugins. Default: a pool of its own, closed with it. */
  readonly pool?: ConnectionPool | undefined;
  /** For messages and events. */
  readonly version?: string | undefined;
  /** `audit`: what only a missing rule forbids is reported and let through. Default `enforce`. */
  readonly mode?: 'enforce' | 'audit' | undefined;
  /** Sends in place of sockets, for mocks: nothing is resolved then, so no resolved address is judged. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Stands in front of the sockets, for tests of plugins. */
  readonly transport?: Transport | undefined;
  /** Must not throw. */
  readonly onViolation: (violation: HttpViolation) => void;
  /** Every hop that went out. Must not throw. */
  readonly onHop?: ((target: EgressTarget) => void) | undefined;
  /** Every request that ended, however it ended. Must not throw. */
  readonly onRequest?: ((event: HttpEvent) => void) | undefined;
}

/** On whose behalf a request is made. */
export interface HttpRequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly callId?: string | undefined;
  /** As `onRequest`, for this one. Must not throw. */
  readonly onEnd?: ((event: HttpEvent) => void) | undefined;
}

/** What one plugin does over HTTP. */
export interface HttpCapability {
  /**
   * Sends one request and follows its redirects. Where the network does not answer, the status is 0.
   * @throws ERR_PERMISSION for what is refused (reported as a violation), ERR_HOST_FUNCTION for what is no request,
   * ERR_TIMEOUT after `httpTimeoutMs`, ERR_OUTPUT for more than `httpResponseBytes`, ERR_ABORTED with the signal (or its reason, where
   * that is a CordonError),
   * ERR_BUSY if a connection limit is 0, ERR_CLOSED.
   */
  request(request: HttpRequest, options?: HttpRequestOptions): Promise<HttpResponse>;
  /** Ends what is running with ERR_CLOSED; resolves when no socket is left. */
  close(): Promise<void>;
}

interface Run {
  readonly callId: string | undefined;
  readonly onEnd: HttpRequestOptions['onEnd'];
  readonly clock: RequestClock;
  readonly times: HopTimes;
  /** Of the hop on the way, for messages and the event; redacted. */
  url: string;
  method: string;
  redirects: number;
}

/** Makes the HTTP capability of one plugin. */
export function createHttpCapability(options: HttpCapabilityOptions): HttpCapability {
  return new Capability(options);
}

class Capability implements HttpCapability {
  readonly #options: HttpCapabilityOptions;
  readonly #route: Route;
  readonly #running = new Set<RequestClock>();
  #closed = false;

  constructor(options: HttpCapabilityOptions) {
    const { rules, limits, pool = new ConnectionPool(), dispatcher } = options;
    const member: PoolMember = { plugin: rules.plugin, connections: limits.connections };
    this.#options = options;
    this.#route = { pool, member, dispatcher, maxResponseBytes: limits.httpResponseBytes };
  }

  async request(
    request: HttpRequest,
    { signal, callId, onEnd }: HttpRequestOptions = {},
  ): Promise<HttpResponse> {
    const start = performance.now();
    const { httpTimeoutMs } = this.#options.limits;
    const run: Run = {
      callId,
      onEnd,
      clock: startClock(httpTimeoutMs, signal, this.#plugin, () => this.#timeout(run)),
      times: { queuedMs: 0 },
      url: redactUrl(request.url),
      method: 'GET',
      redirects: 0,
    };
    this.#running.add(run.clock);
    let response: HttpResponse | undefined;
    let error: unknown;
    try {
      if (this.#closed) run.clock.end(this.#closedError());
      run.clock.signal.throwIfAborted();
      response = await this.#follow(request, run);
      return response;
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      run.clock.stop();
      this.#running.delete(run.clock);
      this.#report(run, request, response, error, performance.now() - start);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const clock of this.#running) clock.end(this.#closedError());
    const { pool, member } = this.#route;
    await (this.#options.pool === undefined ? pool.close() : pool.leave(member));
  }

  get #plugin(): string {
    return this.#options.rules.plugin;
  }

  async #follow(request: HttpRequest, run: Run): Promise<HttpResponse> {
    let hop: Hop = { url: request.url, method: request.method ?? 'GET', headers: {}, body: bodyOf(request) };
    for (;;) {
      const to = this.#judge(hop, run);
      hop = run.redirects === 0 ? this.#checked(request, hop, to, run) : { ...hop, method: to.method };
      const result = await this.#send(hop, to, run);
      this.#options.onHop?.(to);
      if ('response' in result) return result.response;
      if (++run.redirects > MAX_REDIRECTS) {
        return failedResponse('TOO_MANY_REDIRECTS', `more than ${MAX_REDIRECTS} redirects`);
      }
      const { status, location } = result.redirect;
      const next = followRedirect(hop, to.url, status, location);
      if (next === undefined)
        return failedResponse('BAD_REDIRECT', `${to.url.origin} redirects to what is no URL`);
      hop = next;
    }
  }

  /** Decides about a hop; in audit mode what only lacks a rule is let through as if a grant had named it. */
  #judge(hop: Hop, run: Run): EgressAllowed {
    const decision = checkUrl(hop.url, hop.method, this.#options.rules);
    run.url = decision.allowed ? redactUrl(decision.url.href) : decision.shown;
    run.method = decision.method ?? hop.method.slice(0, 32);
    if (decision.allowed) return decision;
    const { reason, message } = decision;
    if (reason === 'invalid') throw this.#malformed(run, message);
    const audited = this.#options.mode === 'audit' ? letThrough(decision, this.#options.rules) : undefined;
    const error = this.#violation(run, message, { ...factsOf(decision), audited: audited !== undefined });
    if (audited === undefined) throw error;
    return audited;
  }

  /** The first hop with headers and body that may go out. */
  #checked(request: HttpRequest, hop: Hop, to: EgressAllowed, run: Run): Hop {
    const bodyBytes = hop.body?.byteLength ?? 0;
    if (bodyBytes > MAX_REQUEST_BODY_BYTES) {
      const details = { limit: MAX_REQUEST_BODY_BYTES, observed: bodyBytes };
      throw this.#malformed(
        run,
        `its body has ${bodyBytes} bytes, the limit is ${MAX_REQUEST_BODY_BYTES}`,
        details,
      );
    }
    const checked = checkHeaders(request.headers ?? {}, { url: to.url, bodyBytes });
    if ('headers' in checked) return { ...hop, method: to.method, headers: checked.headers };
    const { refused, message, details } = checked.problem;
    if (!refused) throw this.#malformed(run, message, details);
    throw this.#violation(run, message, { reason: 'header', host: to.host, port: to.port });
  }

  async #send(hop: Hop, to: EgressAllowed, run: Run) {
    try {
      return await this.#exchange(hop, to, run);
    } catch (error) {
      if (run.clock.signal.aborted) throw run.clock.signal.reason;
      if (error instanceof CordonError) throw error;
      if (error instanceof AddressRefused) {
        const { address, range, message } = error;
        const facts = {
          reason: 'address',
          side: 'host',
          host: to.host,
          port: to.port,
          address,
          range: range.range,
        };
        throw this.#violation(run, message, facts);
      }
      const { code, message } = failureOf(error);
      if (code === 'UND_ERR_INVALID_ARG') throw this.#malformed(run, message);
      return { response: failedResponse(code, message) };
    }
  }

  async #exchange(hop: Hop, to: EgressAllowed, run: Run): Promise<HopResult> {
    const { clock, times, callId } = run;
    const send = () => sendHop(hop, to, this.#route, clock, times);
    const { transport } = this.#options;
    if (!transport) return send();
    const { method, headers, body } = hop;
    const result = await clock.race(transport({ method, url: to.url.href, headers, body, callId }, send));
    if ('response' in result) checkSize(result.response, this.#route);
    return result;
  }

  /** Reports a refusal and makes its error. */
  #violation(run: Run, why: string, facts: Readonly<Record<string, unknown>>): CordonError {
    const { method, url, callId, redirects } = run;
    const way = redirects > 0 ? ` (after ${redirects} redirect${redirects > 1 ? 's' : ''})` : '';
    const message = `HTTP request of ${this.#plugin} refused: ${method} ${url}${way}: ${why}.`;
    const detail = Object.freeze({ ...facts, method, url, redirects });
    this.#options.onViolation({ kind: 'http', message, detail, ...(callId !== undefined && { callId }) });
    return this.#error('ERR_PERMISSION', message, run, detail);
  }

  #malformed(run: Run, why: string, details: Readonly<Record<string, unknown>> = {}): CordonError {
    const message = `HTTP request of ${this.#plugin} to ${run.url} cannot be sent: ${why}.`;
    return this.#error('ERR_HOST_FUNCTION', message, run, details);
  }

  #timeout(run: Run): CordonError {
    const { httpTimeoutMs } = this.#options.limits;
    const message = `HTTP request of ${this.#plugin} to ${run.url} took longer than httpTimeoutMs, ${httpTimeoutMs} ms, redirects and waiting for a connection included. Raise limits.httpTimeoutMs, or ask a faster server.`;
    return this.#error('ERR_TIMEOUT', message, run, { limit: 'httpTimeoutMs', value: httpTimeoutMs });
  }

  #closedError(): CordonError {
    return cordonError('ERR_CLOSED', `${this.#plugin} was closed.`, { plugin: this.#plugin });
  }

  #error(
    code: 'ERR_PERMISSION' | 'ERR_HOST_FUNCTION' | 'ERR_TIMEOUT',
    message: string,
    run: Run,
    details: object,
  ) {
    const { version } = this.#options;
    return cordonError(code, message, {
      plugin: this.#plugin,
      version,
      callId: run.callId,
      details: { ...details },
    });
  }

  #report(
    run: Run,
    request: HttpRequest,
    response: HttpResponse | undefined,
    error: unknown,
    durationMs: number,
  ) {
    const event: HttpEvent = Object.freeze({
      plugin: this.#plugin,
      method: run.method,
      url: run.url,
      redirects: run.redirects,
      status: response?.status ?? 0,
      ok: response !== undefined && response.failure === undefined,
      requestBytes: request.body?.byteLength ?? 0,
      responseBytes: response?.body.byteLength ?? 0,
      queuedMs: run.times.queuedMs,
      durationMs,
      ...(error instanceof CordonError && { code: error.code }),
      ...(response?.failure && { failure: response.failure }),
      ...(run.callId !== undefined && { callId: run.callId }),
    });
    this.#options.onRequest?.(event);
    run.onEnd?.(event);
  }
}

function bodyOf({ body }: HttpRequest): Uint8Array | undefined {
  return body !== undefined && body.byteLength > 0 ? body : undefined;
}

function factsOf({ reason, side, scheme, host, port }: EgressRefused): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ reason, side, scheme, host, port }).filter(([, value]) => value !== undefined),
  );
}
