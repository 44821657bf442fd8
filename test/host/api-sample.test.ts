import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, Workspace } from '../docs/workspace.js';
import { wat } from '../wasm/wat.js';

/** The code of the contract's first section, word for word. */
const SAMPLE = `
import { createHost, defineManifest, defineHostFunction, definePlugin } from 'cordon';

const host = await createHost({
  catalog: ['./plugins'],
  hostFunctions: { kv_read: defineHostFunction({ params: ['text'], result: 'bytes' }, (key, ctx) => store.get(key)) },
  grants: { '@acme/markdown': { http: ['api.github.com'] } },
  logger: pino(),
});
host.on('violation', (v) => audit(v));
host.on('lifecycle', (e) => console.log(e.plugin, e.from, '->', e.to));

const markdown = await host.load('@acme/markdown@^1.2');   // resolves, loads its dependencies first
const out = await markdown.call('render', '# hello');       // Output
out.text(); out.json(); out.bytes();
await host.close();                                         // or: await using host = await createHost(...)
`;

/** What the sample takes for granted. */
const AROUND = `
import { pino } from 'pino';
const store = new Map<string, Uint8Array>([['greeting', new TextEncoder().encode('"hi"')]]);
const audit = (violation: { kind: string }): void => console.log('violation', violation.kind);
`;

const THREE_READS = 'out.text(); out.json(); out.bytes();';
const PRINTED = 'console.log(out.text());';

/** The sample, and how else it may be written. */
const SAMPLES = {
  verbatim: SAMPLE,
  // The Markdown example answers with HTML, of which `out.json()` rightly says that it is no JSON.
  html: SAMPLE.replace(THREE_READS, PRINTED),
  using: SAMPLE.replace(THREE_READS, PRINTED)
    .replace(/await host\.close\(\);.*\n/, '')
    .replace('const host =', 'await using host ='),
  granted: SAMPLE.replace("['api.github.com']", "['api.github.com'], hostFunctions: ['kv_read']")
    .replace('# hello', 'greeting')
    .replace(THREE_READS, `${THREE_READS} ${PRINTED}`),
};

/** A renderer that answers with HTML as JSON, so that the sample can be run as a whole. */
const JSON_RENDERER = `(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory 1)
  (data (i32.const 0) "\\"<h1>hello</h1>\\"")
  (func (export "render") (result i32) (local $at i64) (local $i i32)
    (local.set $at (call $alloc (i64.const 16)))
    (loop $copy
      (call $store
        (i64.add (local.get $at) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (local.get $i)))
      (br_if $copy (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (call $output (local.get $at) (i64.const 16))
    (i32.const 0)))`;

/** Answers with what the host's store has under the input. */
const STORE_READER = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/user" "kv_read" (func $read (param i64) (result i64)))
  (func (export "render") (result i32) (local $value i64)
    (local.set $value (call $read (call $input)))
    (call $output (local.get $value) (call $length (local.get $value)))
    (i32.const 0)))`;

const MANIFEST = {
  manifestVersion: 1,
  name: '@acme/markdown',
  version: '1.3.0',
  wasm: 'markdown.wasm',
  dependencies: { '@acme/highlight': '^2.0.0' },
};

const workspace = new Workspace();
let compiled: Ended;

beforeAll(async () => {
  const files = Object.entries(SAMPLES).map(([name, sample]) => {
    workspace.addExamples(`${name}/plugins`);
    workspace.write(`${name}/sample.ts`, AROUND + sample);
    return `${name}/sample.ts`;
  });
  addRenderer('verbatim', MANIFEST, JSON_RENDERER);
  addRenderer('granted', { ...MANIFEST, permissions: { hostFunctions: ['kv_read'] } }, STORE_READER);
  compiled = await workspace.compile(files);
}, 120_000);

afterAll(() => workspace.remove());

/** A newer version of the renderer, beside the one of the examples. */
function addRenderer(folder: string, manifest: object, text: string): void {
  workspace.write(`${folder}/plugins/newer/plugin.json`, JSON.stringify(manifest));
  workspace.write(`${folder}/plugins/newer/markdown.wasm`, wat(text));
}

/** What a run prints while both plugins live and are used once. */
function life(printed: string): string {
  return `@acme/highlight resolved -> loading
@acme/highlight loading -> ready
@acme/markdown resolved -> loading
@acme/markdown loading -> ready
@acme/markdown ready -> running
@acme/markdown running -> ready
${printed}@acme/markdown ready -> draining
@acme/markdown draining -> unloaded
@acme/highlight ready -> draining
@acme/highlight draining -> unloaded
`;
}

describe('the sample of the contract', () => {
  it('compiles against the built package', () => {
    expect(compiled).toMatchObject({ code: 0, stdout: '' });
  });

  const runs = (name: keyof typeof SAMPLES) => workspace.run(['sample.js'], name);

  it('runs word for word, and its process ends by itself', async () => {
    expect(await runs('verbatim')).toEqual({ code: 0, stdout: life(''), stderr: '' });
  });

  it('renders Markdown with the example plugins', async () => {
    const stdout = life('<h1 id="hello">hello</h1>\n\n');
    expect(await runs('html')).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('closes its host by `await using` as well', async () => {
    const stdout = life('<h1 id="hello">hello</h1>\n\n');
    expect(await runs('using')).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('serves its host function to a plugin that asks for it and is granted it', async () => {
    expect(await runs('granted')).toEqual({ code: 0, stdout: life('"hi"\n'), stderr: '' });
  });
});
