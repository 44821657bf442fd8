import { expect, it } from 'vitest';
import { Lifecycle } from '../../src/lifecycle/lifecycle.js';
import { callBegan, callEnded, instanceStarted } from '../../src/runtime/plugin-state.js';
import type { PluginUnit } from '../../src/runtime/plugin-unit.js';

function unit() {
  const states: string[] = [];
  const lifecycle = new Lifecycle({
    plugin: 'p',
    version: '1.0.0',
    onTransition: ({ to }) => states.push(to),
  });
  const pool = { instances: 0 };
  const made = { lifecycle, pool, calls: 0, manifest: { instance: 'stateful' } } as unknown as PluginUnit;
  lifecycle.to('loading');
  lifecycle.to('idle');
  states.length = 0;
  return { made, pool, states };
}

it('an instance that comes up when its call was given up leaves the plugin ready, and the next call ends as any other', () => {
  const { made, pool, states } = unit();
  callBegan(made, 0);
  // The call waits for room, and is given up; the instance that was being started for it comes up later.
  callEnded(made, 0);
  expect(states).toEqual(['loading', 'idle']);
  pool.instances = 1;
  instanceStarted(made);
  expect(made.lifecycle.state).toBe('ready');
  callBegan(made, 0);
  callEnded(made, 0);
  expect(states).toEqual(['loading', 'idle', 'loading', 'ready', 'running', 'ready']);
});

it('an instance that comes up under calls is running', () => {
  const { made, pool, states } = unit();
  callBegan(made, 0);
  callBegan(made, 0);
  pool.instances = 1;
  instanceStarted(made);
  callEnded(made, 0);
  callEnded(made, 0);
  expect(states).toEqual(['loading', 'ready', 'running', 'ready']);
});
