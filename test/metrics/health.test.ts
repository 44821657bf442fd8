import { describe, expect, it } from 'vitest';
import { type Health, hostHealth, type PluginHealthInput, pluginHealth } from '../../src/metrics/health.js';

const plugin = (extra: Partial<PluginHealthInput> = {}, calls = 0, failures = 0) =>
  pluginHealth({
    state: 'ready',
    stats: { recent: { windowMs: 60_000, calls, failures } },
    recentViolations: 0,
    ...extra,
  });

describe('pluginHealth', () => {
  it.each(['ready', 'running', 'idle'] as const)(
    'is healthy without reasons when %s and all is well',
    (state) => {
      expect(plugin({ state }, 100, 9)).toEqual({ status: 'healthy', reasons: [] });
    },
  );

  it.each([
    ['quarantined', 'quarantined', 'in quarantine: 3 violations'],
    ['failed', 'unhealthy', 'failed to start: 3 violations'],
    ['unloaded', 'stopped', 'unloaded: 3 violations'],
    ['resolved', 'stopped', 'not started yet'],
    ['loading', 'degraded', 'starting'],
    ['draining', 'degraded', 'draining: takes no new calls: 3 violations'],
  ] as const)('of a plugin that is %s is %s', (state, status, reason) => {
    expect(plugin({ state, stateReason: '3 violations' })).toEqual({ status, reasons: [reason] });
  });

  it.each([
    [4, 4, 'healthy'],
    [100, 9, 'healthy'],
    [100, 10, 'degraded'],
    [100, 49, 'degraded'],
    [100, 50, 'unhealthy'],
    [5, 5, 'unhealthy'],
  ] as const)('with %d calls of which %d failed is %s', (calls, failures, status) => {
    const { status: found, reasons } = plugin({}, calls, failures);
    expect(found).toBe(status);
    expect(reasons).toEqual(
      status === 'healthy' ? [] : [`${failures} of ${calls} calls failed within 60000 ms`],
    );
  });

  it('is degraded by recent violations and by what is nearly used up, and names both', () => {
    expect(
      plugin({
        recentViolations: 1,
        usage: [
          { name: 'queued calls', used: 90, limit: 100 },
          { name: 'connections', used: 7, limit: 8 },
          { name: 'fuel', used: 1e9, limit: Number.POSITIVE_INFINITY },
          { name: 'open files', used: 0, limit: 0 },
        ],
      }),
    ).toEqual({ status: 'degraded', reasons: ['1 violation recently', 'queued calls: 90 of 100 used'] });
  });
});

describe('hostHealth', () => {
  const named = (...healths: Health['status'][]) =>
    healths.map((status, i) => ({
      plugin: `p${i}`,
      health: { status, reasons: status === 'healthy' ? [] : ['something'] },
    }));

  it.each([
    [[], 'healthy'],
    [['healthy', 'healthy'], 'healthy'],
    [['healthy', 'stopped'], 'healthy'],
    [['healthy', 'degraded'], 'degraded'],
    [['healthy', 'unhealthy'], 'degraded'],
    [['degraded', 'quarantined'], 'degraded'],
    [['unhealthy', 'quarantined'], 'unhealthy'],
    [['stopped'], 'healthy'],
  ] as const)('with plugins that are %j is %s', (statuses, status) => {
    expect(hostHealth({ state: 'open', plugins: named(...statuses) }).status).toBe(status);
  });

  it('says which plugin is not well, and why', () => {
    expect(hostHealth({ state: 'open', plugins: named('healthy', 'quarantined') }).reasons).toEqual([
      'plugin "p1" is quarantined: something',
    ]);
  });

  it('is degraded by a budget that is nearly used up, by a slow event loop and while it closes', () => {
    expect(
      hostHealth({
        state: 'closing',
        plugins: [],
        budgets: [{ name: 'memoryBytes', used: 95, limit: 100 }],
        eventLoopDelayMs: 250.4,
      }),
    ).toEqual({
      status: 'degraded',
      reasons: [
        'closing: takes no new calls',
        'memoryBytes: 95 of 100 used',
        'the event loop runs 250 ms late',
      ],
    });
  });

  it('is stopped when closed, whatever else', () => {
    expect(hostHealth({ state: 'closed', plugins: named('unhealthy') })).toEqual({
      status: 'stopped',
      reasons: ['closed'],
    });
  });
});
