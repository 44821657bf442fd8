import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlugin, type MockRequest, type TestOptions, type TestPlugin } from 'cordon/testing';
import 'cordon/testing/vitest';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { toI32 } from '../fixtures/guests/guest.js';
import { http as httpGuest } from '../fixtures/guests/guests.js';
import { serve } from '../host/loopback-server.js';
import { plugin, rejection } from '../host/open-host.js';

const folder = mkdtempSync(join(tmpdir(), 'cordon-recordings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const API = 'https://api.example.com';
const GET = (url: string, headers = {}) => JSON.stringify({ url, headers });

async function open(
  http: TestOptions['http'],
  hosts: readonly string[] = ['api.example.com'],
): Promise<TestPlugin> {
  const loaded = await loadPlugin(
    plugin('tested', httpGuest, { permissions: { http: hosts }, limits: { httpResponseBytes: 1000 } }),
    http === undefined ? {} : { http },
  );
  onTestFinished(() => loaded.close());
  return loaded;
}

describe('a table', () => {
  it('answers by method and address, with wildcards, the first that fits', async () => {
    const tested = await open({
      'POST https://api.example.com/users': 'not this',
      'GET https://api.example.com/users': { json: [{ id: 1 }], headers: { 'X-Total': '1' } },
      'https://api.example.com/*/raw/*.txt': new Uint8Array([114, 97, 119]),
      'https://api.example.com': 'root',
      '*': { status: 404, body: 'nothing here' },
    });
    const text = async (path: string) => (await tested.call('get', GET(API + path))).text();
    expect(await text('/users')).toBe('[{"id":1}]');
    expect(await text('/a/b/raw/x.txt')).toBe('raw');
    expect(await text('/')).toBe('root');
    expect(await text('/other')).toBe('nothing here');
    const call = await tested.call('status', GET(`${API}/other`, { Accept: 'text/plain' }));
    expect(toI32(call.bytes())).toBe(404);
    expect(call.httpRequests).toMatchObject([
      { method: 'GET', url: `${API}/other`, headers: { accept: 'text/plain' }, body: undefined, status: 404 },
    ]);
  });

  it('has redirects, which are judged again, and failures', async () => {
    const tested = await open({
      [`${API}/old`]: { status: 301, headers: { Location: '/new' } },
      [`${API}/new`]: 'arrived',
      [`${API}/away`]: { status: 302, headers: { location: 'https://evil.example.org/' } },
      [`${API}/down`]: { failure: 'ECONNREFUSED' },
      '*': 'never',
    });
    const call = await tested.call('get', GET(`${API}/old`));
    expect([call.text(), call.httpRequests.map(({ status }) => status)]).toEqual(['arrived', [301, 200]]);
    const away = await tested.call('get', GET(`${API}/away`));
    expect(away).toFailWith('ERR_PERMISSION', 'evil.example.org');
    expect(away).toViolate('http');
    expect(away.httpRequests).toHaveLength(1);
    const down = await tested.call('status', GET(`${API}/down`));
    expect([toI32(down.bytes()), down.httpRequests[0]!.status]).toEqual([0, 0]);
  });

  it('that has no answer fails the call, naming the request', async () => {
    const tested = await open({ [`${API}/known`]: '' });
    const call = await tested.call('get', GET(`${API}/unknown`));
    expect(call).toFailWith('ERR_HOST_FUNCTION', `No mock answers GET ${API}/unknown`);
    expect(call.error!.message).toContain(`${API}/known`);
    const none = await open(undefined);
    expect(await none.call('get', GET(API))).toFailWith(
      'ERR_HOST_FUNCTION',
      'the option "http" has no answers',
    );
  });

  it('does not take long for a pattern of many stars', async () => {
    const tested = await open({ [`${'*a'.repeat(2000)}*b`]: 'x', '*': 'rest' });
    expect((await tested.call('get', GET(`${API}/${'a'.repeat(2000)}`))).text()).toBe('rest');
  });
});

describe('a function', () => {
  it('answers what it knows', async () => {
    const handler = vi.fn(async ({ url }: MockRequest) => (url.endsWith('/yes') ? 'yes' : undefined));
    const tested = await open(handler);
    expect((await tested.call('get', GET(`${API}/yes`))).text()).toBe('yes');
    expect(await tested.call('get', GET(`${API}/no`))).toFailWith('ERR_HOST_FUNCTION', `GET ${API}/no`);
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it('may throw, or answer nonsense: that fails the call', async () => {
    const nonsense: unknown[] = [null, 5, { status: 0 }, { status: 'x' }, true];
    for (const answer of nonsense) {
      const tested = await open((() => answer) as never);
      expect(await tested.call('get', GET(API))).toFailWith('ERR_HOST_FUNCTION', 'is wrong: expected');
    }
    const tested = await open(() => {
      throw new Error('out of ideas');
    });
    expect(await tested.call('get', GET(API))).toFailWith('ERR_HOST_FUNCTION', 'out of ideas');
  });

  it('is held to the plugin’s limits and permissions', async () => {
    const tested = await open(() => 'x'.repeat(1001));
    expect(await tested.call('get', GET(API))).toFailWith('ERR_OUTPUT', 'httpResponseBytes is 1000');
    const refused = await tested.call('get', GET('https://other.example.com/'));
    expect(refused).toFailWith('ERR_PERMISSION');
    expect(refused).toViolate('http');
  });

  it('that never answers is ended with its call, and is a leak', async () => {
    const tested = await loadPlugin(plugin('tested', httpGuest, { permissions: { http: ['*'] } }), {
      http: () => new Promise(() => {}),
    });
    expect(await tested.call('get', GET(API), { timeoutMs: 50 })).toFailWith('ERR_TIMEOUT');
    expect(await rejection(tested.close())).toMatchObject({
      message: expect.stringContaining(`HTTP requests without an answer: ${API}/`),
    });
  });
});

describe('a recording', () => {
  it('is made of real requests, without secrets, and answers the same afterwards', async () => {
    let served = 0;
    const port = await serve((request, response) => {
      served++;
      if (request.url!.startsWith('/moved')) response.writeHead(302, { location: '/there' }).end();
      else if (request.url === '/binary') response.end(Buffer.from([0xff, 0xfe]));
      else
        response.setHeader('set-cookie', 'session=hush').setHeader('x-mine', 'hush').end(`answer ${served}`);
    });
    const origin = `http://127.0.0.1:${port}`;
    const file = join(folder, 'deep/recording.json');
    const headers = { authorization: 'Bearer hush', cookie: 'hush' };
    const ask = async (tested: TestPlugin) => [
      (await tested.call('get', GET(`${origin}/a?token=hush&page=1`, headers))).text(),
      (await tested.call('get', GET(`${origin}/a?token=hush&page=1`, headers))).text(),
      (await tested.call('get', GET(`${origin}/moved`))).text(),
      [...(await tested.call('get', GET(`${origin}/binary`))).bytes()],
    ];
    const recording = await open({ file, record: true, redactHeaders: ['X-Mine'] }, ['127.0.0.1']);
    const first = await ask(recording);
    expect(first).toEqual(['answer 1', 'answer 2', 'answer 4', [0xff, 0xfe]]);
    expect(existsSync(file)).toBe(false);
    await recording.close();
    expect(readFileSync(file, 'utf8')).not.toContain('hush');

    const replaying = await open({ file }, ['127.0.0.1']);
    expect(await ask(replaying)).toEqual(first);
    // The last answer stays.
    expect((await replaying.call('get', GET(`${origin}/a?token=other&page=1`))).text()).toBe('answer 2');
    expect(served).toBe(5);
    const call = await replaying.call('get', GET(`${origin}/new?token=hush`));
    expect(call).toFailWith('ERR_HOST_FUNCTION', 'has no answer to GET');
    expect(call.error!.message).toContain('/new?token=');
    expect(call.error!.message).not.toContain('hush');
    expect(call.error!.message).toContain('Record it anew');
  });

  it('that is not there, or is none, is refused at the load', async () => {
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const exchange = {
      request: { method: 'GET', url: API, headers: {} },
      response: { status: 9, headers: {} },
    };
    const bad = [
      join(folder, 'none.json'),
      write('text.json', 'nothing'),
      write('other.json', '{ "version": 2, "exchanges": [] }'),
      write('status.json', JSON.stringify({ version: 1, exchanges: [exchange] })),
      write('deep.json', '['.repeat(100_000)),
    ];
    for (const file of bad) {
      const error = await rejection(loadPlugin(plugin('tested', httpGuest), { http: { file } }));
      expect(error).toMatchObject({
        code: 'ERR_OPTIONS',
        message: expect.stringContaining('cannot be replayed'),
      });
    }
    const wrong = await rejection(
      loadPlugin(plugin('tested', httpGuest), { http: { file: 'x', recrod: true } as never }),
    );
    expect(wrong.code).toBe('ERR_OPTIONS');
  });
});
