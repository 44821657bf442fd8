import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LifecycleEvent } from '../../src/events/host-events.js';
import { type EnterableState, PLUGIN_STATES, type PluginState } from '../../src/events/plugin-state.js';
import { Lifecycle } from '../../src/lifecycle/lifecycle.js';
import { isLegal, nextStates, TRANSITIONS } from '../../src/lifecycle/transitions.js';

function lifecycle() {
  const events: LifecycleEvent[] = [];
  let clock = 100;
  const life = new Lifecycle({
    plugin: '@acme/markdown',
    version: '1.2.0',
    onTransition: (event) => events.push(event),
    now: () => clock++,
  });
  return { life, events };
}

/** The shortest way to a state. */
function wayTo(target: PluginState): EnterableState[] {
  const ways: EnterableState[][] = [[]];
  for (const way of ways) {
    const at = way.at(-1) ?? 'resolved';
    if (at === target) return way;
    for (const next of nextStates(at)) if (!way.includes(next)) ways.push([...way, next]);
  }
  throw new Error(`no way to ${target}`);
}

describe('the table of transitions', () => {
  it.each(PLUGIN_STATES)('reaches "%s" from the beginning', (state) => {
    const { life } = lifecycle();
    for (const next of wayTo(state)) life.to(next);
    expect(life.state).toBe(state);
  });

  it('leads from every state to unloaded, where it ends', () => {
    for (const start of PLUGIN_STATES) {
      const reached = new Set<PluginState>([start]);
      for (const state of reached) for (const next of nextStates(state)) reached.add(next);
      expect(reached, start).toContain('unloaded');
    }
    expect(nextStates('unloaded')).toEqual([]);
  });

  it('never comes back to resolved, and has no way from a state to itself', () => {
    for (const state of PLUGIN_STATES) {
      expect(isLegal(state, 'resolved')).toBe(false);
      expect(isLegal(state, state)).toBe(false);
    }
  });

  it('lets every state that serves calls go into quarantine, and out again to ready or idle', () => {
    for (const state of ['loading', 'ready', 'running', 'idle', 'failed'] as const) {
      expect(isLegal(state, 'quarantined'), state).toBe(true);
    }
    expect(nextStates('quarantined')).toEqual(expect.arrayContaining(['ready', 'idle']));
  });

  it('is not fooled by names that every object has', () => {
    expect(isLegal('ready', 'constructor' as PluginState)).toBe(false);
    expect(isLegal('ready', '__proto__' as PluginState)).toBe(false);
  });
});

describe('Lifecycle', () => {
  it('reports each transition with a frozen payload', () => {
    const { life, events } = lifecycle();
    life.to('loading');
    life.to('failed', 'the module does not compile');
    expect(events).toEqual([
      { plugin: '@acme/markdown', version: '1.2.0', from: 'resolved', to: 'loading', at: 101 },
      {
        plugin: '@acme/markdown',
        version: '1.2.0',
        from: 'loading',
        to: 'failed',
        reason: 'the module does not compile',
        at: 102,
      },
    ]);
    expect(events.every((event) => Object.isFrozen(event))).toBe(true);
    expect(Object.hasOwn(events[0]!, 'reason')).toBe(false);
    expect(life.since).toBe(102);
  });

  it('refuses a transition that the table does not have, and stays where it was', () => {
    const { life, events } = lifecycle();
    life.to('loading');
    expect(() => life.to('running')).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE',
        plugin: '@acme/markdown',
        version: '1.2.0',
        message:
          'Plugin "@acme/markdown@1.2.0" cannot go from "loading" to "running": from "loading" it goes only to ' +
          '"ready", "idle", "failed", "unloaded", "quarantined"',
        details: {
          from: 'loading',
          to: 'running',
          legal: ['ready', 'idle', 'failed', 'unloaded', 'quarantined'],
        },
      }),
    );
    expect(life.state).toBe('loading');
    expect(events).toHaveLength(1);
  });

  it('says of an unloaded plugin that it goes nowhere any more', () => {
    const { life } = lifecycle();
    life.to('unloaded');
    expect(() => life.to('ready')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('nowhere') }),
    );
  });

  it('is in the new state already when it reports, so that the next transition may follow at once', () => {
    const states: PluginState[] = [];
    const life: Lifecycle = new Lifecycle({
      plugin: 'p',
      version: '1.0.0',
      onTransition: (event) => {
        states.push(life.state);
        if (event.to === 'loading') life.to('ready');
      },
    });
    life.to('loading');
    expect(states).toEqual(['loading', 'ready']);
  });

  it('follows the table exactly, whatever is asked of it', () => {
    const target = fc.constantFrom(...PLUGIN_STATES);
    fc.assert(
      fc.property(fc.array(target, { maxLength: 30 }), (targets) => {
        const { life, events } = lifecycle();
        let expected: PluginState = 'resolved';
        let moves = 0;
        for (const to of targets) {
          const legal = Object.keys(TRANSITIONS[expected]).includes(to);
          expect(life.can(to)).toBe(legal);
          if (legal) {
            life.to(to as EnterableState);
            expected = to;
            moves++;
          } else {
            expect(() => life.to(to as EnterableState)).toThrow(
              expect.objectContaining({ code: 'ERR_STATE' }),
            );
          }
          expect(life.state).toBe(expected);
        }
        expect(events).toHaveLength(moves);
      }),
    );
  });
});

describe('a lifecycle that knows who listens', () => {
  it('makes an event only of transitions that somebody hears of, and moves all the same', () => {
    const events: LifecycleEvent[] = [];
    const life = new Lifecycle({
      plugin: 'p',
      version: '1.0.0',
      onTransition: (event) => events.push(event),
      isHeard: (to) => to === 'ready',
      now: () => 5,
    });
    for (const next of ['loading', 'ready', 'running'] as const) life.to(next);
    expect([life.state, life.since]).toEqual(['running', 5]);
    expect(events.map(({ to }) => to)).toEqual(['ready']);
  });
});
