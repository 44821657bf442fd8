import { describe, expect, it } from 'vitest';
import { VarStore } from '../../src/sandbox/var-store.js';

const bytes = (...values: number[]) => Uint8Array.from(values);
const changes = (entries: Readonly<Record<string, Uint8Array | undefined>>, all = false) => ({
  all,
  entries: new Map(Object.entries(entries)),
});

describe('the vars that outlive an instance', () => {
  it('are each tenant’s own', () => {
    const store = new VarStore('1.0.0');
    store.keep('a', changes({ name: bytes(1) }));
    store.keep('b', changes({ name: bytes(2) }));
    expect(store.of('a')).toEqual(new Map([['name', bytes(1)]]));
    expect(store.of('b')).toEqual(new Map([['name', bytes(2)]]));
    expect(store.of('c')).toEqual(new Map());
  });

  it('are changed and deleted by what calls report', () => {
    const store = new VarStore('1.0.0');
    store.keep('', changes({ kept: bytes(1), gone: bytes(2) }));
    store.keep('', changes({ kept: bytes(3), gone: undefined }));
    expect(store.of('')).toEqual(new Map([['kept', bytes(3)]]));
  });

  it('are replaced as a whole where a call reports all of them', () => {
    const store = new VarStore('1.0.0');
    store.keep('', changes({ old: bytes(1) }));
    store.keep('', changes({ new: bytes(2) }, true));
    expect(store.of('')).toEqual(new Map([['new', bytes(2)]]));
  });

  it('are handed on as they were: what the old version does later is its own', () => {
    const old = new VarStore('1.0.0');
    old.keep('', changes({ name: bytes(1) }));
    const next = new VarStore('2.0.0', old.snapshot());
    old.keep('', changes({ name: bytes(2) }));
    next.keep('', changes({ more: bytes(3) }));
    expect(Object.fromEntries(next.of(''))).toEqual({ name: bytes(1), more: bytes(3) });
    expect(Object.fromEntries(old.of(''))).toEqual({ name: bytes(2) });
  });

  it('are of the version that left them, until they are migrated or changed', () => {
    const old = new VarStore('1.0.0');
    for (const tenant of ['a', 'b', 'c']) old.keep(tenant, changes({ name: bytes(1) }));
    const next = new VarStore('2.0.0', old.snapshot());
    next.migrated('a');
    next.migrated('none');
    next.keep('b', changes({ name: bytes(2) }));
    const last = new VarStore('3.0.0', next.snapshot());
    expect(['a', 'b', 'c', 'none'].map((tenant) => last.versionOf(tenant))).toEqual([
      '2.0.0',
      '2.0.0',
      '1.0.0',
      undefined,
    ]);
  });

  it('are kept for the thousand tenants that used them last', () => {
    const store = new VarStore('1.0.0');
    for (let i = 0; i < 1000; i++) store.keep(`${i}`, changes({ n: bytes(1) }));
    store.keep('0', changes({ n: bytes(2) }));
    store.keep('one more', changes({ n: bytes(3) }));
    expect(store.of('1').size).toBe(0);
    for (const kept of ['0', '2', '999', 'one more']) expect(store.of(kept).size).toBe(1);
  });
});
