import { once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { MockAgent } from 'undici';
import { describe, expect, it } from 'vitest';
import { ConnectionPool } from '../../../src/bridge/http/connection-pool.js';
import { MAX_REQUEST_BODY_BYTES } from '../../../src/bridge/http/request-headers.js';
import { cordonError } from '../../../src/errors/cordon-error.js';
import { capability, gone, granted, listen, serve, text } from './loopback.js';

describe('a request', () => {
  it('is sent as the guest means it, and its answer comes back whole', async () => {
    const { url } = await serve(async (request, response) => {
      const chunks = await request.toArray();
      response.writeHead(201, { 'X-Answer': 'yes', 'set-cookie': ['a=1', 'b=2'] });
      response.end(
        JSON.stringify({
          ...request.headers,
          method: request.method,
          path: request.url,
          body: String(chunks),
        }),
      );
    });
    const { http, events, violations } = capability();
    const body = new TextEncoder().encode('hello');
    const response = await http.request({
      url: `${url}/p?q=secret#frag`,
      method: 'post',
      headers: { 'X-Mine': ' 1 ', Host: new URL(url).host, 'Content-Length': '5', 'Accept-Encoding': 'zstd' },
      body,
    });
    expect(response).toMatchObject({ status: 201, headers: { 'x-answer': 'yes', 'set-cookie': 'a=1, b=2' } });
    expect(JSON.parse(text(response.body))).toEqual({
      host: new URL(url).host,
      connection: 'keep-alive',
      'user-agent': 'cordon',
      'accept-encoding': 'gzip, deflate, br',
      'content-length': '5',
      'x-mine': '1',
      method: 'POST',
      path: '/p?q=secret',
      body: 'hello',
    });
    expect(violations).toEqual([]);
    expect(events).toMatchObject([
      {
        plugin: 'acme',
        method: 'POST',
        url: `${url}/p?…`,
        status: 201,
        ok: true,
        requestBytes: 5,
        responseBytes: response.body.byteLength,
        redirects: 0,
      },
    ]);
  });

  it('has the status of the server, also where that is an error', async () => {
    const { url } = await serve((_, response) => response.writeHead(503).end('busy'));
    const { http } = capability();
    expect(await http.request({ url })).toMatchObject({
      status: 503,
      body: new TextEncoder().encode('busy'),
    });
  });

  it('for HEAD has no body, whatever length is announced', async () => {
    const { url } = await serve((_, response) =>
      response.writeHead(200, { 'content-length': 99_999_999, 'content-encoding': 'gzip' }).end(),
    );
    const { http } = capability();
    const response = await http.request({ url, method: 'HEAD' });
    expect(response).toMatchObject({ status: 200, headers: { 'content-length': '99999999' } });
    expect(response.body.byteLength).toBe(0);
  });

  it('that the network does not answer has status 0 and is no violation', async () => {
    const closed = createTcpServer();
    const port = await listen(closed);
    closed.close();
    await once(closed, 'close');
    const { http, events, violations } = capability();
    const response = await http.request({ url: `http://127.0.0.1:${port}` });
    expect(response).toMatchObject({ status: 0, failure: { code: 'ECONNREFUSED' } });
    expect(events).toMatchObject([{ ok: false, status: 0, failure: { code: 'ECONNREFUSED' } }]);
    expect(violations).toEqual([]);
  });

  it.each([
    ['ends before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'],
    ['is no HTTP', 'hello\r\n\r\n'],
    ['has a wrong chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    [
      'has both a length and chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
    ],
    [
      'switches the protocol',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['has no end of headers', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(10_000)}`],
    ['has one huge header', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['is nothing', ''],
  ])('whose answer %s has status 0', async (_, answer) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    const port = await listen(server);
    const { http } = capability();
    expect(await http.request({ url: `http://127.0.0.1:${port}` })).toMatchObject({ status: 0, headers: {} });
  });

  it('that is refused never reaches the network, and is a violation that names the side', async () => {
    const { http, violations, events } = capability({
      rules: granted({ host: '127.0.0.1', ports: [1] }),
      version: '1.0.0',
    });
    const refused = http.request({ url: 'http://127.0.0.1:2/x?token=secret' }, { callId: 'c1' });
    await expect(refused).rejects.toMatchObject({
      code: 'ERR_PERMISSION',
      plugin: 'acme',
      version: '1.0.0',
      callId: 'c1',
    });
    expect(violations).toEqual([
      {
        kind: 'http',
        callId: 'c1',
        message:
          "HTTP request of acme refused: GET http://127.0.0.1:2/x?…: the host's grants for acme do not include http://127.0.0.1, port 2, GET in http.",
        detail: {
          reason: 'grant',
          side: 'host',
          audited: false,
          method: 'GET',
          url: 'http://127.0.0.1:2/x?…',
          scheme: 'http',
          host: '127.0.0.1',
          port: 2,
          redirects: 0,
        },
      },
    ]);
    expect(JSON.stringify([violations, events])).not.toContain('secret');
    expect(events).toMatchObject([{ ok: false, code: 'ERR_PERMISSION', callId: 'c1' }]);
  });

  it('to what is no URL is an error of the guest and no violation', async () => {
    const { http, violations } = capability();
    await expect(http.request({ url: 'not a url' })).rejects.toMatchObject({ code: 'ERR_HOST_FUNCTION' });
    expect(violations).toEqual([]);
  });

  it.each([
    [{ Host: 'evil.example' }],
    [{ 'Transfer-Encoding': 'chunked' }],
    [{ 'Content-Length': '0' }],
    [{ Connection: 'x-secret' }],
    [{ Upgrade: 'h2c' }],
    [{ Expect: '100-continue' }],
    [{ 'Proxy-Authorization': 'x' }],
    [{ 'X-A': 'b\r\nX-C: d' }],
    [{ 'X-A: b\r\nX-C': 'd' }],
    [{ 'X-A': 'b\0' }],
  ])('with the headers %j is refused, and the server sees nothing', async (headers) => {
    let seen = 0;
    const { url } = await serve((_, response) => {
      seen++;
      response.end();
    });
    const { http, violations } = capability();
    await expect(http.request({ url, headers, body: new Uint8Array(3) })).rejects.toMatchObject({
      code: 'ERR_PERMISSION',
    });
    expect(violations).toMatchObject([{ detail: { reason: 'header' } }]);
    expect(seen).toBe(0);
  });

  it('whose body is too large cannot be sent', async () => {
    const { http } = capability();
    const body = new Uint8Array(MAX_REQUEST_BODY_BYTES + 1);
    await expect(http.request({ url: 'http://127.0.0.1:1', method: 'POST', body })).rejects.toMatchObject({
      code: 'ERR_HOST_FUNCTION',
      details: { limit: MAX_REQUEST_BODY_BYTES, observed: MAX_REQUEST_BODY_BYTES + 1 },
    });
  });

  it('goes to the given dispatcher in place of a socket, but never past the rules', async () => {
    const mock = new MockAgent();
    mock.disableNetConnect();
    mock.get('https://api.example').intercept({ path: '/v1', method: 'GET' }).reply(200, { mocked: true });
    const { http } = capability({ rules: granted('api.example'), dispatcher: mock });
    expect(JSON.parse(text((await http.request({ url: 'https://api.example/v1' })).body))).toEqual({
      mocked: true,
    });
    await expect(http.request({ url: 'https://other.example/' })).rejects.toMatchObject({
      code: 'ERR_PERMISSION',
    });
    await mock.close();
  });
});

describe('the time of a request', () => {
  const silent = async (
    first = '',
  ): Promise<{ url: string; closed: Promise<unknown>; connected: Promise<Socket> }> => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write(first));
    });
    const connected = once(server, 'connection').then(([socket]) => socket as Socket);
    const closed = connected.then((socket) => gone(socket));
    return { url: `http://127.0.0.1:${await listen(server)}`, closed, connected };
  };

  it.each([
    ['never answers', ''],
    ['stops within the headers', 'HTTP/1.1 200 OK\r\nX-A:'],
    ['stops within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
    ['stops within a gzip body', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f'],
    [
      'stops within the body of a redirect',
      'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 10\r\n\r\nabc',
    ],
  ])('ends at httpTimeoutMs where the server %s, and the socket is closed', async (_, first) => {
    const { url, closed } = await silent(first);
    const { http, events, violations } = capability({ limits: { httpTimeoutMs: 60 } });
    await expect(http.request({ url })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      details: { limit: 'httpTimeoutMs', value: 60 },
    });
    await closed;
    expect(events).toMatchObject([{ ok: false, code: 'ERR_TIMEOUT' }]);
    expect(violations).toEqual([]);
  });

  it('ends where bytes trickle without end', async () => {
    const { url } = await serve((_, response) => {
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const { http } = capability({ limits: { httpTimeoutMs: 80 } });
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('ends where interim answers come without end', async () => {
    const { url } = await serve((_, response) => {
      const drip = setInterval(() => response.writeProcessing(), 5);
      response.on('close', () => clearInterval(drip));
    });
    const { http } = capability({ limits: { httpTimeoutMs: 80 } });
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('covers a name server that never answers', async () => {
    const pool = new ConnectionPool({ lookup: () => {} });
    const { http } = capability({ rules: granted('a.example'), pool, limits: { httpTimeoutMs: 50 } });
    await expect(http.request({ url: 'http://a.example' })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    await pool.close();
  });

  it('of 0 is over at once', async () => {
    const { url } = await serve(() => {});
    const { http } = capability({ limits: { httpTimeoutMs: 0 } });
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('ends with the signal of its call, and the socket is closed', async () => {
    const { url, closed, connected } = await silent();
    const { http } = capability();
    const call = new AbortController();
    const request = http.request({ url }, { signal: call.signal });
    await connected;
    call.abort(new Error('why'));
    await expect(request).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: { message: 'why' } });
    await closed;
  });

  it('ends with the very error of a signal that was aborted with one of ours, also before it began', async () => {
    const { http } = capability();
    const deadline = cordonError('ERR_TIMEOUT', 'the call');
    await expect(
      http.request({ url: 'http://127.0.0.1:1' }, { signal: AbortSignal.abort(deadline) }),
    ).rejects.toBe(deadline);
  });

  it('leaves no listener on the signal', async () => {
    const { url } = await serve((_, response) => response.end());
    const { http } = capability();
    const call = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = call.signal;
    call.signal.addEventListener = (...args: unknown[]) => {
      listeners++;
      return Reflect.apply(addEventListener, call.signal, args);
    };
    call.signal.removeEventListener = (...args: unknown[]) => {
      listeners--;
      return Reflect.apply(removeEventListener, call.signal, args);
    };
    await http.request({ url }, { signal: call.signal });
    expect(listeners).toBe(0);
  });
});

describe('close', () => {
  it('ends what is running, and later requests', async () => {
    let closed: Promise<unknown> | undefined;
    const { url, server } = await serve((request) => {
      closed = gone(request.socket);
    });
    const { http } = capability();
    const running = http.request({ url });
    const settled = expect(running).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await once(server, 'request');
    await http.close();
    await settled;
    await closed;
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  it('closes idle sockets too', async () => {
    const sockets: Promise<unknown>[] = [];
    const { url, server } = await serve((_, response) => response.end());
    server.on('connection', (socket) => sockets.push(gone(socket)));
    const { http } = capability();
    await http.request({ url });
    await http.close();
    expect(sockets).toHaveLength(1);
    await Promise.all(sockets);
  });
});

describe('audit mode', () => {
  it('reports and lets through what only a grant is missing for', async () => {
    const { url, port } = await serve((_, response) => response.end('ok'));
    const asked = [{ host: '127.0.0.1' }];
    const hops: unknown[] = [];
    const { http, violations } = capability({
      rules: { ...granted(), asked },
      mode: 'audit',
      onHop: ({ host, method }) => hops.push([host, method]),
    });
    expect(text((await http.request({ url })).body)).toBe('ok');
    expect(violations).toMatchObject([
      { detail: { audited: true, host: '127.0.0.1', port, method: 'GET', scheme: 'http' } },
    ]);
    expect(hops).toEqual([['127.0.0.1', 'GET']]);
  });

  it('still refuses what no grant could allow', async () => {
    const pool = new ConnectionPool({ lookup: (_, __, callback) => callback(null, '127.0.0.1', 4) });
    const { http } = capability({ rules: granted(), mode: 'audit', pool });
    for (const url of ['file:///etc/passwd', 'http://user@127.0.0.1', 'http://rebind.example']) {
      await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_PERMISSION' });
    }
    await pool.close();
  });
});
