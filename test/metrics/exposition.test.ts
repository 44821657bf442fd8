import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposition, type SnapshotTree } from '../../src/metrics/exposition.js';
import { HostStats } from '../../src/metrics/host-stats.js';
import { PluginStats } from '../../src/metrics/plugin-stats.js';
import { PrometheusText } from '../../src/metrics/prometheus-text.js';
import { parsePrometheus } from './prometheus-parser.js';

const GAUGES = {
  cpu: { percent: 40, limit: 80 },
  threads: 2,
  processes: 1,
  instances: 3,
  memoryBytes: 1_048_576,
  cacheBytes: 2048,
};

function tree(): SnapshotTree {
  const host = new HostStats({ now: () => 1000 });
  const markdown = new PluginStats({ plugin: '@acme/markdown', version: '1.2.0', host });
  for (const durationMs of [0.1, 0.3, 5, 5, 40_000]) {
    markdown.began();
    markdown.ended({
      ok: true,
      durationMs,
      queuedMs: 0,
      cpuMs: 500,
      fuel: 1000,
      memoryBytes: 65_536,
      inputBytes: 10,
      outputBytes: 20,
    });
  }
  markdown.refused('ERR_BUSY');
  markdown.refused('ERR_TIMEOUT');
  markdown.refused('ERR_TIMEOUT');
  markdown.violated('log-flood');
  markdown.cacheMiss();
  markdown.delayed(250);
  const bad = new PluginStats({ plugin: 'bad', version: '0.0.1-rc.1+build', host });
  return {
    version: '0.1.0',
    host: host.report({ states: ['ready', 'quarantined'], eventLoopDelayMs: 12, ...GAUGES }),
    plugins: [
      { state: 'ready', stats: markdown.snapshot() },
      { state: 'quarantined', stats: bad.snapshot() },
    ],
  };
}

describe('exposition', () => {
  const families = parsePrometheus(exposition(tree()));
  const value = (name: string, labels: Record<string, string> = {}) =>
    families
      .get(name.replace(/_(bucket|count|sum)$/, ''))
      ?.samples.find(
        (sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
      )?.value;
  const markdown = { plugin: '@acme/markdown', version: '1.2.0' };
  const bad = { plugin: 'bad', version: '0.0.1-rc.1+build' };

  it('has every figure of a plugin under its name and version', () => {
    expect(value('cordon_calls_total', markdown)).toBe(8);
    expect(value('cordon_calls_total', bad)).toBe(0);
    expect(value('cordon_call_errors_total', { ...markdown, code: 'ERR_TIMEOUT' })).toBe(2);
    expect(value('cordon_call_cpu_seconds_total', markdown)).toBe(2.5);
    expect(value('cordon_call_fuel_total', markdown)).toBe(5000);
    expect(value('cordon_calls_delayed_total', markdown)).toBe(1);
    expect(value('cordon_call_delay_seconds_total', markdown)).toBe(0.25);
    expect(value('cordon_call_input_bytes_total', markdown)).toBe(50);
    expect(value('cordon_call_output_bytes_total', markdown)).toBe(100);
    expect(value('cordon_plugin_memory_peak_bytes', markdown)).toBe(65_536);
    expect(value('cordon_plugin_restarts_total', markdown)).toBe(0);
    expect(value('cordon_violations_total', { ...markdown, kind: 'log-flood' })).toBe(1);
    expect(value('cordon_calls_in_flight', markdown)).toBe(0);
    expect(value('cordon_calls_queued', markdown)).toBe(0);
    expect(value('cordon_plugin_quarantined', markdown)).toBe(0);
    expect(value('cordon_plugin_quarantined', bad)).toBe(1);
  });

  it('has the histograms in seconds, cumulative up to +Inf', () => {
    const below = (le: string) => value('cordon_call_duration_seconds_bucket', { ...markdown, le });
    expect(below('0.00025')).toBe(1);
    expect(below('0.0005')).toBe(2);
    expect(below('0.004')).toBe(2);
    expect(below('0.008')).toBe(4);
    expect(below('32.768')).toBe(4);
    expect(below('+Inf')).toBe(5);
    expect(value('cordon_call_duration_seconds_count', markdown)).toBe(5);
    expect(value('cordon_call_duration_seconds_sum', markdown)).toBeCloseTo(40.0104, 6);
    expect(value('cordon_call_queue_seconds_count', bad)).toBe(0);
  });

  it('has the host without labels', () => {
    expect(value('cordon_info', { version: '0.1.0' })).toBe(1);
    expect(value('cordon_plugins', { state: 'ready' })).toBe(1);
    expect(value('cordon_plugins', { state: 'failed' })).toBe(0);
    expect(value('cordon_threads')).toBe(2);
    expect(value('cordon_instances')).toBe(3);
    expect(value('cordon_memory_bytes')).toBe(1_048_576);
    expect(value('cordon_module_cache_bytes')).toBe(2048);
    expect(value('cordon_module_cache_hits_total')).toBe(0);
    expect(value('cordon_module_cache_misses_total')).toBe(1);
    expect(value('cordon_event_loop_delay_seconds')).toBe(0.012);
    expect(value('cordon_uptime_seconds')).toBe(0);
  });

  it('is a valid page for a host without plugins, and leaves out what nobody has', () => {
    const host = new HostStats().report({ states: [], ...GAUGES });
    const empty = parsePrometheus(exposition({ version: '0.1.0', host, plugins: [] }));
    expect([...empty.keys()]).toContain('cordon_info');
    expect([...empty.keys()]).not.toContain('cordon_calls_total');
    expect([...empty.keys()]).not.toContain('cordon_event_loop_delay_seconds');
  });

  it('has each series once, also while a plugin is replaced by the same version', () => {
    const once = tree();
    const twice = exposition({ ...once, plugins: [...once.plugins, ...once.plugins] });
    expect(parsePrometheus(twice)).toEqual(parsePrometheus(exposition(once)));
  });
});

describe('PrometheusText', () => {
  const text = fc.string({ unit: fc.constantFrom(...'"\\\n\r{},= #anä\u2028') });

  it('escapes help and labels so that the parser reads back what went in', () => {
    fc.assert(
      fc.property(text, text, fc.double(), (help, label, number) => {
        const page = new PrometheusText();
        page.family('gauge', 'g', `h${help}`, [[{ label }, number]]);
        const family = parsePrometheus(page.toString()).get('g');
        expect(family?.help).toBe(`h${help}`);
        expect(family?.samples).toEqual([{ name: 'g', labels: { label }, value: number + 0 }]); // -0 is 0
      }),
    );
  });

  it('writes the special numbers as Prometheus spells them', () => {
    const text = new PrometheusText();
    text.family('gauge', 'g', 'help', [
      [{ n: '1' }, Number.POSITIVE_INFINITY],
      [{ n: '2' }, Number.NEGATIVE_INFINITY],
      [{ n: '3' }, Number.NaN],
      [{ n: '4' }, 1e21],
    ]);
    expect(text.toString().split('\n').slice(2)).toEqual([
      'g{n="1"} +Inf',
      'g{n="2"} -Inf',
      'g{n="3"} NaN',
      'g{n="4"} 1e+21',
      '',
    ]);
  });

  it('is empty without families', () => {
    const text = new PrometheusText();
    text.family('gauge', 'g', 'help', []);
    text.histograms('h', 'help', []);
    expect(text.toString()).toBe('');
  });
});
