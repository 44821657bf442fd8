import { describe, expect, it } from 'vitest';
import { EvictionOrder } from '../../src/runtime/eviction-order.js';
import type { PluginUnit } from '../../src/runtime/plugin-unit.js';

interface Fake {
  readonly name: string;
  lastCallAt: number;
  mayGo: boolean;
}

function setUp(...calledAt: number[]) {
  const units: Fake[] = calledAt.map((lastCallAt, i) => ({ name: `${i}`, lastCallAt, mayGo: true }));
  let looks = 0;
  const order = new EvictionOrder(
    () => {
      looks++;
      return units as unknown as PluginUnit[];
    },
    (unit) => (unit as unknown as Fake).mayGo,
  );
  const next = (except?: Fake) => {
    const unit = order.next(except as unknown as PluginUnit) as unknown as Fake | undefined;
    // What it had is gone.
    if (unit) unit.mayGo = false;
    return unit?.name;
  };
  return { units, order, next, looks: () => looks };
}

describe('the order in which plugins give up their instances', () => {
  it('is that of their last calls, the longest ago first, and among equals that of their coming', () => {
    const { next, looks } = setUp(5, 0, 3, 0);
    expect([next(), next(), next(), next()]).toEqual(['1', '3', '2', '0']);
    expect(looks()).toBe(1);
    expect(next()).toBeUndefined();
  });

  it('leaves out who was called meanwhile, until nobody else is left', () => {
    const { units, next } = setUp(1, 2, 3);
    expect(next()).toBe('0');
    units[1]!.lastCallAt = 9;
    expect(next()).toBe('2');
    expect(next()).toBe('1');
  });

  it('leaves out who may not any more, and the one that it is for', () => {
    const { units, next } = setUp(1, 2, 3);
    units[0]!.mayGo = false;
    expect(next(units[1])).toBe('2');
    units[0]!.mayGo = true;
    expect(next(units[1])).toBe('0');
    expect(next(units[1])).toBeUndefined();
    expect(next()).toBe('1');
  });

  it('begins anew where a plugin is gone', () => {
    const { units, order, next, looks } = setUp(1, 2);
    expect(next()).toBe('0');
    units.splice(1, 1);
    order.forget();
    expect(next()).toBeUndefined();
    expect(looks()).toBe(2);
  });
});
