import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type HostOptions } from 'cordon';
import { describe, expect, it } from 'vitest';
import { caller, hooks, lab } from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin, rejection, silent } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const QUARANTINED = { code: 'ERR_QUARANTINED' };

/** A host that puts a plugin into quarantine at its first violation, and keeps it. */
const open = (stateDirectory: string, options: HostOptions = {}) =>
  openHost({ ...options, stateDirectory, quarantine: { maxViolations: 1, ...options.quarantine } });

/** A host in which `p` went too far, closed. */
async function misbehave(stateDirectory: string, options: HostOptions = {}): Promise<void> {
  const host = await open(stateDirectory, options);
  const p = await host.load(plugin('p', lab));
  await rejection(p.call('bad_output'));
  expect(p.state).toBe('quarantined');
  await host.close();
}

describe('a quarantine with a state directory', () => {
  it('outlives its host: the plugin is loaded without having run, with its cause and evidence', async () => {
    const folder = join(temporaryFolder(), 'made', 'by Cordon');
    await misbehave(folder);
    expect(readdirSync(folder)).toEqual(['p.quarantine.json']);
    const host = await open(folder);
    const states = collect(host, 'lifecycle');
    const p = await host.load(plugin('p', lab));
    expect(states.map(({ to }) => to)).toEqual(['loading', 'quarantined']);
    expect(host.info('p')).toMatchObject({ instances: 0, stateReason: expect.stringContaining('abi') });
    const error = await rejection(p.call('echo', 'x'));
    expect(error).toMatchObject({
      ...QUARANTINED,
      details: { cause: 'violations', violations: [expect.any(String)] },
    });
  });

  it('does not let hooks run that a release lets run', async () => {
    const folder = temporaryFolder();
    const first = await open(folder);
    await first.load(plugin('h', hooks));
    first.quarantine('h', 'by hand');
    await first.close();
    const host = await open(folder);
    const p = await host.load(plugin('h', hooks));
    expect(host.info('h').instances).toBe(0);
    host.release('h');
    expect(p.state).toBe('idle');
    await p.call('echo', 'x');
    expect(host.info('h').instances).toBe(1);
  });

  it('is over when it is released, in later hosts too', async () => {
    const folder = temporaryFolder();
    await misbehave(folder);
    const host = await open(folder);
    const p = await host.load(plugin('p', lab));
    host.release('p');
    expect((await p.call('echo', 'back')).text()).toBe('back');
    await host.close();
    expect(readdirSync(folder)).toEqual([]);
    const later = await open(folder);
    expect((await later.load(plugin('p', lab))).state).toBe('ready');
  });

  it('outlives an unload, a reload and another version', async () => {
    const folder = temporaryFolder();
    await misbehave(folder);
    const catalog = [plugin('p', lab), plugin('p', lab, { version: '2.0.0' })];
    const host = await open(folder, { catalog });
    const p = await host.load('p@1');
    await host.reload('p', { to: '2' });
    expect(host.info('p')).toMatchObject({ version: '2.0.0', state: 'quarantined' });
    await host.unload('p');
    expect((await host.load('p@2')).state).toBe('quarantined');
    expect(await rejection(p.call('echo'))).toMatchObject(QUARANTINED);
  });

  it('keeps the time of the trial, and a trial that ends well frees for good', async () => {
    const folder = temporaryFolder();
    const trial = { quarantine: { releaseAfterMs: 0 } };
    await misbehave(folder, trial);
    const host = await open(folder, trial);
    const p = await host.load(plugin('p', lab));
    expect(p.state).toBe('quarantined');
    expect((await rejection(p.call('bad_output'))).code).toBe('ERR_TRAP');
    expect(p.state).toBe('quarantined');
    await host.close();
    expect(JSON.parse(readFileSync(join(folder, 'p.quarantine.json'), 'utf8'))).toMatchObject({
      failedTrials: 1,
    });
    const later = await open(folder, trial);
    const again = await later.load(plugin('p', lab));
    expect((await again.call('echo', 'trial')).text()).toBe('trial');
    expect((await again.call('echo', 'free')).text()).toBe('free');
    await later.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('suspends those who depend on it, and frees them with it', async () => {
    const folder = temporaryFolder();
    await misbehave(folder);
    const top = plugin('top', caller({ go: ['p', 'echo'] }), { dependencies: { p: '*' } });
    const host = await open(folder, { catalog: [plugin('p', lab), top] });
    const above = await host.load('top');
    expect(host.list().map(({ name, state }) => [name, state])).toEqual([
      ['p', 'quarantined'],
      ['top', 'quarantined'],
    ]);
    expect((await rejection(above.call('go'))).message).toContain('depends on "p@1.0.0"');
    host.release('p');
    expect((await above.call('go', 'x')).text()).toBe('x');
    await host.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is shared by hosts: each looks when it loads', async () => {
    const folder = temporaryFolder();
    const [a, b] = [await open(folder), await open(folder)];
    await a.load(plugin('p', lab));
    a.quarantine('p', 'by a');
    a.quarantine('p', 'by a again');
    await a.close();
    const p = await b.load(plugin('p', lab));
    expect(p.state).toBe('quarantined');
    expect((await rejection(p.call('echo'))).message).toContain('by a again');
  });

  it.each([
    ['empty', ''],
    ['no JSON', '{"plugin":'],
    ['of another shape', '{"quarantineVersion":1,"plugin":"p"}'],
    ['of a newer Cordon', '{"quarantineVersion":2}'],
    ['about another plugin', null],
    ['enormous', 'x'.repeat(2 * 1024 * 1024)],
  ])('whose file is %s holds its plugin, with a warning, and costs the others nothing', async (_, text) => {
    const folder = temporaryFolder();
    if (text === null) await misbehave(folder);
    const other =
      text === null ? readFileSync(join(folder, 'p.quarantine.json'), 'utf8').replace('"p"', '"q"') : text;
    writeFileSync(join(folder, 'p.quarantine.json'), other);
    const opened = await open(folder);
    const warned = next(opened, 'warning', ({ topic }) => topic === 'state');
    const p = await opened.load(plugin('p', lab));
    expect(await warned).toMatchObject({ detail: { plugin: 'p', file: join(folder, 'p.quarantine.json') } });
    expect(await rejection(p.call('echo'))).toMatchObject(QUARANTINED);
    expect((await (await opened.load(plugin('fine', lab))).call('echo', 'x')).text()).toBe('x');
    opened.release('p');
    expect((await p.call('echo', 'back')).text()).toBe('back');
    await opened.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that cannot be written is a warning, and in force', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'p.quarantine.json', 'in the way'), { recursive: true });
    const opened = await open(folder);
    const p = await opened.load(plugin('fine', lab));
    const warned = next(
      opened,
      'warning',
      ({ topic, message }) => topic === 'state' && message.includes('written'),
    );
    await opened.load(plugin('p', lab));
    opened.quarantine('p', 'by hand');
    expect(await warned).toMatchObject({ detail: { plugin: 'p' } });
    expect(await rejection(opened.call('p', 'echo'))).toMatchObject(QUARANTINED);
    expect(p.state).toBe('ready');
  });
});

it('a state directory that cannot be is an error of the options', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const error = await rejection(createHost({ logger: silent, stateDirectory: file }));
  expect(error).toMatchObject({ code: 'ERR_OPTIONS', details: { directory: file } });
});
