import { join } from 'node:path';
import { createHost, defineHostFunction, type ViolationEvent } from 'cordon';
import { pino as makePino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { caller, lab } from '../fixtures/guests/guests.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

const markdownGuest = caller({ render: ['@acme/highlight', 'echo'] });

it('the sample of the contract runs as it is written', async () => {
  const folder = temporaryFolder();
  writePlugin(join(folder, 'plugins', 'highlight'), lab, { name: '@acme/highlight', version: '2.3.0' });
  writePlugin(join(folder, 'plugins', 'markdown'), markdownGuest, {
    name: '@acme/markdown',
    version: '1.2.0',
    dependencies: { '@acme/highlight': '^2.0.0' },
    permissions: { http: ['api.github.com'] },
  });
  const cwd = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(cwd));
  const store = new Map([['theme', new Uint8Array([1])]]);
  const audited: ViolationEvent[] = [];
  const audit = (violation: ViolationEvent) => audited.push(violation);
  const pino = () => makePino({ level: 'silent' });
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());

  // biome-ignore format: word for word
  // biome-ignore-start lint/correctness/noUnusedFunctionParameters: word for word
  const host = await createHost({
    catalog: ['./plugins'],
    hostFunctions: { kv_read: defineHostFunction({ params: ['text'], result: 'bytes' }, (key, ctx) => store.get(key)) },
    grants: { '@acme/markdown': { http: ['api.github.com'] } },
    logger: pino(),
  });
  // biome-ignore-end lint/correctness/noUnusedFunctionParameters: word for word
  host.on('violation', (v) => audit(v));
  host.on('lifecycle', (e) => console.log(e.plugin, e.from, '->', e.to));

  const markdown = await host.load('@acme/markdown@^1.2'); // resolves, loads its dependencies first
  const out = await markdown.call('render', '# hello'); // Output
  expect(out.text()).toBe('# hello');
  expect(out.bytes()).toEqual(new TextEncoder().encode('# hello'));
  expect(() => out.json()).toThrow('not JSON');
  await host.close();
  expect(log.mock.calls.map((line) => line.join(' '))).toEqual([
    '@acme/highlight resolved -> loading',
    '@acme/highlight loading -> ready',
    '@acme/markdown resolved -> loading',
    '@acme/markdown loading -> ready',
    '@acme/markdown ready -> running',
    '@acme/highlight ready -> running',
    '@acme/highlight running -> ready',
    '@acme/markdown running -> ready',
    '@acme/markdown ready -> draining',
    '@acme/markdown draining -> unloaded',
    '@acme/highlight ready -> draining',
    '@acme/highlight draining -> unloaded',
  ]);
  expect(audited).toEqual([]);
});
