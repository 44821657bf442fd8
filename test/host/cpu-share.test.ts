import { availableParallelism } from 'node:os';
import type { Host, HostOptions } from 'cordon';
import { describe, expect, it } from 'vitest';
import { lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';

const forgiving = { quarantine: { maxViolations: 1000 } } satisfies HostOptions;

/** Uses the processor for as long as `cpuMs` lets it. */
const burn = async (host: Host, name: string) =>
  expect((await rejection(host.call(name, 'spin'))).code).toBe('ERR_CPU');

describe('limits.cpuPercent', () => {
  it('that somebody stated makes calls wait that go beyond, and none fail', async () => {
    const host = await openHost({
      ...forgiving,
      catalog: [
        plugin('greedy', lab, { limits: { cpuPercent: 5, cpuMs: 120 } }),
        plugin('modest', lab, { limits: { cpuPercent: 5 } }),
      ],
    });
    await host.load(['greedy', 'modest']);
    await burn(host, 'greedy');
    const waits = host.call('greedy', 'echo', 'later');
    expect((await host.call('modest', 'echo', 'at once')).text()).toBe('at once');
    expect((await waits).text()).toBe('later');
    const { delayed, delayedMs, violationsByKind } = host.plugin('greedy').stats;
    expect(delayed).toBe(1);
    expect(delayedMs).toBeGreaterThan(0);
    expect(violationsByKind).toEqual({ cpu: 1 });
    expect(host.plugin('modest').stats.delayed).toBe(0);
    expect(host.info('greedy').cpuPercent).toBeGreaterThanOrEqual(1.2);
    expect(host.stats().cpu).toMatchObject({ limit: 80, delayed: 1, delayedMs });
  });

  it('that nobody stated takes nothing from a plugin that is alone', async () => {
    const host = await openHost({ ...forgiving, budget: { cpuPercent: Number.POSITIVE_INFINITY } });
    const p = await host.load(plugin('p', lab, { limits: { cpuMs: 250 } }));
    for (let i = 0; i < 5; i++) await burn(host, 'p');
    await p.call('echo', '');
    expect(p.stats.delayed).toBe(0);
  });

  it('of nothing lets no call begin', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab, { limits: { cpuPercent: 0, queueTimeoutMs: 30 } }));
    const error = await rejection(p.call('echo', ''));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', plugin: 'p' });
    expect(error.message).toContain('limits.cpuPercent');
    expect(error.details?.['delayedMs']).toBeGreaterThan(0);
  });

  it('leaves no call behind when the host closes', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab, { limits: { cpuPercent: 0 } }));
    const waits = rejection(p.call('echo', ''));
    await host.close({ drainMs: 0 });
    expect((await waits).code).toBe('ERR_CLOSED');
  });
});

describe('budget.cpuPercent', () => {
  it('makes calls of all plugins wait once guests have used it up, and says so', async () => {
    const cpuMs = 60 * availableParallelism();
    const host = await openHost({
      ...forgiving,
      budget: { cpuPercent: 2 },
      limits: { cpuMs },
      catalog: [plugin('a', lab), plugin('b', lab)],
    });
    await host.load(['a', 'b']);
    await burn(host, 'a');
    const answers = await Promise.all(['a', 'b'].map((name) => host.call(name, 'echo', name)));
    expect(answers.map((one) => one.text())).toEqual(['a', 'b']);
    const { cpu } = host.stats();
    expect(cpu).toMatchObject({ limit: 2, delayed: 2 });
    expect(cpu.delayedMs).toBeGreaterThan(0);
    expect(cpu.percent).toBeGreaterThanOrEqual(0.6);
    expect(host.metrics()).toContain('cordon_calls_delayed_total{plugin="b",version="1.0.0"} 1');
  });

  it('of nothing lets no call begin, and says so with the figures', async () => {
    const host = await openHost({ budget: { cpuPercent: 0 } });
    const p = await host.load(plugin('p', lab, { limits: { queueTimeoutMs: 30 } }));
    const error = await rejection(p.call('echo', ''));
    expect(error).toMatchObject({ code: 'ERR_BUSY', plugin: 'p', details: { limit: 0 } });
    expect(error.message).toContain('budget.cpuPercent is 0');
  });
});
