import { describe, expect, it } from 'vitest';
import { Quarantine, type QuarantineOptions } from '../../src/violations/quarantine.js';
import { ViolationLedger } from '../../src/violations/violation-ledger.js';

const DEPENDENTS = [
  { plugin: 'page', version: '2.0.0' },
  { plugin: 'site', version: '3.0.0' },
];

function quarantine(options: QuarantineOptions = {}) {
  const clock = { at: 1000 };
  const ward = new Quarantine({ now: () => clock.at, ...options });
  const impose = (plugin = 'bad', extra: object = {}) =>
    ward.impose({ plugin, version: '1.0.0', cause: 'violations', reason: '3 violations', ...extra });
  return { ward, clock, impose };
}

const refused = expect.objectContaining({ code: 'ERR_QUARANTINED' });

describe('Quarantine', () => {
  it('refuses calls with the cause, the evidence and the way out', () => {
    const { ward, impose } = quarantine();
    const { violation } = new ViolationLedger().record({
      plugin: 'bad',
      version: '1.0.0',
      kind: 'http',
      message: 'm',
    });
    expect(ward.admit('bad')).toBeUndefined();
    expect(impose('bad', { evidence: [violation] })).toEqual(['bad']);
    expect(() => ward.admit('bad')).toThrow(
      expect.objectContaining({
        code: 'ERR_QUARANTINED',
        plugin: 'bad',
        version: '1.0.0',
        message:
          'Plugin "bad" is in quarantine: 3 violations; look at its violations, then host.release("bad")',
        details: {
          cause: 'violations',
          since: 1000,
          trialAt: undefined,
          because: undefined,
          violations: [violation.id],
        },
      }),
    );
    expect(ward.get('bad')).toEqual({
      plugin: 'bad',
      version: '1.0.0',
      cause: 'violations',
      reason: '3 violations',
      evidence: [violation],
      since: 1000,
      failedTrials: 0,
    });
    expect(Object.isFrozen(ward.get('bad'))).toBe(true);
  });

  it('is released by hand and not by itself', () => {
    const { ward, impose, clock } = quarantine();
    impose();
    clock.at += 1e12;
    expect(() => ward.admit('bad')).toThrow(refused);
    expect(ward.release('bad')).toEqual(['bad']);
    expect(ward.admit('bad')).toBeUndefined();
    expect(ward.get('bad')).toBeUndefined();
    expect(ward.release('bad')).toEqual([]);
  });

  it('keeps only the latest 32 violations as evidence', () => {
    const { ward, impose } = quarantine();
    const book = new ViolationLedger({ keep: 1000 });
    for (let i = 0; i < 100; i++)
      book.record({ plugin: 'bad', version: '1.0.0', kind: 'fs', message: `${i}` });
    impose('bad', { evidence: book.recent('bad') });
    expect(ward.get('bad')?.evidence.map(({ message }) => message)).toEqual(
      Array.from({ length: 32 }, (_, i) => `${68 + i}`),
    );
  });

  describe('with releaseAfterMs', () => {
    it('lets one call through when the time has come, and refuses the others until it ends', () => {
      const { ward, impose, clock } = quarantine({ releaseAfterMs: 500 });
      impose();
      clock.at += 499;
      expect(ward.phase('bad')).toBe('closed');
      expect(() => ward.admit('bad')).toThrow(/or wait 1 ms until a trial call/);
      clock.at += 1;
      expect(ward.phase('bad')).toBe('half-open');
      const trial = ward.admit('bad');
      expect(trial?.plugin).toBe('bad');
      expect(() => ward.admit('bad')).toThrow(/wait for the end of its trial call/);
      expect(trial?.settle('passed')).toEqual(['bad']);
      expect(ward.phase('bad')).toBe('free');
    });

    it('waits all over again after a trial that failed', () => {
      const { ward, impose, clock } = quarantine({ releaseAfterMs: 500 });
      impose();
      clock.at += 700;
      expect(ward.admit('bad')?.settle('failed')).toEqual([]);
      clock.at += 499;
      expect(() => ward.admit('bad')).toThrow(refused);
      clock.at += 1;
      expect(ward.admit('bad')).toBeDefined();
      expect(ward.get('bad')).toMatchObject({ since: 1000, trialAt: 2200, failedTrials: 1 });
    });

    it('gives the trial to the next call when it was inconclusive', () => {
      const { ward, impose, clock } = quarantine({ releaseAfterMs: 500 });
      impose();
      clock.at += 500;
      expect(ward.admit('bad')?.settle('inconclusive')).toEqual([]);
      expect(ward.admit('bad')?.settle('passed')).toEqual(['bad']);
    });

    it('takes only the first word of a trial', () => {
      const { ward, impose, clock } = quarantine({ releaseAfterMs: 0 });
      impose();
      const trial = ward.admit('bad');
      trial?.settle('failed');
      expect(trial?.settle('passed')).toEqual([]);
      expect(ward.has('bad')).toBe(true);
      clock.at += 1;
      expect(ward.admit('bad')).toBeDefined();
    });

    it('does not let a trial from before a new quarantine end the new one', () => {
      const { ward, impose, clock } = quarantine({ releaseAfterMs: 500 });
      impose();
      clock.at += 500;
      const trial = ward.admit('bad');
      expect(impose('bad', { reason: 'again' })).toEqual([]);
      expect(trial?.settle('passed')).toEqual([]);
      expect(() => ward.admit('bad')).toThrow(refused);
      expect(ward.get('bad')).toMatchObject({ reason: 'again', failedTrials: 1, trialAt: 2000, since: 1000 });

      clock.at += 500;
      const second = ward.admit('bad');
      ward.release('bad');
      impose();
      expect(second?.settle('passed')).toEqual([]);
      expect(ward.has('bad')).toBe(true);
    });

    it('has no trial for a quarantine that was imposed by hand, also when violations follow', () => {
      const { ward, impose, clock } = quarantine({ releaseAfterMs: 500 });
      impose('bad', { cause: 'manual', reason: 'the operator does not like it' });
      impose();
      clock.at += 1e6;
      expect(() => ward.admit('bad')).toThrow(refused);
      expect(ward.get('bad')?.cause).toBe('manual');
    });

    it.each([1e20, Number.MAX_VALUE])('copes with a releaseAfterMs of %d', (releaseAfterMs) => {
      const { ward, impose } = quarantine({ releaseAfterMs });
      impose();
      expect(() => ward.admit('bad')).toThrow(refused);
    });
  });

  describe('of a plugin that others depend on', () => {
    it('suspends the dependents and lets them go with it', () => {
      const { ward, impose } = quarantine();
      expect(impose('bad', { dependents: DEPENDENTS })).toEqual(['bad', 'page', 'site']);
      expect(() => ward.admit('page')).toThrow(
        expect.objectContaining({
          code: 'ERR_QUARANTINED',
          message:
            'Plugin "page" is in quarantine: it depends on "bad@1.0.0", which is in quarantine: 3 violations; ' +
            'release "bad" first',
          details: expect.objectContaining({ cause: 'dependency', because: 'bad' }),
        }),
      );
      expect(ward.list().map(({ plugin, cause }) => [plugin, cause])).toEqual([
        ['bad', 'violations'],
        ['page', 'dependency'],
        ['site', 'dependency'],
      ]);
      expect(ward.release('bad')).toEqual(['bad', 'page', 'site']);
      expect(ward.admit('page')).toBeUndefined();
      expect(ward.list()).toEqual([]);
    });

    it('leaves them alone without cascade', () => {
      const { ward, impose } = quarantine({ cascade: false });
      expect(impose('bad', { dependents: DEPENDENTS })).toEqual(['bad']);
      expect(ward.admit('page')).toBeUndefined();
    });

    it('keeps a dependent suspended as long as any of its dependencies is in quarantine', () => {
      const { ward, impose } = quarantine();
      impose('bad', { dependents: DEPENDENTS });
      expect(impose('worse', { dependents: DEPENDENTS.slice(0, 1) })).toEqual(['worse']);
      expect(ward.release('bad')).toEqual(['bad', 'site']);
      expect(ward.get('page')).toMatchObject({ because: 'worse' });
      expect(ward.release('worse')).toEqual(['worse', 'page']);
    });

    it('keeps a dependent that is in a quarantine of its own', () => {
      const { ward, impose } = quarantine();
      impose('bad', { dependents: DEPENDENTS });
      expect(impose('page')).toEqual([]);
      expect(ward.release('bad')).toEqual(['bad', 'site']);
      expect(ward.get('page')?.cause).toBe('violations');
      expect(ward.release('page')).toEqual(['page']);
    });

    it('releases a dependent alone when that is asked for by name', () => {
      const { ward, impose } = quarantine();
      impose('bad', { dependents: DEPENDENTS });
      expect(ward.release('page')).toEqual(['page']);
      expect(ward.admit('page')).toBeUndefined();
      expect(ward.release('bad')).toEqual(['bad', 'site']);
    });

    it('does not let a suspended plugin have its trial before its dependency is released', () => {
      const { ward, impose, clock } = quarantine({ releaseAfterMs: 100 });
      impose('page');
      impose('bad', { dependents: DEPENDENTS });
      clock.at += 100;
      expect(ward.phase('page')).toBe('closed');
      expect(() => ward.admit('page')).toThrow(refused);
      expect(ward.admit('bad')?.settle('passed')).toEqual(['bad', 'site']);
      expect(ward.admit('page')?.settle('passed')).toEqual(['page']);
    });
  });
});
