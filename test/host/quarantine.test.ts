import { defineHostFunction, type HostOptions } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { caller, ECHO, lab } from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin, rejection } from './open-host.js';

const QUARANTINED = { code: 'ERR_QUARANTINED' };
const openLab = async (quarantine: HostOptions['quarantine'] = {}) => {
  const host = await openHost({ quarantine });
  return { host, p: await host.load(plugin('p', lab)) };
};

it.each([[undefined], [null], [{ because: 'of this' }]])(
  'a quarantine for the reason %o is refused',
  async (reason) => {
    const { host, p } = await openLab();
    expect(() => host.quarantine('p', reason as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTIONS',
        plugin: 'p',
        message: expect.stringContaining('a text'),
      }),
    );
    expect(p.state).toBe('ready');
  },
);

describe('a plugin that goes too far', () => {
  it('is quarantined by its last violation, and its calls are refused', async () => {
    const { host, p } = await openLab({ maxViolations: 2 });
    const told = next(host, 'plugin:quarantined');
    await rejection(p.call('bad_output'));
    expect(p.state).toBe('idle');
    await rejection(p.call('recurse'));
    expect(await told).toMatchObject({
      plugin: 'p',
      to: 'quarantined',
      reason: expect.stringContaining('abi, stack'),
    });
    expect(p.state).toBe('quarantined');
    expect(host.health('p').status).toBe('quarantined');
    const error = await rejection(p.call('echo', 'x'));
    expect(error).toMatchObject({ ...QUARANTINED, plugin: 'p' });
    expect(error.message).toContain('host.release("p")');
  });

  it('has its waiting calls refused as well', async () => {
    const host = await openHost({ quarantine: { maxViolations: 1 }, budget: { concurrentCalls: 1 } });
    const p = await host.load(plugin('p', lab));
    const calls = [p.call('bad_output'), p.call('echo', 'a'), p.call('echo', 'b')].map((call) =>
      rejection(call),
    );
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual([
      'ERR_TRAP',
      'ERR_QUARANTINED',
      'ERR_QUARANTINED',
    ]);
  });

  it('is not one that fails by itself: errors and traps are no violations', async () => {
    const { p } = await openLab({ maxViolations: 1 });
    for (const name of ['fail', 'trap', 'divide', 'fail_silently']) await rejection(p.call(name));
    expect((await p.call('echo', 'still here')).text()).toBe('still here');
  });

  it('costs other plugins nothing', async () => {
    const { host, p } = await openLab({ maxViolations: 1 });
    const other = await host.load(plugin('other', lab));
    await rejection(p.call('bad_output'));
    expect((await other.call('echo', 'fine')).text()).toBe('fine');
  });
});

describe('a quarantine', () => {
  it('by hand has a reason, until it is released', async () => {
    const { host, p } = await openLab();
    host.quarantine('p', 'looked at me funny');
    expect(host.info('p')).toMatchObject({
      state: 'quarantined',
      stateReason: expect.stringContaining('looked at me funny'),
    });
    expect(await rejection(p.call('echo'))).toMatchObject(QUARANTINED);
    const released = next(host, 'lifecycle', ({ from }) => from === 'quarantined');
    host.release('p');
    expect((await released).to).toBe('ready');
    expect((await p.call('echo', 'back')).text()).toBe('back');
  });

  it('begins the count anew when it is released', async () => {
    const { host, p } = await openLab({ maxViolations: 2 });
    await rejection(p.call('bad_output'));
    await rejection(p.call('bad_output'));
    host.release('p');
    await rejection(p.call('bad_output'));
    expect(p.state).not.toBe('quarantined');
    await rejection(p.call('bad_output'));
    expect(p.state).toBe('quarantined');
  });

  it('suspends those who depend on it, and their release comes with it', async () => {
    const host = await openHost({
      catalog: [
        plugin('base', lab),
        plugin('middle', lab, { dependencies: { base: '*' } }),
        plugin('top', lab, { dependencies: { middle: '*' } }),
      ],
    });
    const top = await host.load('top');
    const aside = await host.load(plugin('aside', lab));
    host.quarantine('base', 'by hand');
    expect(host.list().map(({ name, state }) => [name, state])).toEqual([
      ['base', 'quarantined'],
      ['middle', 'quarantined'],
      ['top', 'quarantined'],
      ['aside', 'ready'],
    ]);
    const error = await rejection(top.call('echo'));
    expect(error).toMatchObject(QUARANTINED);
    expect(error.message).toContain('base');
    expect((await aside.call('echo', 'x')).text()).toBe('x');
    host.release('base');
    expect((await top.call('echo', 'x')).text()).toBe('x');
  });

  it('without cascade leaves those who depend on it, and refuses what they ask of it', async () => {
    const host = await openHost({
      quarantine: { cascade: false },
      catalog: [
        plugin('base', lab),
        plugin('top', caller({ go: ['base', 'echo'] }), { dependencies: { base: '*' } }),
      ],
    });
    const top = await host.load('top');
    host.quarantine('base', 'by hand');
    expect((await top.call('echo', 'mine')).text()).toBe('mine');
    expect(await rejection(top.call('go', 'theirs'))).toMatchObject(QUARANTINED);
  });

  it('lets running calls end', async () => {
    const { host, p } = await openLab();
    const running = next(host, 'plugin:running');
    const call = rejection(p.call('spin', '', { timeoutMs: 100 }));
    await running;
    host.quarantine('p', 'by hand');
    expect((await call).code).toBe('ERR_TIMEOUT');
    expect(p.state).toBe('quarantined');
  });

  it('is over by an unload, and a new load is free', async () => {
    const { host, p } = await openLab();
    host.quarantine('p', 'by hand');
    await p.unload();
    expect((await (await host.load(plugin('p', lab))).call('echo', 'new')).text()).toBe('new');
  });

  it('of a plugin that is not loaded is an error', async () => {
    const { host } = await openLab();
    expect(() => host.quarantine('nobody', 'x')).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
    expect(() => host.release('nobody')).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
  });

  it('that is no quarantine is released without effect', async () => {
    const { host, p } = await openLab();
    const events = collect(host, 'lifecycle');
    host.release('p');
    expect(events).toEqual([]);
    expect(p.state).toBe('ready');
  });
});

describe('a trial after releaseAfterMs', () => {
  it('frees the plugin where it behaves', async () => {
    const { host, p } = await openLab({ maxViolations: 1, releaseAfterMs: 0 });
    await rejection(p.call('bad_output'));
    expect(p.state).toBe('quarantined');
    const freed = next(host, 'lifecycle', ({ from }) => from === 'quarantined');
    expect((await p.call('echo', 'behaves')).text()).toBe('behaves');
    expect((await freed).reason).toContain('trial');
    expect((await p.call('echo', 'free')).text()).toBe('free');
    expect(p.state).toBe('ready');
  });

  it('keeps it where it does not', async () => {
    const { p } = await openLab({ maxViolations: 1, releaseAfterMs: 0 });
    await rejection(p.call('bad_output'));
    expect((await rejection(p.call('bad_load'))).code).toBe('ERR_TRAP');
    expect(p.state).toBe('quarantined');
  });

  it('is one call at a time', async () => {
    const { p } = await openLab({ maxViolations: 1, releaseAfterMs: 0 });
    await rejection(p.call('bad_output'));
    const results = await Promise.allSettled([p.call('echo', 'trial'), p.call('echo', 'too early')]);
    expect(results[0]!.status).toBe('fulfilled');
    expect(results[1]).toMatchObject({ status: 'rejected', reason: QUARANTINED });
  });
});

describe('weights', () => {
  it('make one kind count more, and another not at all', async () => {
    const { p } = await openLab({ maxViolations: 3, weights: { abi: 3, stack: 0 } });
    for (let n = 0; n < 4; n++) await rejection(p.call('recurse'));
    expect(p.state).not.toBe('quarantined');
    await rejection(p.call('bad_output'));
    expect(p.state).toBe('quarantined');
  });
});

it('a quarantine that comes while a new version starts holds that version', async () => {
  const hold = defineHostFunction({}, () => void host.quarantine('p', 'meanwhile'));
  const next = guest(() => `${ECHO} ${fn('on_activate', '(call $hold)')}`, {
    imports: '(import "extism:host/user" "hold" (func $hold))',
  });
  const permissions = { hostFunctions: ['hold'] };
  const host = await openHost({
    hostFunctions: { hold },
    grants: { '*': permissions },
    catalog: [plugin('p', lab), plugin('p', next, { version: '1.1.0', permissions })],
  });
  const p = await host.load('p@1.0.0');
  await host.reload('p', { to: '1.1.0' });
  expect([p.version, p.state]).toEqual(['1.1.0', 'quarantined']);
  expect(await rejection(p.call('echo', 'x'))).toMatchObject(QUARANTINED);
  host.release('p');
  expect((await p.call('echo', 'x')).text()).toBe('x');
});
