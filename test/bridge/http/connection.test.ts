import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { LookupFunction } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AddressRefused, LookupLane } from '../../../src/bridge/http/checked-lookup.js';
import { Connection } from '../../../src/bridge/http/connection.js';
import { ConnectionPool } from '../../../src/bridge/http/connection-pool.js';
import { capability, gone, granted, listen, serve, text } from './loopback.js';
import { CERT, KEY } from './tls-fixture.js';

function pooled(options: ConstructorParameters<typeof ConnectionPool>[0]): ConnectionPool {
  const pool = new ConnectionPool(options);
  onTestFinished(() => pool.close());
  return pool;
}

describe('a connection', () => {
  it('judges the address that its socket is connected to, also where nothing was looked up', async () => {
    const { url } = await serve((_, response) => response.end('private'));
    const connection = new Connection({
      origin: url,
      host: '127.0.0.1',
      literal: false,
      lane: new LookupLane(),
      onIdleEnd: () => {},
    });
    await expect(connection.client.request({ path: '/', method: 'GET' })).rejects.toBeInstanceOf(
      AddressRefused,
    );
    await connection.dispose();
  });

  it('for a literal rule is not leased for one that is not', async () => {
    const { url } = await serve((_, response) => response.end());
    const pool = pooled({});
    const member = { plugin: 'acme', connections: 8 };
    const lease = (literal: boolean) =>
      pool.lease(member, { origin: url, host: '127.0.0.1', literal }, new AbortController().signal);
    const first = await lease(true);
    const { body } = await first.connection.client.request({ path: '/', method: 'GET' });
    await body.dump();
    first.release(true);
    const second = await lease(false);
    expect(second.connection).not.toBe(first.connection);
    second.release(false);
    expect((await lease(true)).connection).toBe(first.connection);
  });

  it('that is given up while its name is looked up never reaches the server', async () => {
    let answer = () => {};
    const asked = new EventTarget();
    const lookup: LookupFunction = (_, __, callback) => {
      answer = () => callback(null, [{ address: '127.0.0.1', family: 4 }]);
      asked.dispatchEvent(new Event('asked'));
    };
    const { port, server, url } = await serve((_, response) => response.end('ok'));
    let connections = 0;
    server.on('connection', () => connections++);
    const pool = pooled({ lookup });
    const { http } = capability({ rules: granted('localhost', '127.0.0.1'), pool });
    const call = new AbortController();
    const waiting = once(asked, 'asked');
    const request = http.request({ url: `http://localhost:${port}` }, { signal: call.signal });
    await waiting;
    call.abort();
    await expect(request).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    await http.close();
    answer();
    // A later connection is accepted after any that the answer had started.
    expect(text((await capability().http.request({ url })).body)).toBe('ok');
    expect(connections).toBe(1);
  });

  it('leads to IPv6 literals', async () => {
    const { server } = await serve((request, response) => response.end(request.headers.host));
    server.close();
    await once(server, 'close');
    const port = await listen(server, '::1');
    const { http } = capability({ rules: granted('::1') });
    expect(text((await http.request({ url: `http://[::1]:${port}` })).body)).toBe(`[::1]:${port}`);
  });
});

describe('a connection over TLS', () => {
  const secure = async (host = '127.0.0.1') => {
    const server = createHttpsServer({ key: KEY, cert: CERT }, (_, response) => response.end('secret'));
    onTestFinished(() => server.closeAllConnections());
    return listen(server, host);
  };

  it.each(['localhost', '127.0.0.1'])('to %s works where the authority is trusted', async (host) => {
    const port = await secure();
    const { http } = capability({ rules: granted(host), pool: pooled({ tls: { ca: CERT } }) });
    expect(text((await http.request({ url: `https://${host}:${port}` })).body)).toBe('secret');
  });

  it('to a server that nobody vouches for, or that is another one, is a network failure', async () => {
    const port = await secure();
    const untrusting = capability({ rules: granted('localhost') });
    expect(await untrusting.http.request({ url: `https://localhost:${port}` })).toMatchObject({
      status: 0,
      failure: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    const other = await secure('::1');
    const { http } = capability({ rules: granted('::1'), pool: pooled({ tls: { ca: CERT } }) });
    expect(await http.request({ url: `https://[::1]:${other}` })).toMatchObject({
      status: 0,
      failure: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  it('to a server without TLS is a network failure', async () => {
    const { port } = await serve((_, response) => response.end());
    const { http } = capability();
    expect(await http.request({ url: `https://127.0.0.1:${port}` })).toMatchObject({ status: 0 });
  });
});

describe('what stays behind', () => {
  it('is no socket and no lookup after close, however requests ended', async () => {
    const count = () =>
      process
        .getActiveResourcesInfo()
        .filter((name) => /^(TCPSocketWrap|TLSWrap|GetAddrInfoReqWrap)$/.test(name));
    const sockets: Promise<void>[] = [];
    const { url, server } = await serve((request, response) => {
      if (request.url === '/hang') return;
      if (request.url === '/large') response.end(Buffer.alloc(2_000_000));
      else response.end('ok');
    });
    server.on('connection', (socket) => sockets.push(gone(socket)));
    const before = count().length;
    const pool = new ConnectionPool({ connections: 4 });
    const { http } = capability({ pool, limits: { httpTimeoutMs: 2000, connections: 4 } });
    const paths = ['/', '/hang', '/large', '/', '/hang', '/'];
    const ends = await Promise.allSettled(paths.map((path) => http.request({ url: url + path })));
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBe(3);
    await http.close();
    await pool.close();
    await Promise.all(sockets);
    expect(pool.stats).toEqual({ open: 0, idle: 0, waiting: 0 });
    expect(count().length).toBeLessThanOrEqual(before);
  });
});
