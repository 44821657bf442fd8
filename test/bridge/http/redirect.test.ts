import { describe, expect, it } from 'vitest';
import { followRedirect, type Hop, MAX_REDIRECTS } from '../../../src/bridge/http/redirect.js';
import { capability, granted, serve, text } from './loopback.js';

describe('followRedirect', () => {
  const body = new Uint8Array([1]);
  const from = new URL('https://a.example/x/y');
  const hop = (method: string): Hop => ({
    url: from.href,
    method,
    headers: { 'content-type': 't', 'x-a': 'b' },
    body,
  });

  it.each([
    [301, 'POST', 'GET', false],
    [302, 'POST', 'GET', false],
    [303, 'POST', 'GET', false],
    [303, 'PUT', 'GET', false],
    [303, 'HEAD', 'HEAD', true],
    [301, 'PUT', 'PUT', true],
    [302, 'DELETE', 'DELETE', true],
    [307, 'POST', 'POST', true],
    [308, 'POST', 'POST', true],
  ])('after %i makes %s a %s', (status, method, then, keepsBody) => {
    const next = followRedirect(hop(method), from, status, '../z');
    expect(next?.url).toBe('https://a.example/z');
    expect([next?.method, next?.body !== undefined, next?.headers]).toEqual([
      then,
      keepsBody,
      keepsBody ? { 'content-type': 't', 'x-a': 'b' } : { 'x-a': 'b' },
    ]);
  });

  it.each([
    ['/other', true],
    ['https://a.example:443/other', true],
    ['https://a.example:444/', false],
    ['http://a.example/', false],
    ['https://b.example/', false],
    ['//b.example/', false],
  ])('to %s keeps credentials: %s', (location, kept) => {
    const headers = { authorization: 'x', cookie: 'y', 'x-a': 'b' };
    const next = followRedirect({ ...hop('GET'), headers }, from, 302, location);
    expect(next?.headers).toEqual(kept ? headers : { 'x-a': 'b' });
  });

  it('gives nothing for what is no URL', () => {
    expect(followRedirect(hop('GET'), from, 302, 'http://[')).toBeUndefined();
  });
});

describe('a redirect', () => {
  it('is followed on the same socket, and credentials stay at their origin', async () => {
    const seen: unknown[] = [];
    const second = await serve((request, response) => {
      seen.push([request.url, request.headers.authorization, request.headers.cookie]);
      response.end('arrived');
    });
    const ports: (number | undefined)[] = [];
    const first = await serve((request, response) => {
      seen.push([request.url, request.headers.authorization]);
      ports.push(request.socket.remotePort);
      const location = request.url === '/1' ? '/2' : `${second.url}/3`;
      response.writeHead(302, { location }).end('moved');
    });
    const { http, events } = capability();
    const response = await http.request({
      url: `${first.url}/1`,
      headers: { Authorization: 'key', Cookie: 'c' },
    });
    expect(text(response.body)).toBe('arrived');
    expect(seen).toEqual([
      ['/1', 'key'],
      ['/2', 'key'],
      ['/3', undefined, undefined],
    ]);
    expect(new Set(ports).size).toBe(1);
    expect(events).toMatchObject([{ redirects: 2, url: `${second.url}/3`, status: 200 }]);
  });

  it.each([
    ['http://evil.example/', 'grant'],
    ['//evil.example/', 'grant'],
    ['\\\\evil.example\\', 'grant'],
    ['http://127.0.0.1:1@evil.example/', 'userinfo'],
    ['http://169.254.169.254/latest', 'grant'],
    ['http://[::ffff:127.0.0.1]/', 'grant'],
    ['file:///etc/passwd', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['javascript:1', 'scheme'],
  ])('to %s is refused', async (location, reason) => {
    const { url } = await serve((_, response) => response.writeHead(302, { location }).end());
    const { http, violations } = capability();
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_PERMISSION' });
    expect(violations).toMatchObject([{ detail: { reason, redirects: 1 } }]);
  });

  it('to another port, method or scheme than the rule has is refused', async () => {
    const other = await serve((_, response) => response.end('reached'));
    const { url, port } = await serve((request, response) => {
      response
        .writeHead(request.method === 'POST' ? 303 : 302, {
          location: request.method === 'POST' ? '/' : other.url,
        })
        .end();
    });
    const onlyPort = capability({ rules: granted({ host: '127.0.0.1', ports: [port] }) });
    await expect(onlyPort.http.request({ url })).rejects.toMatchObject({ details: { port: other.port } });
    const onlyPost = capability({ rules: granted({ host: '127.0.0.1', methods: ['POST'] }) });
    await expect(onlyPost.http.request({ url, method: 'POST' })).rejects.toMatchObject({
      details: { method: 'GET' },
    });
  });

  it('repeats the body where the status says so', async () => {
    const { url } = await serve(async (request, response) => {
      const body = String(await request.toArray());
      if (request.url === '/1') response.writeHead(307, { location: '/2' }).end();
      else response.end(`${request.method} ${body}`);
    });
    const { http } = capability();
    const body = new TextEncoder().encode('again');
    expect(text((await http.request({ url: `${url}/1`, method: 'POST', body })).body)).toBe('POST again');
  });

  it('without end stops after the limit, and counts as a network failure', async () => {
    let hops = 0;
    const { url } = await serve((_, response) => response.writeHead(302, { location: `/${++hops}` }).end());
    const { http, violations } = capability();
    expect(await http.request({ url })).toMatchObject({ status: 0, failure: { code: 'TOO_MANY_REDIRECTS' } });
    expect(hops).toBe(MAX_REDIRECTS + 1);
    expect(violations).toEqual([]);
  });

  it('with an endless body is followed without reading it', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/2') {
        response.end('done');
        return;
      }
      response.writeHead(302, { location: '/2' });
      const fill = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', fill);
      fill();
    });
    const { http } = capability();
    expect(text((await http.request({ url: `${url}/1` })).body)).toBe('done');
  });

  it('without a location, or to what is no URL, is not followed', async () => {
    const { url } = await serve((request, response) =>
      response.writeHead(302, request.url === '/bad' ? { location: 'http://[' } : {}).end(),
    );
    const { http } = capability();
    expect(await http.request({ url })).toMatchObject({ status: 302 });
    expect(await http.request({ url: `${url}/bad` })).toMatchObject({
      status: 0,
      failure: { code: 'BAD_REDIRECT' },
    });
  });
});
