import { expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { collect, openHost, plugin, rejection } from './open-host.js';

/** Starts well until `break` was called; from then on, never again while its var is there. */
const fragile = guest(
  (text) => `
  ${ECHO}
  ${fn('on_activate', `(if (i64.ne (call $var_get ${text('broken')}) (i64.const 0)) (then (unreachable)))`)}
  ${fn('break', `(call $var_set ${text('broken')} (call $input_offset)) (unreachable)`)}`,
);

it('a plugin that does not start again is failed with its cause, and is tried again ever later', async () => {
  const host = await openHost();
  const p = await host.load(plugin('p', fragile));
  const starts = collect(host, 'plugin:loading');
  expect((await rejection(p.call('break', 'x'))).code).toBe('ERR_TRAP');
  const first = await rejection(p.call('echo', ''));
  expect(first).toMatchObject({ code: 'ERR_TRAP', plugin: 'p' });
  expect(first.details).not.toHaveProperty('retryInMs');
  expect(p.state).toBe('failed');
  expect((await rejection(p.call('echo', ''))).code).toBe('ERR_TRAP');
  expect(starts).toHaveLength(2);
  const refused = await rejection(p.call('echo', ''));
  expect(refused).toMatchObject({ code: 'ERR_TRAP', plugin: 'p', details: { failures: 2 } });
  expect(refused.message).toMatch(/tries again.*on_activate/);
  expect(p.state).toBe('failed');
  expect(starts).toHaveLength(2);
  expect(host.health('p')).toMatchObject({ status: 'unhealthy' });
  await expect
    .poll(async () => (await rejection(p.call('echo', ''))).details?.['failures'], { timeout: 5000 })
    .toBe(3);
  expect(starts).toHaveLength(3);
});

it('calls that come together while a plugin does not start fail together with its cause', async () => {
  const host = await openHost();
  const p = await host.load(plugin('p', fragile));
  await rejection(p.call('break', 'x'));
  const errors = await Promise.all(Array.from({ length: 20 }, () => rejection(p.call('echo', ''))));
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['ERR_TRAP']));
  expect(host.stats().queued).toBe(0);
});

it('reload tries at once', async () => {
  const host = await openHost({ catalog: [plugin('p', fragile)] });
  const p = await host.load('p');
  await rejection(p.call('break', 'x'));
  for (let i = 0; i < 3; i++) await rejection(p.call('echo', ''));
  expect(p.state).toBe('failed');
  // The vars go over to the new instance, and break it as well: the old one stays, failed.
  expect((await rejection(host.reload('p'))).code).toBe('ERR_TRAP');
  expect(p.state).toBe('failed');
  await host.unload('p');
  await host.load('p');
  expect((await host.call('p', 'echo', 'anew')).text()).toBe('anew');
});
