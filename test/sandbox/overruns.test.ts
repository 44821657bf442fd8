import { expect, it } from 'vitest';
import { Overruns } from '../../src/sandbox/overruns.js';
import type { Failure } from '../../src/sandbox/protocol.js';

const late: Failure = { code: 'ERR_TIMEOUT', message: '', violation: 'timeout' };

it.each<[string, Failure, number, boolean]>([
  ['a deadline after computing for most of the time', late, 60, true],
  ['a deadline while it computes, however little it got', { ...late, heldThread: true }, 1, true],
  ['a deadline while it waits', late, 10, false],
  ['a limit of processor time', { code: 'ERR_CPU', message: '', violation: 'cpu' }, 1, true],
  ['a trap', { code: 'ERR_TRAP', message: '' }, 100, false],
  ['too much memory', { code: 'ERR_MEMORY', message: '', violation: 'memory' }, 100, false],
])('%s counts or not', (_, failure, cpuMs, counts) => {
  const overruns = new Overruns();
  overruns.ended(failure, { cpuMs, durationMs: 100 }, 1_000);
  expect(overruns.recent(1_001)).toBe(counts);
  expect(overruns.recent(61_000)).toBe(false);
});

it('of a guest that others go before it says nothing that it was still computing', () => {
  const overruns = new Overruns();
  overruns.ended({ ...late, heldThread: true }, { cpuMs: 10, durationMs: 100 }, 1_000, true);
  expect(overruns.recent(1_001)).toBe(false);
  overruns.ended({ ...late, heldThread: true }, { cpuMs: 90, durationMs: 100 }, 1_000, true);
  expect(overruns.recent(1_001)).toBe(true);
});
