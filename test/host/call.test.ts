import { expect, it } from 'vitest';
import { lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';

it('sends text', async () => {
  const host = await openHost();
  const p = await host.load(plugin('lab', lab));
  expect((await p.call('echo', 'hällo')).text()).toBe('hällo');
  console.log((await rejection(p.call('trap'))).code);
});
