import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { collect, openHost, rejection } from '../host/open-host.js';
import { temporaryFolder } from '../host/plugin-folder.js';
import { exampleAt } from './contract.suite.js';

/** An example as it is, or with another manifest. */
function inMemory(name: string, change: object = {}) {
  const manifest = { ...JSON.parse(readFileSync(exampleAt(name), 'utf8')), ...change };
  const wasm = readFileSync(exampleAt(name).replace('plugin.json', `${name}.wasm`));
  return { manifest, wasm: new Uint8Array(wasm) };
}

describe('journal-zig', () => {
  it('opens, writes, reads and closes', async () => {
    const host = await openHost();
    const logs = collect(host, 'log');
    const journal = await host.load(exampleAt('journal-zig'));
    expect((await journal.call('write', 'môn 🌍')).text()).toBe('1 in all, 1 since the start');
    expect((await journal.call('write', 'tue')).text()).toBe('2 in all, 2 since the start');
    expect((await journal.call('read')).text()).toBe('môn 🌍\ntue\n');
    expect((await rejection(journal.call('write', ''))).message).toContain('EmptyEntry');
    await host.unload('@acme/journal-zig');
    expect(logs.map(({ message }) => message)).toEqual(['opened', 'closed']);
  });

  it('converts what version 0 left, and counts anew in the new instance', async () => {
    const host = await openHost({
      catalog: [inMemory('journal-zig', { version: '0.9.0' }), inMemory('journal-zig')],
    });
    const logs = collect(host, 'log');
    const journal = await host.load('@acme/journal-zig@0.9.0');
    await journal.call('write', 'a;b');
    await journal.reload({ to: '1.0.0' });
    expect(logs.map(({ message }) => message)).toContain('converted from 0.9.0');
    expect((await host.call('@acme/journal-zig', 'read')).text()).toBe('a\nb\n');
    expect((await host.call('@acme/journal-zig', 'write', 'c')).text()).toBe('3 in all, 1 since the start');
  });
});

describe('relay-c', () => {
  const grants = { '*': { plugins: ['@acme/contract-wat'], hostFunctions: ['lookup'] } };
  const hostFunctions = { lookup: defineHostFunction({ params: ['text'], result: 'text' }, () => undefined) };

  it('calls the plugin that its config names, which fails with its own error', async () => {
    const host = await openHost({
      catalog: [inMemory('relay-c'), inMemory('contract-wat')],
      grants,
      hostFunctions,
    });
    await host.load('@acme/contract-wat');
    const relay = await host.load('@acme/relay-c');
    expect((await relay.call('relay', 'Zoë')).text()).toBe('Hello, Zoë!');
  });

  it('counts in one instance, or in a fresh one each time, as the manifest says', async () => {
    for (const [instance, counts] of [
      ['per-call', ['1', '1', '1']],
      ['stateful', ['1', '2', '3']],
    ] as const) {
      const host = await openHost({ grants });
      const relay = await host.load(inMemory('relay-c', { instance }));
      const seen: string[] = [];
      for (let i = 0; i < 3; i++) seen.push((await relay.call('count')).text());
      expect(seen, instance).toEqual(counts);
    }
  });

  it('says what is missing in its config', async () => {
    const host = await openHost({ grants, config: { '@acme/relay-c': { plugin: '' } } });
    const relay = await host.load(exampleAt('relay-c'));
    expect((await rejection(relay.call('relay'))).message).toContain('config "plugin" and "fn" have to say');
  });
});

describe('notes-rust', () => {
  async function opened() {
    const folder = temporaryFolder();
    for (const name of ['notes', 'found']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'notes', 'b.txt'), 'tea and cake');
    writeFileSync(join(folder, 'notes', 'a.txt'), 'more tea, größer');
    writeFileSync(join(folder, 'secret.txt'), 'tea');
    const fs = { read: { '/notes': join(folder, 'notes') }, write: { '/found': join(folder, 'found') } };
    const host = await openHost({ grants: { '@acme/notes-rust': { fs } } });
    return { folder, host, notes: await host.load(inMemory('notes-rust', { permissions: { fs } })) };
  }

  it('searches a folder that it may read and writes to one that it may write', async () => {
    const { folder, notes } = await opened();
    expect((await notes.call('search', 'tea')).text()).toBe('a.txt\nb.txt');
    expect((await notes.call('search', 'cake')).text()).toBe('b.txt');
    expect((await notes.call('show', 'a.txt')).text()).toBe('more tea, größer');
    expect(readFileSync(join(folder, 'found', 'log.txt'), 'utf8')).toBe('tea: a.txt, b.txt\ncake: b.txt\n');
  });

  it('reports what it cannot read, and works on', async () => {
    const { notes } = await opened();
    expect((await rejection(notes.call('show', 'none.txt'))).code).toBe('ERR_GUEST');
    expect((await rejection(notes.call('search', ''))).message).toContain('the input is empty');
    expect((await notes.call('search', 'cake')).text()).toBe('b.txt');
  });

  it('does not leave its folder', async () => {
    const { folder, host, notes } = await opened();
    symlinkSync(join(folder, 'secret.txt'), join(folder, 'notes', 'link.txt'));
    const violations = collect(host, 'violation');
    expect((await rejection(notes.call('show', '../secret.txt'))).code).toMatch(/ERR_PERMISSION|ERR_GUEST/);
    expect((await rejection(notes.call('show', 'link.txt'))).code).toBe('ERR_PERMISSION');
    expect(violations.length).toBeGreaterThan(0);
  });
});
