import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectionPool } from '../../../src/bridge/http/connection-pool.js';
import { capability, gone, granted, serve, text } from './loopback.js';

/** A server that answers when it is told to, and counts its sockets. */
async function gate() {
  const waiting: ServerResponse[] = [];
  let open = 0;
  let most = 0;
  const { url, server } = await serve((_, response) => {
    waiting.push(response);
    server.emit('held');
  });
  server.on('connection', (socket) => {
    most = Math.max(most, ++open);
    socket.once('close', () => open--);
  });
  const firstGone = once(server, 'connection').then(([socket]) => gone(socket));
  const held = async (count: number) => {
    while (waiting.length < count) await once(server, 'held');
  };
  return { url, held, waiting, firstGone, stats: () => ({ open, most }) };
}

function pooled(connections?: number): ConnectionPool {
  const pool = new ConnectionPool({ connections });
  onTestFinished(() => pool.close());
  return pool;
}

describe('connections', () => {
  it('of a plugin never exceed its limit; further requests wait in order and then run', async () => {
    const { url, held, waiting, stats } = await gate();
    const pool = pooled();
    const { http, events } = capability({ pool, limits: { connections: 2 } });
    const done: number[] = [];
    const requests = [0, 1, 2, 3, 4].map((i) =>
      http.request({ url: `${url}/${i}` }).then(() => done.push(i)),
    );
    for (let left = 5; left > 0; left--) {
      await held(Math.min(2, left));
      expect(waiting.length).toBeLessThanOrEqual(2);
      waiting.shift()!.end();
    }
    await Promise.all(requests);
    expect(stats().most).toBe(2);
    expect(events.filter(({ queuedMs }) => queuedMs > 0).length).toBeGreaterThanOrEqual(3);
    expect(pool.stats).toEqual({ open: 2, idle: 2, waiting: 0 });
  });

  it('of all plugins never exceed the limit of the host, and an idle one of another plugin makes way', async () => {
    const { url, held, waiting, firstGone } = await gate();
    const pool = pooled(1);
    const one = capability({ pool });
    const two = capability({ pool });
    const first = one.http.request({ url });
    await held(1);
    waiting.shift()!.end();
    await first;
    expect(pool.stats).toEqual({ open: 1, idle: 1, waiting: 0 });
    const second = two.http.request({ url });
    await held(1);
    expect(pool.stats).toEqual({ open: 1, idle: 0, waiting: 0 });
    await firstGone;
    waiting.shift()!.end();
    await second;
  });

  it('make way within a plugin when it turns to another origin', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => serve((_, response) => response.end('ok'))));
    const pool = pooled();
    const { http } = capability({ pool, limits: { connections: 1 } });
    for (const { url } of servers) expect(text((await http.request({ url })).body)).toBe('ok');
    expect(pool.stats.open).toBe(1);
  });

  it('are waited for within the time of the request', async () => {
    const { url, held, waiting } = await gate();
    const pool = pooled(1);
    const slow = capability({ pool });
    const hasty = capability({ pool, limits: { httpTimeoutMs: 50 } });
    const first = slow.http.request({ url });
    await held(1);
    await expect(hasty.http.request({ url })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(pool.stats).toEqual({ open: 1, idle: 0, waiting: 0 });
    waiting.shift()!.end();
    await first;
  });

  it.each([
    ['limits.connections', 0, 10],
    ['budget.connections', 8, 0],
  ])('cannot be had where %s is 0', async (limit, connections, host) => {
    const { http } = capability({ pool: pooled(host), limits: { connections } });
    await expect(http.request({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'ERR_BUSY',
      details: { limit },
    });
  });

  it('are used again by their plugin and by no other', async () => {
    const { url } = await serve((request, response) => response.end(String(request.socket.remotePort)));
    const pool = pooled();
    const one = capability({ pool });
    const two = capability({ pool });
    const port = async ({ http }: typeof one) => text((await http.request({ url })).body);
    const first = await port(one);
    expect(await port(one)).toBe(first);
    expect(await port(two)).not.toBe(first);
  });

  it('that a literal grant opened do not serve a plugin whose grant is not literal', async () => {
    const { url } = await serve((_, response) => response.end('private'));
    const pool = pooled();
    const named = capability({ pool });
    const star = capability({ pool, rules: granted('*') });
    expect(text((await named.http.request({ url })).body)).toBe('private');
    await expect(star.http.request({ url })).rejects.toMatchObject({ code: 'ERR_PERMISSION' });
  });

  it('are not used again after a body that was cut short', async () => {
    const { url, server } = await serve((_, response) => response.end(Buffer.alloc(2_000_000)));
    const closed = once(server, 'connection').then(([socket]) => gone(socket));
    const pool = pooled();
    const { http } = capability({ pool });
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_OUTPUT' });
    await closed;
  });

  it('that the server dropped while idle cost a GET nothing, and a POST is not sent twice', async () => {
    let requests = 0;
    const seen = new Map<number | undefined, number>();
    const { url } = await serve((request, response) => {
      requests++;
      const port = request.socket.remotePort;
      const count = (seen.get(port) ?? 0) + 1;
      seen.set(port, count);
      if (count > 1) request.socket.destroy();
      else response.end('ok');
    });
    const { http } = capability();
    await http.request({ url });
    expect(text((await http.request({ url })).body)).toBe('ok');
    expect(requests).toBe(3);
    const body = new Uint8Array(1);
    expect(await http.request({ url, method: 'POST', body })).toMatchObject({ status: 0 });
    expect(requests).toBe(4);
  });

  it('of a closed plugin are closed, and those of others stay', async () => {
    const { url, held, waiting } = await gate();
    const pool = pooled();
    const one = capability({ pool });
    const two = capability({ pool });
    const ended = expect(one.http.request({ url })).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    const kept = two.http.request({ url });
    await held(2);
    await one.http.close();
    await ended;
    expect(pool.stats.open).toBe(1);
    for (const response of waiting) response.end('kept');
    expect(text((await kept).body)).toBe('kept');
  });

  it('cannot be had from a closed pool, and waits end with it', async () => {
    const { url, held } = await gate();
    const pool = pooled(1);
    const { http } = capability({ pool });
    const ends = [http.request({ url }), http.request({ url })].map((request) =>
      request.then(
        ({ status }) => status,
        (error: { code: string }) => error.code,
      ),
    );
    await held(1);
    await pool.close();
    expect(await ends[1]).toBe('ERR_CLOSED');
    await ends[0];
    expect(pool.stats).toEqual({ open: 0, idle: 0, waiting: 0 });
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });
});
