import { type Context, context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { defineHostFunction, type Host } from 'cordon';
import { instrumentHost } from 'cordon/otel';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { caller, hostCaller, http, lab } from '../fixtures/guests/guests.js';
import { serve } from '../host/loopback-server.js';
import { openHost, plugin, rejection } from '../host/open-host.js';

const manager = new AsyncLocalStorageContextManager();
beforeAll(() => {
  context.setGlobalContextManager(manager.enable());
});
afterAll(() => context.disable());

function spansOf(host: Host) {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const telemetry = instrumentHost(host, { tracerProvider, meterProvider: false });
  onTestFinished(() => telemetry[Symbol.dispose]());
  return {
    tracer: tracerProvider.getTracer('test'),
    telemetry,
    spans: () => exporter.getFinishedSpans(),
    span: (name: string): ReadableSpan => {
      const found = exporter.getFinishedSpans().filter((one) => one.name === name);
      expect(found, `spans named ${name}`).toHaveLength(1);
      return found[0]!;
    },
  };
}

const parentOf = (span: ReadableSpan) => span.parentSpanContext?.spanId;
const idOf = (span: ReadableSpan) => span.spanContext().spanId;

it('no span tells a secret of a config', async () => {
  const KEY = 'sk-live-4f9d2a77';
  const port = await serve((_, response) => response.destroy());
  const host = await openHost({
    config: { p: { key: { secret: KEY } } },
    hostFunctions: {
      use: defineHostFunction({ params: ['text'], result: 'text' }, (key) => {
        throw new Error(`the server refused ${key}`);
      }),
    },
    grants: { '*': { hostFunctions: ['use'], http: ['127.0.0.1'] } },
  });
  const { spans } = spansOf(host);
  const p = await host.load(plugin('p', hostCaller('use'), { permissions: { hostFunctions: ['use'] } }));
  await rejection(p.call('host', KEY));
  const q = await host.load(plugin('q', http, { permissions: { http: ['127.0.0.1'] } }));
  await q.call('get', { url: `http://127.0.0.1:${port}/${KEY}` });
  await rejection(q.call('get', { url: `http://example.com/${KEY}` }));
  const told = JSON.stringify(
    spans().map(({ name, status, attributes, events }) => [name, status, attributes, events]),
  );
  expect(told).toContain('the server refused [secret]');
  expect(told).toContain('/[secret]');
  expect(told).not.toContain(KEY);
});

describe('a call', () => {
  it('is a span with what it cost, below the one that is active', async () => {
    const host = await openHost();
    const p = await host.load(plugin('@acme/p', lab));
    const { tracer, span } = spansOf(host);
    await tracer.startActiveSpan('request', async (outer) => {
      await p.call('echo', 'hello', { tenant: 'blue' });
      expect(trace.getSpan(context.active())).toBe(outer);
      outer.end();
    });
    const call = span('@acme/p/echo');
    expect(parentOf(call)).toBe(idOf(span('request')));
    expect(call.kind).toBe(SpanKind.INTERNAL);
    expect(call.status.code).toBe(SpanStatusCode.UNSET);
    expect(call.attributes).toMatchObject({
      'cordon.plugin.name': '@acme/p',
      'cordon.plugin.version': '1.0.0',
      'cordon.call.function': 'echo',
      'cordon.call.tenant': 'blue',
      'cordon.call.id': expect.any(String),
      'cordon.call.input.size': 5,
      'cordon.call.output.size': 5,
      'cordon.call.fuel': expect.any(Number),
      'cordon.call.duration': expect.any(Number),
    });
  });

  it('that is made in parallel with others is each below its own', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const { tracer, spans, span } = spansOf(host);
    const names = Array.from({ length: 20 }, (_, i) => `request ${i}`);
    await Promise.all(
      names.map((name) =>
        tracer.startActiveSpan(name, async (outer) => {
          await p.call('echo', name);
          outer.end();
        }),
      ),
    );
    const parents = spans()
      .filter(({ name }) => name === 'p/echo')
      .map(parentOf);
    expect(parents.sort()).toEqual(names.map((name) => idOf(span(name))).sort());
  });

  it('that fails has the status and the code', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const { span } = spansOf(host);
    const error = await rejection(p.call('spin', '', { timeoutMs: 50 }));
    const call = span('p/spin');
    expect(call.status).toEqual({ code: SpanStatusCode.ERROR, message: error.message });
    expect(call.attributes).toMatchObject({ 'error.type': 'ERR_TIMEOUT', 'cordon.call.id': error.callId });
  });

  it('that is refused is a span too, under no name that the caller makes up', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const { span } = spansOf(host);
    await rejection(p.call('made up \n'));
    expect(span('p/_OTHER').attributes).toMatchObject({
      'error.type': 'ERR_NO_EXPORT',
      'cordon.call.function': '_OTHER',
    });
  });
});

describe('what a guest asks for is a child of its call:', () => {
  it('a host function, and what that does is below it', async () => {
    let active: Context | undefined;
    const host = await openHost({
      hostFunctions: {
        greet: defineHostFunction({ params: ['bytes'], result: 'text' }, async () => {
          active = context.active();
          await new Promise((resolve) => setImmediate(resolve));
          expect(trace.getSpan(context.active())).toBe(trace.getSpan(active));
          return 'hi';
        }),
      },
      grants: { '*': { hostFunctions: ['greet'] } },
    });
    const p = await host.load(
      plugin('p', hostCaller('greet'), { permissions: { hostFunctions: ['greet'] } }),
    );
    const { span } = spansOf(host);
    expect((await p.call('host')).text()).toBe('hi');
    const greet = span('greet');
    expect(parentOf(greet)).toBe(idOf(span('p/host')));
    expect(trace.getSpan(active!)?.spanContext().spanId).toBe(idOf(greet));
    expect(greet.attributes).toMatchObject({
      'cordon.host_function.name': 'greet',
      'cordon.plugin.name': 'p',
    });
  });

  it('a host function that throws', async () => {
    const host = await openHost({
      hostFunctions: {
        greet: defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
          throw new Error('not today');
        }),
      },
      grants: { '*': { hostFunctions: ['greet'] } },
    });
    const p = await host.load(
      plugin('p', hostCaller('greet'), { permissions: { hostFunctions: ['greet'] } }),
    );
    const { span } = spansOf(host);
    await rejection(p.call('host'));
    for (const name of ['greet', 'p/host']) {
      expect(span(name).attributes['error.type']).toBe('ERR_HOST_FUNCTION');
      expect(span(name).status.code).toBe(SpanStatusCode.ERROR);
    }
  });

  it('an HTTP request, without what its URL keeps secret', async () => {
    const port = await serve((request, response) => {
      expect(request.headers.traceparent).toBeUndefined();
      response.statusCode = request.url!.startsWith('/none') ? 404 : 200;
      response.end('from loopback');
    });
    const rule = { host: '127.0.0.1', ports: [port], schemes: ['http' as const] };
    const host = await openHost({ grants: { p: { http: [rule] } } });
    const p = await host.load(plugin('p', http, { permissions: { http: [rule] } }));
    const { span, spans } = spansOf(host);
    await p.call('get', { url: `http://127.0.0.1:${port}/path?token=secret` });
    const get = span('GET');
    expect(get.kind).toBe(SpanKind.CLIENT);
    expect(parentOf(get)).toBe(idOf(span('p/get')));
    expect(get.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': port,
      'http.response.body.size': 13,
    });
    expect(JSON.stringify(get.attributes)).not.toContain('secret');
    await p.call('get', { url: `http://127.0.0.1:${port}/none` });
    const missed = spans().filter(({ name }) => name === 'GET')[1]!;
    expect(missed.attributes['error.type']).toBe('404');
    expect(missed.status.code).toBe(SpanStatusCode.ERROR);
  });

  it('an HTTP request that is refused', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', http));
    const { span } = spansOf(host);
    await rejection(p.call('get', { url: 'http://example.com/' }));
    expect(span('GET').attributes['error.type']).toBe('ERR_PERMISSION');
  });

  it('a call of another plugin, in the same trace', async () => {
    const host = await openHost({ catalog: [plugin('base', lab)] });
    const top = await host.load(
      plugin('top', caller({ go: ['base', 'echo'] }), { dependencies: { base: '*' } }),
    );
    const { span } = spansOf(host);
    await top.call('go', 'x');
    const inner = span('base/echo');
    expect(parentOf(inner)).toBe(idOf(span('top/go')));
    expect(inner.spanContext().traceId).toBe(span('top/go').spanContext().traceId);
  });
});

describe('a load', () => {
  it('is a span for each plugin, with its error', async () => {
    const host = await openHost({ catalog: [plugin('base', lab)] });
    const { span } = spansOf(host);
    await host.load('base');
    expect(span('load base').attributes['cordon.load.origin']).toBeDefined();
    await rejection(host.load(plugin('bad', new Uint8Array([1, 2, 3]))));
    expect(span('load bad').attributes['error.type']).toBe('ERR_BYTECODE');
  });
});

describe('instruments', () => {
  it('tell of their own host only', async () => {
    const hosts = [await openHost(), await openHost()];
    const [one, two] = await Promise.all(hosts.map((host) => host.load(plugin('p', lab))));
    const first = spansOf(hosts[0]!);
    const second = spansOf(hosts[1]!);
    await one!.call('echo');
    expect([first.spans().length, second.spans().length]).toEqual([1, 0]);
    await two!.call('echo');
    expect([first.spans().length, second.spans().length]).toEqual([1, 1]);
  });

  it('are taken off, as often as one likes', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const { telemetry, spans } = spansOf(host);
    telemetry[Symbol.dispose]();
    telemetry[Symbol.dispose]();
    await p.call('echo');
    expect(spans()).toEqual([]);
    expect(host.listenerCount('violation')).toBe(0);
  });

  it('are for hosts', () => {
    expect(() => instrumentHost({} as Host)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });

  it('may be global: without an SDK nothing happens', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    using _telemetry = instrumentHost(host);
    expect((await p.call('echo', 'x')).text()).toBe('x');
  });
});

describe('metrics', () => {
  it('are those of the host', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 });
    const meterProvider = new MeterProvider({ readers: [reader] });
    onTestFinished(() => meterProvider.shutdown());
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const telemetry = instrumentHost(host, { meterProvider, tracerProvider: false });
    await p.call('echo', 'x');
    await p.call('echo', 'y');
    await rejection(p.call('spin', '', { timeoutMs: 50 }));
    await rejection(p.call('absent'));
    await meterProvider.forceFlush();
    const figures = exporter
      .getMetrics()
      .at(-1)!
      .scopeMetrics.flatMap(({ metrics }) => metrics);
    const points = (name: string) => figures.find(({ descriptor }) => descriptor.name === name)!.dataPoints;
    const own = { 'cordon.plugin.name': 'p', 'cordon.plugin.version': '1.0.0' };
    const counts = points('cordon.call.duration').map(({ attributes, value }) => [
      attributes,
      (value as { count: number }).count,
    ]);
    expect(counts).toEqual([
      [{ ...own, 'cordon.call.function': 'echo' }, 2],
      [{ ...own, 'cordon.call.function': 'spin', 'error.type': 'ERR_TIMEOUT' }, 1],
      [{ ...own, 'cordon.call.function': '_OTHER', 'error.type': 'ERR_NO_EXPORT' }, 1],
    ]);
    expect(points('cordon.violation.count')).toMatchObject([
      { value: 1, attributes: { ...own, 'cordon.violation.kind': 'timeout' } },
    ]);
    expect(points('cordon.call.fuel')[0]!.value).toBeGreaterThan(0);
    expect(points('cordon.thread.count')).toMatchObject([{ value: host.stats().threads }]);
    const ready = points('cordon.plugin.count').filter(({ value }) => value === 1);
    expect(ready.map(({ attributes }) => attributes['cordon.plugin.state'])).toEqual([p.state]);
    telemetry[Symbol.dispose]();
    await p.call('echo', 'z');
    await meterProvider.forceFlush();
    const after = exporter
      .getMetrics()
      .at(-1)!
      .scopeMetrics.flatMap(({ metrics }) => metrics);
    const echo = after.find(({ descriptor }) => descriptor.name === 'cordon.call.duration')!.dataPoints[0]!;
    expect((echo.value as { count: number }).count).toBe(2);
  });
});
