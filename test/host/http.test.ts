import { describe, expect, it } from 'vitest';
import { toI32 } from '../fixtures/guests/guest.js';
import { http } from '../fixtures/guests/guests.js';
import { serve } from './loopback-server.js';
import { collect, deferred, openHost, plugin, rejection } from './open-host.js';

const rule = (port: number) => ({ host: '127.0.0.1', ports: [port], schemes: ['http' as const] });
const asking = (...ports: readonly number[]) => ({ permissions: { http: ports.map(rule) } });
const granting = (...ports: readonly number[]) => ({ grants: { p: { http: ports.map(rule) } } });
const url = (port: number, path = '/') => ({ url: `http://127.0.0.1:${port}${path}` });

describe('a request', () => {
  it('to a granted host is sent, and its answer comes back', async () => {
    const seen: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-guest']}`);
      response.end('from loopback');
    });
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, asking(port)));
    const request = { ...url(port, '/path?q=1'), method: 'GET', headers: { 'X-Guest': 'yes' } };
    expect((await p.call('get', request)).text()).toBe('from loopback');
    expect(toI32((await p.call('status', url(port))).bytes())).toBe(200);
    expect(seen[0]).toBe('GET /path?q=1 yes');
  });

  it('that is answered with an error of HTTP is no error of the call', async () => {
    const port = await serve((_, response) => {
      response.statusCode = 418;
      response.end();
    });
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, asking(port)));
    expect(toI32((await p.call('status', url(port))).bytes())).toBe(418);
  });

  it.each([
    ['nobody granted', (port: number) => ({ options: granting(), manifest: asking(port) })],
    ['the plugin did not ask for', (port: number) => ({ options: granting(port), manifest: asking() })],
  ])('to a host that %s is refused: ERR_PERMISSION, a violation, and nothing is sent', async (_, setUp) => {
    let requests = 0;
    const port = await serve((_request, response) => {
      requests++;
      response.end();
    });
    const { options, manifest } = setUp(port);
    const host = await openHost(options);
    const violations = collect(host, 'violation');
    const p = await host.load(plugin('p', http, manifest));
    const error = await rejection(p.call('get', url(port)));
    expect(error).toMatchObject({ code: 'ERR_PERMISSION', plugin: 'p' });
    expect(violations).toMatchObject([{ plugin: 'p', kind: 'http', severity: 'high', callId: error.callId }]);
    expect(requests).toBe(0);
    expect((await p.call('echo', 'next')).text()).toBe('next');
  });

  it('to another port of a granted host is refused', async () => {
    const port = await serve((_, response) => response.end());
    const other = await serve((_, response) => response.end());
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, asking(port)));
    expect((await rejection(p.call('get', url(other)))).code).toBe('ERR_PERMISSION');
  });

  it('that is redirected to a host that is not granted is refused at that hop', async () => {
    let reached = 0;
    const secret = await serve((_, response) => {
      reached++;
      response.end('secret');
    });
    const port = await serve((_, response) => {
      response.writeHead(302, { location: url(secret).url });
      response.end();
    });
    const host = await openHost(granting(port));
    const violations = collect(host, 'violation');
    const p = await host.load(plugin('p', http, asking(port)));
    expect((await rejection(p.call('get', url(port)))).code).toBe('ERR_PERMISSION');
    expect(violations).toMatchObject([{ kind: 'http' }]);
    expect(reached).toBe(0);
  });

  it('that is redirected to a granted host follows', async () => {
    const target = await serve((_, response) => response.end('arrived'));
    const port = await serve((_, response) => {
      response.writeHead(302, { location: url(target).url });
      response.end();
    });
    const host = await openHost(granting(port, target));
    const p = await host.load(plugin('p', http, asking(port, target)));
    expect((await p.call('get', url(port))).text()).toBe('arrived');
  });

  it('that is not answered ends with the call’s deadline, and its connection is closed', async () => {
    const closed = deferred();
    const port = await serve((request) => request.socket.on('close', () => closed.resolve()));
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, asking(port)));
    expect((await rejection(p.call('get', url(port), { timeoutMs: 1000 }))).code).toBe('ERR_TIMEOUT');
    await closed.promise;
    expect((await p.call('echo', 'next')).text()).toBe('next');
  });

  it('that is not answered ends with the caller’s signal', async () => {
    const arrived = deferred();
    const port = await serve(() => arrived.resolve());
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, asking(port)));
    const controller = new AbortController();
    const call = rejection(p.call('get', url(port), { signal: controller.signal }));
    await arrived.promise;
    controller.abort();
    expect((await call).code).toBe('ERR_ABORTED');
  });

  it('whose answer is larger than httpResponseBytes does not come in whole', async () => {
    const port = await serve((_, response) => response.end('x'.repeat(10_000)));
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, { ...asking(port), limits: { httpResponseBytes: 1000 } }));
    const outcome = await p.call('get', url(port)).then(
      (output) => output.byteLength,
      (error) => error.code as string,
    );
    expect(outcome).not.toBe(10_000);
    expect((await p.call('echo', 'next')).text()).toBe('next');
  });

  it('to nobody gives the guest no answer and status 0', async () => {
    const port = await serve(() => {});
    const host = await openHost(granting(1, port));
    const p = await host.load(plugin('p', http, asking(1, port)));
    expect(toI32((await p.call('status', url(1))).bytes())).toBe(0);
    expect((await p.call('get', url(1))).text()).toBe('');
  });

  it.each([
    'not json',
    '{}',
    '{"url":5}',
    '{"url":"ftp://127.0.0.1/"}',
    '{"url":"http://127.0.0.1:99999/"}',
    '',
  ])('of %j ends in a coded error, and the host lives', async (text) => {
    const host = await openHost(granting(1));
    const p = await host.load(plugin('p', http, asking(1)));
    const outcome = await p.call('get', text).then(
      () => 'no answer',
      (error) => error.code as string,
    );
    expect(outcome).toMatch(/^(no answer|ERR_[A-Z_]+)$/);
    expect((await p.call('echo', 'next')).text()).toBe('next');
  });
});

describe('the event "http"', () => {
  it('has the sizes and times of each request, and no secret of its URL', async () => {
    const port = await serve((_, response) => response.end('12345'));
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, asking(port)));
    const events = collect(host, 'http');
    await p.call('get', url(port, '/a?token=secret'));
    expect(events).toEqual([
      {
        plugin: 'p',
        version: '1.0.0',
        callId: expect.any(String),
        method: 'GET',
        url: `http://127.0.0.1:${port}/a?…`,
        redirects: 0,
        status: 200,
        ok: true,
        refused: false,
        requestBytes: 0,
        responseBytes: 5,
        queuedMs: expect.any(Number),
        durationMs: expect.any(Number),
        at: expect.any(Number),
      },
    ]);
    expect(Object.isFrozen(events[0])).toBe(true);
  });

  it('says that a request was refused, and of which call', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', http));
    const events = collect(host, 'http');
    const error = await rejection(p.call('get', { url: 'http://example.com/' }));
    expect(events).toMatchObject([
      { refused: true, ok: false, status: 0, code: 'ERR_PERMISSION', callId: error.callId },
    ]);
  });

  it('names the failure where nobody answers', async () => {
    const port = await serve((_, response) => response.destroy());
    const host = await openHost(granting(port));
    const p = await host.load(plugin('p', http, asking(port)));
    const events = collect(host, 'http');
    await p.call('status', url(port));
    expect(events).toMatchObject([{ ok: false, refused: false, status: 0, failure: expect.any(String) }]);
  });
});
