import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { CordonError } from '../../src/errors/cordon-error.js';
import {
  CALL_CHANNEL,
  type CallTrace,
  HOST_FUNCTION_CHANNEL,
  HTTP_CHANNEL,
  type HttpTrace,
  LOAD_CHANNEL,
  type Trace,
} from '../../src/events/channels.js';
import type { Host } from '../host.js';
import { subscribe } from './subscribe.js';

/** A name that is not one of a known few: names of spans are not to be made up by guests. */
export const OTHER = '_OTHER';

/** Makes spans of what a host does. Returns what stops it. */
export function traceHost(host: Host, tracer: Tracer): () => void {
  /** The context with the span of each piece of work that is under way. */
  const contexts = new WeakMap<Trace, Context>();

  const begin = (message: Trace, parent: Context, name: string, kind: SpanKind, attributes: Attributes) => {
    const about = {
      'cordon.plugin.name': message.plugin,
      'cordon.plugin.version': message.version,
      ...attributes,
    };
    const span = tracer.startSpan(name, { kind, attributes: about }, parent);
    contexts.set(message, trace.setSpan(parent, span));
  };
  const end = (message: Trace, attributes: (span: Span) => Attributes = () => ({})) => {
    const own = contexts.get(message);
    const span = own && trace.getSpan(own);
    if (!span) return;
    span.setAttributes(attributes(span));
    if (message.error !== undefined) {
      span.setAttribute('error.type', errorType(message.error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(message.error) });
    }
    span.end();
  };
  const below = (call: CallTrace | undefined): Context => (call && contexts.get(call)) ?? ROOT_CONTEXT;

  const stops = [
    subscribe(CALL_CHANNEL, host, {
      start: (message) => {
        const { plugin, fn, isExport, caller, tenant } = message;
        const parent = caller ? below(caller) : context.active();
        begin(message, parent, `${plugin}/${isExport ? fn : OTHER}`, SpanKind.INTERNAL, {
          'cordon.call.function': isExport ? fn : OTHER,
          ...(tenant !== undefined && { 'cordon.call.tenant': tenant }),
        });
      },
      end: (message) => end(message, () => callAttributes(message)),
    }),
    subscribe(HOST_FUNCTION_CHANNEL, host, {
      start: (message) => {
        const { name, call } = message;
        begin(message, below(call), name, SpanKind.INTERNAL, { 'cordon.host_function.name': name });
        // What the application's function does is below its span, as anything that it calls.
        const own = contexts.get(message)!;
        const { run } = message;
        message.run = (work) => context.with(own, () => (run ? run(work) : work()));
      },
      end,
    }),
    subscribe(HTTP_CHANNEL, host, {
      start: (message) => {
        const method = methodOf(message);
        begin(message, below(message.call), method === OTHER ? 'HTTP' : method, SpanKind.CLIENT, {
          'http.request.method': method,
        });
      },
      end: (message) =>
        end(message, (span) => {
          const { status = 0 } = message;
          if (status >= 400 || (status === 0 && message.error === undefined)) {
            span.setAttribute('error.type', status === 0 ? 'network' : String(status));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          return httpAttributes(message);
        }),
    }),
    subscribe(LOAD_CHANNEL, host, {
      start: (message) =>
        begin(message, context.active(), `load ${message.plugin}`, SpanKind.INTERNAL, {
          'cordon.load.origin': message.origin,
          ...(message.replaces !== undefined && { 'cordon.load.replaces': message.replaces }),
        }),
      end,
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function callAttributes({ callId, figures }: CallTrace): Attributes {
  return {
    ...(callId !== undefined && { 'cordon.call.id': callId }),
    ...(figures && {
      'cordon.call.queue.duration': figures.queuedMs / 1000,
      'cordon.call.duration': figures.durationMs / 1000,
      'cordon.call.cpu.time': figures.cpuMs / 1000,
      'cordon.call.input.size': figures.inputBytes,
      'cordon.call.output.size': figures.outputBytes,
      'cordon.call.memory.size': figures.memoryBytes,
      ...(figures.fuel !== undefined && { 'cordon.call.fuel': figures.fuel }),
    }),
  };
}

function httpAttributes({ url, status, redirects, requestBytes, responseBytes }: HttpTrace): Attributes {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return {
    'url.full': url,
    ...(parsed && {
      'server.address': parsed.hostname,
      'server.port': Number(parsed.port) || (parsed.protocol === 'https:' ? 443 : 80),
    }),
    ...(status !== undefined && status > 0 && { 'http.response.status_code': status }),
    ...(redirects !== undefined && redirects > 0 && { 'http.request.resend_count': redirects }),
    ...(requestBytes !== undefined && { 'http.request.body.size': requestBytes }),
    ...(responseBytes !== undefined && { 'http.response.body.size': responseBytes }),
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

function methodOf({ method }: HttpTrace): string {
  const upper = method.toUpperCase();
  return METHODS.has(upper) ? upper : OTHER;
}

/** The code of an error, which is one of few. */
export function errorType(error: unknown): string {
  return error instanceof CordonError ? error.code : error instanceof Error ? error.name : OTHER;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
