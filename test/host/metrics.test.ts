import { readFileSync } from 'node:fs';
import parsePrometheus from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import { exposition } from '../../src/metrics/exposition.js';
import { HostStats } from '../../src/metrics/host-stats.js';
import { PluginStats } from '../../src/metrics/plugin-stats.js';
import { section, tableRows } from '../docs/markdown.js';
import { lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';

const page = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');
const named = (heading: string) =>
  tableRows(section(page, heading))
    .slice(1)
    .map(([name]) => /`([^`]+)`/.exec(name!)![1]!);

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly {
    readonly value?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly buckets?: Readonly<Record<string, string>>;
    readonly count?: string;
    readonly sum?: string;
  }[];
}

async function scrape() {
  const host = await openHost();
  const p = await host.load(plugin('@acme/p', lab));
  host.metrics(); // begins to measure the event loop
  for (let i = 0; i < 3; i++) await p.call('echo', 'hello');
  await rejection(p.call('spin', '', { timeoutMs: 50 }));
  await rejection(p.call('absent'));
  host.quarantine('@acme/p', 'by hand');
  while (host.stats().eventLoopDelayMs === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  const families = parsePrometheus(host.metrics()) as Family[];
  return { host, families, family: (name: string) => families.find((one) => one.name === name)! };
}

describe('what Prometheus scrapes', () => {
  it('is read by a parser of another hand, with every figure', async () => {
    const { host, family } = await scrape();
    const labels = { plugin: '@acme/p', version: '1.0.0' };
    expect(family('cordon_calls_total').metrics).toEqual([{ value: '5', labels }]);
    expect(family('cordon_call_errors_total').metrics).toEqual([
      { value: '1', labels: { ...labels, code: 'ERR_TIMEOUT' } },
      { value: '1', labels: { ...labels, code: 'ERR_NO_EXPORT' } },
    ]);
    expect(family('cordon_violations_total').metrics).toEqual([
      { value: '1', labels: { ...labels, kind: 'timeout' } },
    ]);
    expect(family('cordon_plugin_quarantined').metrics).toEqual([{ value: '1', labels }]);
    expect(Number(family('cordon_call_fuel_total').metrics[0]!.value)).toBeGreaterThan(0);
    expect(Number(family('cordon_plugin_memory_peak_bytes').metrics[0]!.value)).toBeGreaterThan(0);
    expect(family('cordon_threads').metrics).toEqual([{ value: String(host.stats().threads) }]);
    expect(family('cordon_module_cache_misses_total').metrics).toEqual([{ value: '1' }]);
    expect(Number(family('cordon_event_loop_delay_seconds').metrics[0]!.value)).toBeGreaterThanOrEqual(0);
    for (const name of ['cordon_call_duration_seconds', 'cordon_call_queue_seconds']) {
      const { type, metrics } = family(name);
      expect(type).toBe('HISTOGRAM');
      expect(metrics[0]).toMatchObject({ buckets: { '+Inf': '4' } });
      const cumulative = Object.values(metrics[0]!.buckets!).map(Number);
      expect([...cumulative].sort((a, b) => a - b)).toEqual(cumulative);
    }
  });

  it('has names and units by its conventions, and is what the page says', async () => {
    const { families } = await scrape();
    for (const { name, help, type } of families) {
      expect(name).toMatch(/^cordon_[a-z_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'COUNTER');
      expect(name, 'base units').not.toMatch(/_(ms|milliseconds|kib|mib|percent)(_|$)/);
      expect(help).toMatch(/\.$/);
    }
    expect(named('Prometheus').sort()).toEqual(families.map(({ name }) => name).sort());
  });

  it('cannot be forged by names', () => {
    const nasty = 'a"} 1\ncordon_calls_total{plugin="b\\';
    const stats = new PluginStats({ plugin: nasty, version: '1.0.0\n# TYPE x counter' });
    const report = new HostStats().report({
      states: [],
      threads: 0,
      processes: 0,
      instances: 0,
      memoryBytes: 0,
      cacheBytes: 0,
      cpu: { percent: 0, limit: Number.POSITIVE_INFINITY },
    });
    const text = exposition({
      version: '0.1.0',
      host: report,
      plugins: [{ state: 'ready', stats: stats.snapshot() }],
    });
    const calls = (parsePrometheus(text) as Family[]).filter(({ name }) => name === 'cordon_calls_total');
    expect(calls).toHaveLength(1);
    expect(calls[0]!.metrics).toEqual([
      { value: '0', labels: { plugin: nasty, version: '1.0.0\n# TYPE x counter' } },
    ]);
  });
});
