import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { egressRules } from '../../host-sdk/extism/allowed-hosts.js';
import { checkUrl } from '../../src/policy/egress.js';
import { serve } from '../host/loopback-server.js';
import { rejection } from '../host/open-host.js';
import { assemble, guest, openPlugin } from './open-plugin.js';

const http = guest(
  `(func (export "get") (result i32) (call $give (call $http_request (call $input_offset) (i64.const 0))))
   (func (export "status") (result i32) (drop (call $http_request (call $input_offset) (call $input_offset)))
     (call $number (i64.extend_i32_u (call $http_status_code))))
   (func (export "headers") (result i32) (drop (call $http_request (call $input_offset) (i64.const 0)))
     (call $give (call $http_headers)))`,
);

describe('allowedHosts', () => {
  const cases: [string, string[], string[]][] = [
    ['example.com', ['example.com', 'EXAMPLE.com'], ['a.example.com', 'example.org']],
    ['*.example.com', ['a.example.com', 'a.b.example.com'], ['example.com', 'xexample.com']],
    ['*', ['example.com', '8.8.8.8'], ['localhost', '127.0.0.1', '10.0.0.1', '[::1]']],
    ['api-?.test', ['api-1.test'], ['api-.test', 'api-10.test']],
    ['{a,b}.test', ['a.test', 'b.test'], ['c.test', '{a,b}.test'.slice(1, 2)]],
    ['api.{eu,us}.{x,y}.test', ['api.eu.y.test', 'api.us.x.test'], ['api.eu.test']],
    ['[ab].test', ['a.test'], ['c.test']],
    ['[!ab].test', ['c.test'], ['a.test']],
    ['a.*.test', ['a.b.test', 'a.b.c.test'], ['a.test', 'aXtest']],
    ['localhost', ['localhost'], ['127.0.0.1']],
    ['127.0.0.1', ['127.0.0.1'], ['127.0.0.2', 'localhost']],
    ['127.*', [], ['127.0.0.1']],
    ['EXAMPLE.*', ['example.com'], []],
  ];
  it.each(cases)('%s', (entry, yes, no) => {
    const rules = egressRules('p', [entry]);
    const allowed = (host: string) => checkUrl(`http://${host}/`, 'GET', rules).allowed;
    expect(yes.filter((host) => !allowed(host))).toEqual([]);
    expect(no.filter(allowed)).toEqual([]);
  });

  it('lets requests to a literal address through, and no redirect to another host', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: 'http://localhost:1/' }).end();
      else response.writeHead(201, { 'x-a': 'b' }).end('page');
    });
    const plugin = await openPlugin(http, { allowedHosts: ['127.0.0.1'] });
    const request = (path: string) => JSON.stringify({ url: `http://127.0.0.1:${port}${path}` });
    expect((await plugin.call('get', request('/')))?.text()).toBe('page');
    expect((await plugin.call('status', request('/')))?.getBigUint64(0, true)).toBe(201n);
    expect(await plugin.call('headers', request('/'))).toBe(null);
    expect(await rejection(plugin.call('get', request('/away')))).toMatchObject({
      code: 'ERR_PERMISSION',
      message:
        'Call error: HTTP request to "http://localhost:1/" is not allowed (no allowedHosts match "localhost")',
    });
    const open = await openPlugin(http, { allowedHosts: ['127.0.0.1'], allowHttpResponseHeaders: true });
    expect((await open.call('headers', request('/')))?.json()).toMatchObject({ 'x-a': 'b' });
  });
});

describe('an own fetch', () => {
  it('sends the requests of the guest, of a size that is bounded', async () => {
    const fetch = vi.fn(async () => new Response('x'.repeat(100)));
    const options = { allowedHosts: ['a.test'], fetch };
    const plugin = await openPlugin({ wasm: [{ data: http }] }, options);
    expect((await plugin.call('get', '{"url":"http://a.test/x","headers":{"a":"b"}}'))?.byteLength).toBe(100);
    expect(fetch).toHaveBeenLastCalledWith(
      'http://a.test/x',
      expect.objectContaining({ method: 'GET', redirect: 'manual', headers: { a: 'b' } }),
    );
    expect((await rejection(plugin.call('get', '{"url":"http://b.test/"}'))).code).toBe('ERR_PERMISSION');
    const small = await openPlugin({ wasm: [{ data: http }], memory: { maxHttpResponseBytes: 99 } }, options);
    expect((await rejection(small.call('get', '{"url":"http://a.test/"}'))).code).toBe('ERR_OUTPUT');
  });

  it('that fails rejects the call with its own error', async () => {
    const mine = new TypeError('no network');
    const plugin = await openPlugin(http, { allowedHosts: ['a.test'], fetch: () => Promise.reject(mine) });
    await expect(plugin.call('get', '{"url":"http://a.test/"}')).rejects.toThrow('no network');
  });
});

const WRITES = assemble(`(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 100) "new.txt") (data (i32.const 200) "hello\\n")
  (data (i32.const 0) "\\c8\\00\\00\\00\\06\\00\\00\\00")
  (func (export "print") (result i32) (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 40))) (i32.const 0))
  (func (export "create") (result i32)
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 7) (i32.const 1) (i64.const 64) (i64.const 64) (i32.const 0) (i32.const 60))
      (then unreachable))
    (drop (call $write (i32.load (i32.const 60)) (i32.const 0) (i32.const 1) (i32.const 40))) (i32.const 0)))`);

describe('allowedPaths', () => {
  it('are written to, unless they are "ro:"', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-extism-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const readOnly = await openPlugin(WRITES, { useWasi: true, allowedPaths: { '/data': `ro:${folder}` } });
    expect((await rejection(readOnly.call('create'))).code).toMatch(/ERR_(PERMISSION|TRAP)/);
    const plugin = await openPlugin(WRITES, { useWasi: true, allowedPaths: { '/data': folder } });
    await plugin.call('create');
    expect(await readFile(join(folder, 'new.txt'), 'utf8')).toBe('hello\n');
  });
});

describe('the output of WASI', () => {
  it('goes to that of the process where it is wanted, and nowhere else', async () => {
    const written: unknown[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(text) > 0);
    onTestFinished(() => write.mockRestore());
    const lines: unknown[] = [];
    const logger = { ...console, info: (line: unknown) => lines.push(line) };
    const quiet = await openPlugin(WRITES, { useWasi: true, logger, logLevel: 'trace' });
    await quiet.call('print');
    expect(written).toEqual([]);
    const plugin = await openPlugin(WRITES, {
      useWasi: true,
      enableWasiOutput: true,
      logger,
      logLevel: 'trace',
    });
    await plugin.call('print');
    expect(written).toEqual(['hello\n']);
    expect(lines).toEqual([]);
  });
});

it('a file of the same name is not what a guest sees of the host', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-extism-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'new.txt'), 'old');
  const plugin = await openPlugin(WRITES, { useWasi: true });
  await rejection(plugin.call('create'));
  expect(await readFile(join(folder, 'new.txt'), 'utf8')).toBe('old');
});
