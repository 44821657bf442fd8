import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import createDefault, { createPlugin, type ManifestLike, newPlugin } from 'cordon/extism';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejection } from '../host/open-host.js';
import { assemble, guest, openPlugin } from './open-plugin.js';

const bytes = guest('(func (export "echo") (result i32) (call $give (call $input_offset)))');
const config = guest(
  '(func (export "get") (result i32) (call $give (call $config_get (call $input_offset))))',
);
const hash = createHash('sha256').update(bytes).digest('hex');
const wasmType = { headers: { 'content-type': 'application/wasm' } };
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-extism-'));
  path = join(folder, 'echo.wasm');
  await writeFile(path, bytes);
});
afterAll(() => rm(folder, { recursive: true }));

describe('a manifest', () => {
  it('is the same function under three names', () => {
    expect(createDefault).toBe(createPlugin);
    expect(newPlugin).toBe(createPlugin);
  });

  const kinds: [string, () => ManifestLike | PromiseLike<ManifestLike>][] = [
    ['a path', () => path],
    ['a file URL', () => pathToFileURL(path)],
    ['the text of a file URL', () => pathToFileURL(path).href],
    ['an ArrayBuffer', () => bytes.slice().buffer],
    ['a Uint8Array', () => bytes],
    [
      'a part of a larger buffer',
      () => Buffer.concat([Buffer.alloc(7), bytes, Buffer.alloc(9)]).subarray(7, -9),
    ],
    ['a Response', () => new Response(bytes, wasmType)],
    [
      'a Response of octets',
      () => new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } }),
    ],
    ['a Response with a JSON manifest', () => Response.json({ wasm: [{ path }] })],
    ['JSON', () => ` {"wasm":[{"path":${JSON.stringify(path)},"hash":"${hash}"}]}`],
    ['an object with data', () => ({ wasm: [{ data: bytes, hash }] })],
    ['an object with a Response', () => ({ wasm: [{ response: new Response(bytes, wasmType) }] })],
    ['an object with a file URL', () => ({ wasm: [{ url: pathToFileURL(path), name: 'main' }] })],
    ['a promise of one', async () => path],
  ];
  it.each(kinds)('may be %s', async (_, manifest) => {
    const plugin = await openPlugin(manifest());
    expect((await plugin.call('echo', 'hi'))?.text()).toBe('hi');
  });

  it('is fetched by the function that the options give', async () => {
    const asked: string[] = [];
    const answers: Record<string, Response> = {
      'https://a.test/m.json': Response.json({ wasm: [{ url: 'https://a.test/m.wasm' }] }),
      'https://a.test/m.wasm': new Response(bytes, wasmType),
    };
    const fetch = async (url: string | URL | Request) => {
      asked.push(String(url));
      return answers[String(url)]!;
    };
    const plugin = await openPlugin('https://a.test/m.json', { fetch });
    expect((await plugin.call('echo', 'hi'))?.text()).toBe('hi');
    expect(asked).toEqual(Object.keys(answers));
  });

  it.each([
    [{ config: { key: 'camel' } }, 'camel'],
    [{ config: { key: 'x' }, timeout_ms: 5000, memory: { maxPages: 100 }, allowed_hosts: [] }, 'x'],
  ])('has options, %j', async (options, expected) => {
    const plugin = await openPlugin(JSON.stringify({ wasm: [{ data: null, path }], ...options }));
    expect(await plugin.functionExists('echo')).toBe(true);
    const other = await openPlugin({ wasm: [{ data: config }], ...options });
    expect((await other.call('get', 'key'))?.text()).toBe(expected);
  });

  it('gives way to the options of the call', async () => {
    const manifest = { wasm: [{ data: config }], config: { key: 'manifest', more: 'x' } };
    const plugin = await openPlugin(manifest, { config: { key: 'options' } });
    expect((await plugin.call('get', 'key'))?.text()).toBe('options');
    expect(await plugin.call('get', 'more')).toBe(null);
  });

  it('in JSON with a timeout and snake case holds it', async () => {
    const spin = guest('(func (export "spin") (result i32) (loop $l (br $l)) (i32.const 0))');
    await writeFile(join(folder, 'spin.wasm'), spin);
    const plugin = await openPlugin(
      JSON.stringify({ wasm: [{ path: join(folder, 'spin.wasm') }], timeout_ms: 1500 }),
    );
    expect(await rejection(plugin.call('spin'))).toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'EXTISM: call canceled due to timeout',
    });
  });

  it('links modules by name, several functions in a circle too, and starts them', async () => {
    const lib = assemble(
      `(module (import "main" "one" (func $one (result i32))) (import "main" "ten" (func $ten (result i32)))
         (global $hundred (mut i32) (i32.const 0)) (func (export "_initialize") (global.set $hundred (i32.const 100)))
         (func (export "sum") (result i32) (i32.add (global.get $hundred) (i32.add (call $one) (call $ten)))))`,
    );
    const main = assemble(
      `(module (import "lib" "sum" (func $sum (result i32)))
         (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
         (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
         (import "extism:host/env" "output_set" (func $output (param i64 i64)))
         (func (export "one") (result i32) (i32.const 1)) (func (export "ten") (result i32) (i32.const 10))
         (func (export "go") (result i32) (local $at i64)
           (local.set $at (call $alloc (i64.const 1))) (call $store (local.get $at) (call $sum))
           (call $output (local.get $at) (i64.const 1)) (i32.const 0)))`,
    );
    const plugin = await openPlugin({ wasm: [{ name: 'lib', data: lib }, { data: main }] });
    expect((await plugin.call('go'))?.getUint8(0)).toBe(111);
  });

  const bad: [string, unknown, string, RegExp][] = [
    ['nothing', {}, 'ERR_MANIFEST', /Expected "wasm" key in manifest/],
    ['null', null, 'ERR_MANIFEST', /Expected "wasm" key/],
    ['a number', 7, 'ERR_MANIFEST', /Expected "wasm" key/],
    ['wasm that is no list', { wasm: 'x' }, 'ERR_MANIFEST', /Expected "manifest.wasm" to be array/],
    ['an empty list', { wasm: [] }, 'ERR_MANIFEST', /must designate one "main" module/],
    ['an item of nothing', { wasm: [{}] }, 'ERR_MANIFEST', /bad item at index 0/],
    ['an item that is null', { wasm: [null] }, 'ERR_MANIFEST', /bad item at index 0/],
    [
      'an item with empty data',
      { wasm: [{ data: undefined }] },
      'ERR_MANIFEST',
      /Unrecognized wasm item at index 0/,
    ],
    ['data that is text', { wasm: [{ data: 'abc' }] }, 'ERR_MANIFEST', /is no bytes/],
    ['broken JSON', '{', 'ERR_MANIFEST', /no JSON/],
    ['no main', { wasm: [{ data: bytes, name: 'a' }] }, 'ERR_MANIFEST', /must designate one "main" module/],
    [
      'two of a name',
      { wasm: [{ data: bytes, name: 'main' }, { data: bytes }] },
      'ERR_MANIFEST',
      /another module has it/,
    ],
    [
      'a name of the host',
      { wasm: [{ data: bytes, name: 'extism:host/env' }, { data: bytes }] },
      'ERR_MANIFEST',
      /the host's own/,
    ],
    [
      'an empty hash',
      { wasm: [{ data: bytes, hash: '' }] },
      'ERR_INTEGRITY',
      /hash mismatch. Expected: . Actual: [0-9a-f]{64}/,
    ],
    [
      'a short hash',
      { wasm: [{ data: bytes, hash: hash.slice(0, 8) }] },
      'ERR_INTEGRITY',
      /Plugin error: hash mismatch/,
    ],
    ['bytes that are no module', new Uint8Array(8), 'ERR_BYTECODE', /./],
    [
      'HTML',
      new Response('<p>', { headers: { 'content-type': 'text/html' } }),
      'ERR_MANIFEST',
      /expected content-type/,
    ],
    ['404', new Response('', { status: 404, ...wasmType }), 'ERR_MANIFEST', /answered 404/],
    ['a compiled module', new WebAssembly.Module(bytes), 'ERR_MANIFEST', /cannot be held to limits/],
    [
      'a compiled module in it',
      { wasm: [{ module: new WebAssembly.Module(bytes) }] },
      'ERR_MANIFEST',
      /cannot be held to limits/,
    ],
  ];
  it.each(bad)('is refused: %s', async (_, manifest, code, message) => {
    const error = await rejection(createPlugin(manifest as never));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('with a path that is not there rejects as the file system does', async () => {
    await expect(createPlugin(join(folder, 'nothing.wasm'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('options', () => {
  const bad: [object, RegExp][] = [
    [{ timeoutMs: 0 }, /"timeoutMs" is 0; expected .*leave it out/],
    [{ timeoutMs: '5' }, /"timeoutMs" is "5"/],
    [{ memory: { maxPages: 0 } }, /"memory.maxPages" is 0/],
    [
      { memory: { maxPages: 1e9 } },
      /"memory.maxPages" is 1000000000; expected a whole number from 1 to 65536/,
    ],
    [{ memory: 5 }, /"memory" is 5/],
    [{ config: { a: 1 } }, /"config\["a"\]" is 1; expected a string/],
    [{ config: [] }, /"config" is a list/],
    [{ allowedHosts: 'a.test' }, /"allowedHosts" is "a.test"; expected a list/],
    [{ allowedHosts: [5] }, /"allowedHosts\[0\]" is 5/],
    [{ allowedHosts: ['!a.test'] }, /"allowedHosts" has "!a.test"/],
    [{ allowedPaths: { '/a': 5 } }, /"allowedPaths\["\/a"\]" is 5/],
    [{ allowedPaths: { '/a': '/nowhere/at/all' } }, /cannot be mounted/],
    [{ allowedPaths: { '../a': '.' } }, /expected a folder of the guest/],
    [{ logger: {} }, /"logger" is {}/],
    [{ logLevel: 'loud' }, /unrecognized log level "loud"; expected one of "trace"/],
    [{ fetch: 'x' }, /"fetch" is "x"/],
  ];
  it.each(bad)('%j are refused', async (options, message) => {
    const error = await rejection(createPlugin({ wasm: [{ data: bytes }] }, options as never));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toMatch(message);
  });

  it('that the SDK has for its workers are accepted', async () => {
    const plugin = await openPlugin(path, {
      runInWorker: true,
      sharedArrayBufferSize: 1 << 20,
      nodeWorkerArgs: { name: 'x' },
    });
    expect((await plugin.call('echo', 'x'))?.text()).toBe('x');
  });
});
