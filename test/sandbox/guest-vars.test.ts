import { describe, expect, it } from 'vitest';
import { GuestVars } from '../../src/sandbox/guest-vars.js';

const open = (initial: ReadonlyMap<string, Uint8Array> = new Map()) =>
  new GuestVars(initial, 1000, (wanted) => {
    throw new Error(`${wanted} bytes are too many`);
  });
const bytes = (...values: number[]) => new Uint8Array(values);

describe('the vars of an instance', () => {
  it('are nobody else’s', () => {
    const kept = new Map([['n', bytes(1)]]);
    const [one, other] = [open(kept), open(kept)];
    one.set('n', bytes(2));
    one.set('own', bytes(3));
    expect([other.get('n'), other.get('own'), kept.get('n')]).toEqual([bytes(1), undefined, bytes(1)]);
    const [bare, neighbour] = [open(), open()];
    bare.set('own', bytes(4));
    expect(neighbour.get('own')).toBeUndefined();
    expect(neighbour.takeChanges()).toBeUndefined();
  });

  it('tell what changed, once', () => {
    const vars = open(new Map([['old', bytes(1)]]));
    expect(vars.takeChanges()).toBeUndefined();
    vars.delete('never there');
    expect(vars.takeChanges()).toBeUndefined();
    vars.delete('old');
    vars.set('new', bytes(2));
    expect(vars.takeChanges()).toEqual({
      all: false,
      entries: new Map([
        ['old', undefined],
        ['new', bytes(2)],
      ]),
    });
    expect(vars.takeChanges()).toBeUndefined();
  });

  it('are counted from the first on, and held to their limit', () => {
    const vars = open();
    expect(vars.byteLength).toBe(0);
    vars.set('a', bytes(1, 2));
    expect(vars.byteLength).toBe(2 + 2 + 32);
    expect(() => vars.set('b', new Uint8Array(1000))).toThrow('too many');
    expect(vars.get('b')).toBeUndefined();
  });
});
