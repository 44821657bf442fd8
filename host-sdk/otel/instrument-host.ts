import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import { cordonError } from '../../src/errors/cordon-error.js';
import { VERSION } from '../../src/runtime/version.js';
import { Host } from '../host.js';
import { measureHost } from './measure-host.js';
import { traceHost } from './trace-host.js';

/** Where spans and figures go. */
export interface InstrumentOptions {
  /** Default: the global one; without an SDK that is one which drops everything. `false`: no spans. */
  readonly tracerProvider?: TracerProvider | false;
  /** Default: the global one. `false`: no metrics. */
  readonly meterProvider?: MeterProvider | false;
}

const SCOPE = 'cordon';

/**
 * Tells OpenTelemetry what a host does: a span for each call, with the host functions, HTTP requests and calls of other
 * plugins that it makes as children, below the span that is active where `plugin.call` is called; a span for each load;
 * and metrics. Names and attributes are in `docs/reference/metrics.md`.
 *
 * Nothing of it is ever told to guests, and no header is added to their requests. A host that is not instrumented pays nothing.
 * Spans of what is under way when it is disposed of are not ended.
 *
 * @returns what takes the instruments off again; `host.close()` does it too
 * @throws `ERR_OPTIONS` if `host` is no host, `ERR_CLOSED` if it was closed
 * @example
 * using telemetry = instrumentHost(host);
 */
export function instrumentHost(host: Host, options: InstrumentOptions = {}): Disposable {
  if (!(host instanceof Host)) {
    throw cordonError('ERR_OPTIONS', 'instrumentHost wants a host made by createHost as its first argument.');
  }
  const { tracerProvider = trace.getTracerProvider(), meterProvider = metrics.getMeterProvider() } = options;
  const stops: (() => void)[] = [];
  const forget = host.onClose(() => stop());
  const stop = (): void => {
    forget();
    for (const one of stops.splice(0)) one();
  };
  if (tracerProvider) stops.push(traceHost(host, tracerProvider.getTracer(SCOPE, VERSION)));
  if (meterProvider) stops.push(measureHost(host, meterProvider.getMeter(SCOPE, VERSION)));
  return { [Symbol.dispose]: stop };
}
