import { describe, expect, it } from 'vitest';
import { toI32 } from '../fixtures/guests/guest.js';
import { hooks, lab, spinsAtActivate, trapsAtStart } from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin, rejection } from './open-host.js';

const counts = (outputs: readonly { bytes(): Uint8Array }[]) =>
  outputs.map((output) => toI32(output.bytes()));

describe('a stateful plugin', () => {
  it('keeps its vars over a trap, not its memory', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    await p.call('keep', 'precious');
    await p.call('count');
    const restarted = next(host, 'plugin:restarted');
    await rejection(p.call('trap'));
    expect((await p.call('kept')).text()).toBe('precious');
    expect(await restarted).toMatchObject({ plugin: 'p', code: 'ERR_TRAP', restarts: 1 });
    expect(counts([await p.call('count')])).toEqual([1]);
  });

  it('keeps a var that was set in the very call that trapped', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    await rejection(p.call('keep_and_trap', 'set before the fall'));
    expect((await p.call('kept')).text()).toBe('set before the fall');
  });

  it('keeps it also where another instance is started in the very moment in which that one is lost', async () => {
    const host = await openHost({ budget: { instances: 1 } });
    const p = await host.load(plugin('p', lab));
    const traps = rejection(p.call('keep_and_trap', 'new', { tenant: 'a' }));
    // More than are sent ahead, so that some wait in the host.
    const kept = Array.from({ length: 30 }, () => p.call('kept', '', { tenant: 'a' }));
    // Has the plugin wait for room, and told of it when the instance is lost.
    const other = p.call('echo', 'in turn', { tenant: 'b' });
    expect((await traps).code).toBe('ERR_TRAP');
    const found = (await Promise.all(kept)).map((output) => output.text());
    expect(found).toEqual(Array(30).fill('new'));
    expect((await other).text()).toBe('in turn');
  });

  it('is one instance', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    await Promise.all(Array.from({ length: 50 }, () => p.call('echo')));
    expect(host.info('p').instances).toBe(1);
  });
});

describe('a plugin of fresh instances', () => {
  it('sees neither memory nor vars of another call', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab, { instance: 'per-call' }));
    expect(counts(await Promise.all([p.call('count'), p.call('count'), p.call('count')]))).toEqual([1, 1, 1]);
    await p.call('keep', 'secret');
    expect((await p.call('kept')).text()).toBe('');
    expect(p.state).toBe('ready');
    expect(host.info('p').instances).toBe(0);
  });

  it('is stopped like any other', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab, { instance: 'per-call' }));
    expect((await rejection(p.call('spin', '', { timeoutMs: 50 }))).code).toBe('ERR_TIMEOUT');
    expect((await rejection(p.call('trap'))).code).toBe('ERR_TRAP');
    expect((await p.call('echo', 'x')).text()).toBe('x');
  });

  it('runs its hook where it is loaded, and fails the load where that fails', async () => {
    const host = await openHost();
    const load = host.load(
      plugin('p', spinsAtActivate, { instance: 'per-call', limits: { startTimeoutMs: 50 } }),
    );
    expect((await rejection(load)).code).toBe('ERR_TIMEOUT');
  });
});

describe('a pool', () => {
  it('has as many instances as it says, and no more', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab, { instance: { pool: 3 } }));
    await Promise.all(Array.from({ length: 100 }, () => p.call('echo')));
    expect(host.info('p').instances).toBeLessThanOrEqual(3);
    expect(host.info('p').instances).toBeGreaterThan(1);
  });

  it('is no larger than the host’s limits.instances', async () => {
    const host = await openHost({ limits: { instances: 2 } });
    const p = await host.load(plugin('p', lab, { instance: { pool: 10 } }));
    await Promise.all(Array.from({ length: 100 }, () => p.call('echo')));
    expect(host.info('p').instances).toBeLessThanOrEqual(2);
  });

  it('goes on with the others where one is lost', async () => {
    const host = await openHost({ quarantine: { maxViolations: 100 } });
    const p = await host.load(plugin('p', lab, { instance: { pool: 2 } }));
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? p.call('trap') : p.call('echo', `${i}`))),
    );
    for (const [i, result] of results.entries())
      expect(result.status).toBe(i % 3 === 0 ? 'rejected' : 'fulfilled');
  });
});

describe('tenants', () => {
  it('never share an instance', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const calls = ['a', 'b', 'a', 'b', 'a', undefined].map((tenant) =>
      p.call('count', '', tenant === undefined ? {} : { tenant }),
    );
    expect(counts(await Promise.all(calls))).toEqual([1, 1, 2, 2, 3, 1]);
  });

  it('never share vars, also after a trap', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    await p.call('keep', 'of a', { tenant: 'a' });
    await p.call('keep', 'of b', { tenant: 'b' });
    await rejection(p.call('trap', '', { tenant: 'a' }));
    expect((await p.call('kept', '', { tenant: 'a' })).text()).toBe('of a');
    expect((await p.call('kept', '', { tenant: 'b' })).text()).toBe('of b');
    expect((await p.call('kept')).text()).toBe('');
  });

  it('more than limits.instances take turns, and keep their vars', async () => {
    const host = await openHost({ limits: { instances: 2 } });
    const p = await host.load(plugin('p', lab));
    const tenants = Array.from({ length: 8 }, (_, i) => `tenant ${i}`);
    await Promise.all(tenants.map((tenant) => p.call('keep', tenant, { tenant })));
    const kept = await Promise.all(tenants.map((tenant) => p.call('kept', '', { tenant })));
    expect(kept.map((output) => output.text())).toEqual(tenants);
    expect(host.info('p').instances).toBeLessThanOrEqual(2);
  });
});

describe('activation at the first call', () => {
  it('loads without starting, and starts with the call', async () => {
    const host = await openHost();
    const states = collect(host, 'lifecycle');
    const p = await host.load(plugin('p', hooks, { activation: 'call' }));
    expect(p.state).toBe('idle');
    expect(host.info('p').instances).toBe(0);
    expect((await p.call('kept')).text()).toBe('by on_activate');
    expect(states.map(({ to }) => to)).toEqual(['loading', 'idle', 'loading', 'ready', 'running', 'ready']);
  });

  it('that fails fails the calls that wait for it, and is tried again', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', trapsAtStart, { activation: 'call' }));
    const errors = await Promise.all([rejection(p.call('echo')), rejection(p.call('echo'))]);
    expect(errors.map(({ code }) => code)).toEqual(['ERR_TRAP', 'ERR_TRAP']);
    expect(p.state).toBe('failed');
    expect((await rejection(p.call('echo'))).code).toBe('ERR_TRAP');
  });

  it('starts one instance for many calls', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab, { activation: 'call' }));
    expect(counts(await Promise.all(Array.from({ length: 20 }, () => p.call('count'))))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });
});

describe('an idle plugin', () => {
  it('gives its instance up, and comes back with its vars', async () => {
    const host = await openHost({ idle: { unloadAfterMs: 0, sweepMs: 10 } });
    const idle = next(host, 'plugin:idle');
    const p = await host.load(plugin('p', lab));
    await idle;
    expect(host.info('p').instances).toBe(0);
    await p.call('keep', 'still mine');
    const again = next(host, 'plugin:idle');
    await again;
    expect((await p.call('kept')).text()).toBe('still mine');
  });

  it('is not one that has a call', async () => {
    const host = await openHost({ idle: { unloadAfterMs: 0, sweepMs: 10 } });
    const p = await host.load(plugin('p', lab));
    expect((await rejection(p.call('spin', '', { timeoutMs: 150 }))).code).toBe('ERR_TIMEOUT');
  });

  it('is one in quarantine, too: its instance goes after its time, and its vars come back with the release', async () => {
    const host = await openHost({
      idle: { unloadAfterMs: 0, sweepMs: 10 },
      plugins: { p: { pinned: true } },
    });
    const [p, q] = await host.load([plugin('p', lab), plugin('q', lab)]);
    await Promise.all([p!.call('keep', 'mine'), q!.call('keep', 'mine')]);
    for (const { name } of [p!, q!]) host.quarantine(name, 'by hand');
    await expect.poll(() => host.info('q').instances).toBe(0);
    expect([p!.state, q!.state]).toEqual(['quarantined', 'quarantined']);
    expect(host.info('p').instances).toBe(1);
    host.release('q');
    expect(q!.state).toBe('idle');
    expect((await q!.call('kept')).text()).toBe('mine');
  });

  it('in quarantine makes room in a budget for one that is called', async () => {
    const host = await openHost({ budget: { instances: 1 } });
    await host.load(plugin('bad', lab));
    host.quarantine('bad', 'by hand');
    const good = await host.load(plugin('good', lab));
    expect((await good.call('echo', 'room')).text()).toBe('room');
    expect(host.info('bad').instances).toBe(0);
  });
});
