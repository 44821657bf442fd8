import { expect, it } from 'vitest';
import { emitLifecycle, hearsLifecycle } from '../../src/events/emit-lifecycle.js';
import type { HostEvents, LifecycleEvent } from '../../src/events/host-events.js';
import { SafeEmitter } from '../../src/events/safe-emitter.js';

it('emits a transition as lifecycle first and then under the name of the new state', () => {
  const seen: [string, LifecycleEvent][] = [];
  const events = new SafeEmitter<HostEvents<'ERR_STATE'>>((error) => {
    throw error;
  });
  const event: LifecycleEvent = { plugin: 'p', version: '1.0.0', from: 'loading', to: 'ready', at: 1 };
  events.on('plugin:ready', (e) => seen.push(['plugin:ready', e]));
  events.on('plugin:failed', (e) => seen.push(['plugin:failed', e]));
  events.on('lifecycle', (e) => seen.push(['lifecycle', e]));
  emitLifecycle(events, event);
  expect(seen).toEqual([
    ['lifecycle', event],
    ['plugin:ready', event],
  ]);
});

it('knows whether anybody listens, under either name', () => {
  const events = new SafeEmitter<HostEvents<'ERR_STATE'>>(() => {});
  const heard = () => [hearsLifecycle(events, 'ready'), hearsLifecycle(events, 'failed')];
  const nothing = () => {};
  expect(heard()).toEqual([false, false]);
  events.on('plugin:ready', nothing);
  expect(heard()).toEqual([true, false]);
  events.off('plugin:ready', nothing);
  events.once('lifecycle', nothing);
  expect(heard()).toEqual([true, true]);
});
