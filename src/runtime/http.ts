import type { Capabilities } from '../bridge/guest-call.js';
import type { ConnectionPool } from '../bridge/http/connection-pool.js';
import { parseGuestRequest } from '../bridge/http/guest-request.js';
import { createHttpCapability, type HttpCapability } from '../bridge/http/http-capability.js';
import type { HttpEvent } from '../bridge/http/http-event.js';
import { HTTP_CHANNEL, type HttpTrace, traced } from '../events/channels.js';
import type { Limits } from '../manifest/limits.js';
import type { Grant } from '../policy/grants.js';
import { redactUrl } from '../policy/redact-url.js';
import type { AskOrigin } from './ask-origin.js';
import type { PluginAudit } from './audit.js';
import type { PluginCall } from './plugin-call.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

const NO_BODY = new Uint8Array();

/** HTTP for one plugin: its refusals go into the ledger, its requests into the log at debug level. */
export function httpFor(
  runtime: Runtime,
  pool: ConnectionPool,
  grant: Grant,
  limits: Limits,
  unit: () => PluginUnit,
  audit?: PluginAudit,
): { request: Capabilities['http']; close: () => Promise<void> } {
  // Made with the first request: most plugins have none.
  let opened: { readonly http: HttpCapability; readonly calls: Map<string, PluginCall> } | undefined;
  let isClosed = false;
  return {
    close: async () => {
      isClosed = true;
      await opened?.http.close();
    },
    request: async (text, body, origin) => {
      const { callId, signal } = origin;
      const { call } = (origin as AskOrigin).parent;
      const request = parseGuestRequest(text, body ?? NO_BODY);
      if (!opened) {
        opened = openHttp(runtime, pool, grant, limits, unit, audit);
        if (isClosed) await opened.http.close();
      }
      const { http, calls } = opened;
      if (call) calls.set(call.callId, call);
      try {
        return await traced(
          HTTP_CHANNEL,
          () => ({
            ...{ host: runtime.emitter, plugin: unit().name, version: unit().version },
            ...{
              call: origin.trace,
              callId,
              method: request.method ?? 'GET',
              url: runtime.redaction.text(redactUrl(request.url)),
            },
          }),
          async (trace) => {
            const onEnd = trace && ((event: HttpEvent) => copyFigures(trace, runtime.redaction.value(event)));
            try {
              const { status, headers, body } = await http.request(request, { signal, callId, onEnd });
              return { status, headers, body };
            } catch (error) {
              throw runtime.redaction.value(error);
            }
          },
        );
      } finally {
        if (call) calls.delete(call.callId);
      }
    },
  };
}

function openHttp(
  runtime: Runtime,
  pool: ConnectionPool,
  grant: Grant,
  limits: Limits,
  unit: () => PluginUnit,
  audit: PluginAudit | undefined,
): { readonly http: HttpCapability; readonly calls: Map<string, PluginCall> } {
  const calls = new Map<string, PluginCall>();
  const http = createHttpCapability({
    rules: grant.http,
    limits,
    pool,
    mode: runtime.options.mode,
    transport: runtime.options.doubles?.transport,
    onViolation: ({ callId, ...violation }) => {
      const { audited, scheme, host, port, method } = violation.detail;
      if (audited && audit?.isNew(`http ${scheme} ${host} ${port} ${method}`) === false) return;
      runtime.violate(unit(), violation, callId === undefined ? undefined : calls.get(callId));
    },
    onHop: audit && ((target) => audit.trail.request(target)),
    onRequest: (event) => tell(runtime, unit(), event),
  });
  return { http, calls };
}

/** One line at debug level, and the event where somebody listens. Both have the same fields. */
function tell({ emitter }: Runtime, { version, logger }: PluginUnit, request: HttpEvent): void {
  const { failure, ...facts } = request;
  const { method, url, status, code } = facts;
  const event = Object.freeze({
    ...facts,
    version,
    refused: code === 'ERR_PERMISSION',
    ...(failure && { failure: failure.code }),
    at: Date.now(),
  });
  logger.debug({ http: event }, `${method} ${url} ${code ?? failure?.code ?? status}`);
  if (emitter.listenerCount('http') > 0) emitter.emit('http', event);
}

function copyFigures(trace: HttpTrace, event: HttpEvent): void {
  const { method, url, status, redirects, requestBytes, responseBytes } = event;
  Object.assign(trace, { method, url, status, redirects, requestBytes, responseBytes });
}
