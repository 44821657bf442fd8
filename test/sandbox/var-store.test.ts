import { describe, expect, it } from 'vitest';
import { VarStore } from '../../src/sandbox/var-store.js';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('the vars that outlive an instance', () => {
  it('are each tenant’s own', () => {
    const store = new VarStore();
    store.keep('a', new Map([['name', bytes(1)]]));
    store.keep('b', new Map([['name', bytes(2)]]));
    expect(store.of('a')).toEqual(new Map([['name', bytes(1)]]));
    expect(store.of('b')).toEqual(new Map([['name', bytes(2)]]));
    expect(store.of('c')).toEqual(new Map());
  });

  it('are changed and deleted by what calls report', () => {
    const store = new VarStore();
    store.keep(
      '',
      new Map([
        ['kept', bytes(1)],
        ['gone', bytes(2)],
      ]),
    );
    store.keep(
      '',
      new Map([
        ['kept', bytes(3)],
        ['gone', undefined],
      ]),
    );
    expect(store.of('')).toEqual(new Map([['kept', bytes(3)]]));
  });

  it('are handed on as they were: what the old version does later is its own', () => {
    const old = new VarStore();
    old.keep('', new Map([['name', bytes(1)]]));
    const next = new VarStore(old.snapshot());
    old.keep('', new Map([['name', bytes(2)]]));
    next.keep('', new Map([['more', bytes(3)]]));
    expect(next.of('')).toEqual(
      new Map([
        ['name', bytes(1)],
        ['more', bytes(3)],
      ]),
    );
    expect(old.of('')).toEqual(new Map([['name', bytes(2)]]));
  });
});
