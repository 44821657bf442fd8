import { describe, expect, it } from 'vitest';
import { VIOLATION_KINDS, type ViolationKind } from '../../src/events/violation-event.js';
import { KINDS } from '../../src/violations/severity.js';
import { type LedgerOptions, ViolationLedger } from '../../src/violations/violation-ledger.js';

function ledger(options: LedgerOptions = {}) {
  const clock = { at: 1_000_000 };
  const book = new ViolationLedger({ now: () => clock.at, ...options });
  const record = (kind: ViolationKind = 'http', plugin = 'p', extra: object = {}) =>
    book.record({ plugin, version: '1.0.0', kind, message: 'went too far', ...extra });
  return { book, clock, record };
}

describe('ViolationLedger', () => {
  it('makes a frozen record with all that the event promises', () => {
    const { record } = ledger();
    const { violation } = record('http', '@acme/p', { callId: 'c1', detail: { host: 'evil.example' } });
    expect(violation).toEqual({
      id: expect.stringMatching(/^[0-9a-v]{23}$/),
      plugin: '@acme/p',
      version: '1.0.0',
      kind: 'http',
      severity: 'high',
      message: 'went too far',
      detail: { host: 'evil.example' },
      callId: 'c1',
      at: 1_000_000,
      count: 1,
    });
    expect(Object.isFrozen(violation)).toBe(true);
    expect(Object.isFrozen(violation.detail)).toBe(true);
    expect(Object.hasOwn(record().violation, 'callId')).toBe(false);
  });

  it('escapes and cuts the message', () => {
    const { record } = ledger();
    const { violation } = record('abi', 'p', { message: `a\nb\u001b${'x'.repeat(5000)}` });
    expect(violation.message).toMatch(/^a\\nb\\x1bx+… \[3980 more characters\]$/);
  });

  it('asks for quarantine at the third violation within a minute by default, of whatever kinds', () => {
    const { record } = ledger();
    expect(record('http').quarantine).toBe(false);
    expect(record('memory').quarantine).toBe(false);
    expect(record('log-flood').quarantine).toBe(true);
    expect(record('http').quarantine).toBe(true);
  });

  it('lets violations expire: three that are spread too far apart are not enough', () => {
    const { record, clock } = ledger({ maxViolations: 3, windowMs: 1000 });
    record();
    clock.at += 600;
    record();
    clock.at += 401;
    const third = record();
    expect(third.quarantine).toBe(false);
    expect(third.violation.count).toBe(2);
    clock.at += 1;
    expect(record().quarantine).toBe(true);
  });

  it('counts each plugin and each kind for itself', () => {
    const { record, book } = ledger();
    record('http', 'a');
    record('http', 'a');
    expect(record('http', 'b').violation.count).toBe(1);
    expect(record('fs', 'a').violation.count).toBe(1);
    expect(book.counts('a')).toEqual({ http: 2, fs: 1 });
    expect(book.counts('nobody')).toEqual({});
  });

  it('weighs kinds as it is told to, and one of weight 0 never asks for quarantine', () => {
    const { record } = ledger({ maxViolations: 3, weights: { integrity: 3, 'log-flood': 0, http: 0.5 } });
    expect(record('integrity', 'a').quarantine).toBe(true);
    expect(record('log-flood', 'a').quarantine).toBe(false);
    for (let i = 0; i < 5; i++) expect(record('http', 'b').quarantine).toBe(false);
    expect(record('http', 'b').quarantine).toBe(true);
  });

  it.each([
    [0, [true]],
    [1, [true]],
    [2, [false, true]],
    [Number.POSITIVE_INFINITY, [false, false, false, false]],
  ])('takes maxViolations %d at its word', (maxViolations, answers) => {
    const { record } = ledger({ maxViolations });
    expect(answers.map(() => record().quarantine)).toEqual(answers);
  });

  it('begins anew after a pardon, and remembers what happened until it is told to forget', () => {
    const { record, book } = ledger();
    record();
    record();
    book.pardon('p');
    expect(book.weight('p')).toBe(0);
    expect(record().quarantine).toBe(false);
    expect(book.recent('p')).toHaveLength(3);
    book.forget('p');
    expect(book.recent('p')).toEqual([]);
  });

  it('keeps only the latest violations through a flood, and still counts them all', () => {
    const { record, book, clock } = ledger({ keep: 4 });
    let count = 0;
    for (let i = 0; i < 20_000; i++) {
      clock.at += 1;
      count = record('log-flood').violation.count;
    }
    expect(count).toBe(20_000);
    expect(book.recent('p').map((violation) => violation.count)).toEqual([19_997, 19_998, 19_999, 20_000]);
  });

  it('remembers all that are there, and of plugins that are gone the latest hundred', () => {
    const there = new Set(['a', 'b']);
    const { record, book } = ledger({ isThere: (plugin) => there.has(plugin) });
    record('http', 'a');
    for (let i = 0; i < 250; i++) record('signature', `never-${i}`);
    record('http', 'b');
    const known = Array.from({ length: 250 }, (_, i) => book.recent(`never-${i}`).length);
    expect(known.slice(0, 150)).toEqual(Array(150).fill(0));
    expect(known.slice(150)).toEqual(Array(100).fill(1));
    expect([book.weight('a'), book.weight('b')]).toEqual([1, 1]);
  });

  it('has a severity and a weight of 1 for every kind', () => {
    expect(Object.keys(KINDS)).toEqual([...VIOLATION_KINDS]);
    for (const { weight } of Object.values(KINDS)) expect(weight).toBe(1);
  });
});
