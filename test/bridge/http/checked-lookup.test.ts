import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectionPool } from '../../../src/bridge/http/connection-pool.js';
import { capability, granted, serve, text } from './loopback.js';

/** A resolver of our own, that counts. */
function resolver(answers: Record<string, string | string[]>): { lookup: LookupFunction; asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (name, options, callback) => {
    asked.push(name);
    const found = [answers[name] ?? []].flat();
    const list: LookupAddress[] = found.map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    if (options.all) callback(null, list);
    else callback(null, list[0]?.address ?? '', list[0]?.family);
  };
  return { lookup, asked };
}

function pooled(lookup: LookupFunction): ConnectionPool {
  const pool = new ConnectionPool({ lookup });
  onTestFinished(() => pool.close());
  return pool;
}

describe('a name', () => {
  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['0.0.0.0'],
    ['::'],
    ['::ffff:127.0.0.1'],
    ['::ffff:8.8.8.8'],
    ['64:ff9b::7f00:1'],
    ['fd00:ec2::254'],
    ['fe80::1'],
    ['224.0.0.1'],
    ['fe80::1%lo'],
  ])('that resolves to %s is refused, and nothing is connected', async (address) => {
    const { lookup } = resolver({ 'rebind.example': address });
    const { http, violations } = capability({
      rules: granted('*', 'localhost', '127.0.0.1', '::1'),
      pool: pooled(lookup),
    });
    await expect(http.request({ url: 'http://rebind.example:1/' })).rejects.toMatchObject({
      code: 'ERR_PERMISSION',
    });
    expect(violations).toMatchObject([
      { detail: { reason: 'address', side: 'host', address, host: 'rebind.example' } },
    ]);
  });

  it('with one bad address among good ones is refused', async () => {
    const { lookup } = resolver({ 'mixed.example': ['8.8.8.8', '2606:4700::1111', '10.0.0.1'] });
    const { http, violations } = capability({ rules: granted('*'), pool: pooled(lookup) });
    await expect(http.request({ url: 'http://mixed.example' })).rejects.toMatchObject({
      code: 'ERR_PERMISSION',
    });
    expect(violations).toMatchObject([{ detail: { address: '10.0.0.1', range: '10.0.0.0/8' } }]);
  });

  it('is resolved once for a connection, so that a second answer cannot differ from the judged one', async () => {
    const { url, port } = await serve((_, response) => response.end('ok'));
    const { lookup, asked } = resolver({ localhost: '127.0.0.1' });
    const { http } = capability({ rules: granted('localhost'), pool: pooled(lookup) });
    const target = url.replace('127.0.0.1', 'localhost');
    expect(text((await http.request({ url: target })).body)).toBe('ok');
    expect(text((await http.request({ url: target })).body)).toBe('ok');
    expect([asked, port > 0]).toEqual([['localhost'], true]);
  });

  it('is refused under a redirect, too', async () => {
    const { lookup } = resolver({ 'rebind.example': '127.0.0.1' });
    const { url } = await serve((_, response) =>
      response.writeHead(302, { location: 'http://rebind.example/' }).end(),
    );
    const { http, violations } = capability({
      rules: granted('127.0.0.1', 'rebind.example'),
      pool: pooled(lookup),
    });
    await expect(http.request({ url })).rejects.toMatchObject({ code: 'ERR_PERMISSION' });
    expect(violations).toMatchObject([{ detail: { reason: 'address', redirects: 1 } }]);
  });

  it('that does not exist is a network failure', async () => {
    const { lookup } = resolver({});
    const { http } = capability({ rules: granted('*'), pool: pooled(lookup) });
    expect(await http.request({ url: 'http://nowhere.example' })).toMatchObject({
      status: 0,
      failure: { code: 'ENOTFOUND' },
    });
  });

  it('localhost is refused where the resolver says that it is somewhere else', async () => {
    const { lookup } = resolver({ localhost: '8.8.8.8' });
    const { http } = capability({ rules: granted('localhost'), pool: pooled(lookup) });
    await expect(http.request({ url: 'http://localhost' })).rejects.toMatchObject({ code: 'ERR_PERMISSION' });
  });
});

describe('lookups', () => {
  it('of one plugin run one at a time, those of another beside them', async () => {
    const started: string[] = [];
    const pending: (() => void)[] = [];
    const events = new EventTarget();
    const lookup: LookupFunction = (name, _, callback) => {
      started.push(name);
      pending.push(() => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), '', 0));
      events.dispatchEvent(new Event('started'));
    };
    const pool = pooled(lookup);
    const one = capability({ rules: granted('*'), pool }).http;
    const two = capability({ rules: granted('*'), pool }).http;
    const requests = ['a', 'b'].map((name) => one.request({ url: `http://${name}.example` }));
    if (started.length === 0) await once(events, 'started');
    requests.push(two.request({ url: 'http://c.example' }));
    if (started.length === 1) await once(events, 'started');
    expect(started).toEqual(['a.example', 'c.example']);
    const next = once(events, 'started');
    for (const answer of pending.splice(0)) answer();
    await next;
    for (const answer of pending.splice(0)) answer();
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual([0, 0, 0]);
  });

  it('that nobody waits for any more are not started', async () => {
    const started: string[] = [];
    const answers: (() => void)[] = [];
    const lookup: LookupFunction = (name, _, callback) => {
      started.push(name);
      answers.push(() => callback(null, '10.0.0.1', 4));
    };
    const pool = pooled(lookup);
    const { http } = capability({ rules: granted('*'), pool, limits: { httpTimeoutMs: 50 } });
    const requests = ['a', 'b', 'c'].map((name) => http.request({ url: `http://${name}.example` }));
    expect((await Promise.allSettled(requests)).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'rejected',
    ]);
    for (const answer of answers.splice(0)) answer();
    await pool.close();
    expect(started).toEqual(['a.example']);
  });
});
