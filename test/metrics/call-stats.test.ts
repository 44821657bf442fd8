import { describe, expect, it } from 'vitest';
import { type CallSample, CallStats } from '../../src/metrics/call-stats.js';
import { HostStats } from '../../src/metrics/host-stats.js';
import { PluginStats } from '../../src/metrics/plugin-stats.js';

const sample = (extra: Partial<CallSample> = {}): CallSample => ({
  ok: true,
  durationMs: 10,
  queuedMs: 1,
  cpuMs: 8,
  memoryBytes: 65_536,
  inputBytes: 100,
  outputBytes: 200,
  ...extra,
});

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

describe('CallStats', () => {
  it('follows a call from the queue to its end', () => {
    const stats = new CallStats();
    const gauges = () => [stats.queued, stats.inFlight, stats.snapshot().calls];
    stats.enqueued();
    expect(gauges()).toEqual([1, 0, 0]);
    stats.dequeued();
    stats.began();
    expect(gauges()).toEqual([0, 1, 0]);
    stats.ended(sample());
    expect(gauges()).toEqual([0, 0, 1]);
  });

  it('sums up figures and keeps the peak of memory', () => {
    const stats = new CallStats();
    for (const extra of [
      { memoryBytes: 200, fuel: 5 },
      { memoryBytes: 300, fuel: 7 },
      { memoryBytes: 100 },
    ]) {
      stats.began();
      stats.ended(sample(extra));
    }
    expect(stats.snapshot()).toMatchObject({
      calls: 3,
      errors: 0,
      cpuMs: 24,
      fuel: 12,
      memoryPeakBytes: 300,
      inputBytes: 300,
      outputBytes: 600,
      durationMs: { count: 3, sum: 30, max: 10 },
      queuedMs: { count: 3, sum: 3, max: 1 },
    });
  });

  it('counts errors by code, and refused calls without a duration', () => {
    const stats = new CallStats();
    stats.began();
    stats.ended(sample({ ok: false, code: 'ERR_TRAP' }));
    stats.refused('ERR_BUSY');
    stats.refused('ERR_BUSY');
    expect(stats.snapshot()).toMatchObject({
      calls: 3,
      errors: 3,
      errorsByCode: { ERR_TRAP: 1, ERR_BUSY: 2 },
      durationMs: { count: 1 },
      inFlight: 0,
    });
  });

  it('holds against a plugin what is not the caller’s fault', () => {
    const stats = new CallStats();
    stats.began();
    stats.ended(sample());
    stats.refused('ERR_ABORTED');
    stats.refused('ERR_BUSY');
    stats.began();
    stats.ended(sample({ ok: false, code: 'ERR_TIMEOUT' }));
    expect(stats.snapshot().recent).toMatchObject({ calls: 4, failures: 1 });
  });

  it('counts violations by kind, restarts and the cache', () => {
    const stats = new CallStats();
    stats.violated('http');
    stats.violated('http');
    stats.violated('abi');
    stats.restarted();
    stats.cacheHit();
    stats.cacheMiss();
    stats.cacheMiss();
    expect(stats.snapshot()).toMatchObject({
      violations: 3,
      violationsByKind: { http: 2, abi: 1 },
      restarts: 1,
      cacheHits: 1,
      cacheMisses: 2,
    });
  });

  it('does not let a figure that is no number spoil a total', () => {
    const stats = new CallStats();
    stats.began();
    stats.ended(
      sample({ cpuMs: Number.NaN, fuel: Number.POSITIVE_INFINITY, inputBytes: -1, memoryBytes: Number.NaN }),
    );
    expect(stats.snapshot()).toMatchObject({
      cpuMs: 0,
      fuel: 0,
      inputBytes: 0,
      memoryPeakBytes: 0,
      calls: 1,
    });
  });

  it('gives snapshots that are frozen through and do not change with the next call', () => {
    const stats = new CallStats();
    const before = stats.snapshot();
    stats.refused('ERR_BUSY');
    expect(isDeeplyFrozen(before)).toBe(true);
    expect(before.calls).toBe(0);
    expect(JSON.parse(JSON.stringify(before))).toEqual(before);
  });
});

describe('PluginStats and HostStats', () => {
  it('add up in the host, and stay there when the plugin is gone', () => {
    const host = new HostStats();
    for (const plugin of ['a', 'b']) {
      const stats = new PluginStats({ plugin, version: '1.0.0', host });
      stats.enqueued();
      stats.dequeued();
      stats.began();
      stats.ended(sample());
      stats.refused('ERR_BUSY');
      stats.violated('fs');
      stats.restarted();
      stats.cacheHit();
      stats.cacheMiss();
      expect(stats.snapshot()).toMatchObject({ plugin, version: '1.0.0', calls: 2 });
    }
    expect(host.snapshot()).toMatchObject({
      calls: 4,
      errors: 2,
      inFlight: 0,
      queued: 0,
      violations: 2,
      restarts: 2,
      cacheHits: 2,
      cacheMisses: 2,
    });
  });

  it('report plugins by state, gauges and the time since the start', () => {
    let clock = 5000;
    const host = new HostStats({ now: () => clock });
    clock += 1234;
    const report = host.report({
      states: ['ready', 'ready', 'quarantined'],
      threads: 2,
      processes: 1,
      instances: 3,
      memoryBytes: 4096,
      cacheBytes: 100,
      cpu: { percent: 12.5, limit: 80 },
    });
    expect(report).toMatchObject({
      uptimeMs: 1234,
      plugins: 3,
      threads: 2,
      processes: 1,
      instances: 3,
      memoryBytes: 4096,
      cacheBytes: 100,
      cpu: { percent: 12.5, limit: 80, delayed: 0, delayedMs: 0 },
    });
    expect(report.pluginsByState).toMatchObject({ ready: 2, quarantined: 1, failed: 0 });
    expect(Object.hasOwn(report, 'eventLoopDelayMs')).toBe(false);
    expect(isDeeplyFrozen(report)).toBe(true);
  });
});
