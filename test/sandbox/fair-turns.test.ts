import { describe, expect, it } from 'vitest';
import { FairTurns } from '../../src/sandbox/fair-turns.js';

/** Serves so many turns, each at the cost of who has it. */
function serve(turns: FairTurns<string>, costs: Readonly<Record<string, number>>, times: number): string {
  let served = '';
  for (let i = 0; i < times; i++) {
    const key = turns.next()!;
    served += key;
    turns.charge(key, costs[key]!);
  }
  return served;
}

const count = (served: string, key: string) => served.split(key).length - 1;

describe('turns among those that wait', () => {
  it('go round where all cost the same', () => {
    const turns = new FairTurns<string>();
    for (const key of 'abc') turns.join(key);
    expect(serve(turns, { a: 1, b: 1, c: 1 }, 6)).toBe('abcabc');
  });

  it('give each the same cost, not the same number', () => {
    const turns = new FairTurns<string>();
    turns.join('a');
    turns.join('b');
    const served = serve(turns, { a: 10, b: 1 }, 110);
    expect(count(served, 'a')).toBe(10);
    expect(count(served, 'b')).toBe(100);
  });

  it('give who comes late no more than those that waited before', () => {
    const turns = new FairTurns<string>();
    turns.join('a');
    serve(turns, { a: 1 }, 1000);
    turns.join('b');
    const served = serve(turns, { a: 1, b: 1 }, 20);
    expect(count(served, 'a')).toBe(10);
    expect(served.slice(0, 3)).toContain('b');
  });

  it('give who comes late no savings where not everybody may be chosen, either', () => {
    const turns = new FairTurns<string>();
    const anyone = () => true;
    const serveSome = (times: number): string => {
      let served = '';
      for (let i = 0; i < times; i++) {
        const key = turns.next(anyone)!;
        served += key;
        turns.charge(key, 1);
      }
      return served;
    };
    turns.join('a');
    turns.join('b');
    serveSome(1000);
    turns.join('late');
    expect(count(serveSome(30).replaceAll('late', 'l'), 'l')).toBeLessThanOrEqual(11);
  });

  it('are not won back by leaving: who comes again brings its debt', () => {
    const turns = new FairTurns<string>();
    turns.join('quiet');
    turns.join('flood');
    const served: string[] = [];
    for (let i = 0; i < 60; i++) {
      const key = turns.next()!;
      served.push(key);
      turns.leave(key);
      turns.charge(key, key === 'flood' ? 50 : 1);
      turns.join(key);
    }
    expect(served.filter((key) => key === 'flood').length).toBeLessThanOrEqual(2);
  });

  it('forget what was used while nobody else waited', () => {
    const turns = new FairTurns<string>();
    turns.join('a');
    turns.leave('a');
    turns.charge('a', 1000);
    turns.join('b');
    turns.join('a');
    expect(count(serve(turns, { a: 1, b: 1 }, 10), 'a')).toBe(5);
  });

  it('are given to none that is not wanted, that left, or that is gone', () => {
    const turns = new FairTurns<string>();
    for (const key of 'abc') turns.join(key);
    turns.leave('a');
    turns.forget('b');
    expect(turns.next((key) => key !== 'c')).toBeUndefined();
    expect(turns.next()).toBe('c');
    expect(turns.size).toBe(1);
    turns.charge('nobody', 5);
    turns.leave('nobody');
    turns.forget('c');
    expect(turns.next()).toBeUndefined();
  });

  it('give back what was paid too much', () => {
    const turns = new FairTurns<string>();
    turns.join('a');
    turns.join('b');
    turns.charge('a', 10);
    turns.charge('b', 5);
    turns.charge('a', -8);
    expect(turns.next()).toBe('a');
  });
});
