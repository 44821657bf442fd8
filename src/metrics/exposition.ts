import { PLUGIN_STATES, type PluginState } from '../events/plugin-state.js';
import { BUCKET_EDGES, type HistogramSnapshot } from './histogram.js';
import type { DiskCacheCounts, HostStatsSnapshot } from './host-stats.js';
import type { PluginStatsSnapshot } from './plugin-stats.js';
import { type HistogramSeries, type Labels, PrometheusText } from './prometheus-text.js';

/** All that is to be exposed. */
export interface SnapshotTree {
  /** Of Cordon. */
  readonly version: string;
  readonly host: HostStatsSnapshot;
  readonly plugins: readonly { readonly state: PluginState; readonly stats: PluginStatsSnapshot }[];
}

type Counter = readonly [name: string, help: string, value: (stats: PluginStatsSnapshot) => number];

const COUNTERS: readonly Counter[] = [
  ['cordon_calls_total', 'Calls that ended, refused ones included.', (s) => s.calls],
  ['cordon_call_cpu_seconds_total', 'Processor time of guests.', (s) => s.cpuMs / 1000],
  ['cordon_calls_delayed_total', 'Calls held back for a share of the processor.', (s) => s.delayed],
  ['cordon_call_delay_seconds_total', 'How long they were held back.', (s) => s.delayedMs / 1000],
  ['cordon_call_fuel_total', 'Instructions executed by guests.', (s) => s.fuel],
  ['cordon_call_input_bytes_total', 'Input of calls.', (s) => s.inputBytes],
  ['cordon_call_output_bytes_total', 'Output of calls.', (s) => s.outputBytes],
  ['cordon_plugin_restarts_total', 'Instances that were lost and made anew.', (s) => s.restarts],
];

const DISK_CACHE: readonly (readonly [string, string, (disk: DiskCacheCounts) => number])[] = [
  ['cordon_disk_cache_hits_total', 'Rewritten modules found on disk.', (disk) => disk.hits],
  ['cordon_disk_cache_misses_total', 'Rewritten modules that were not on disk.', (disk) => disk.misses],
  ['cordon_disk_cache_writes_total', 'Rewritten modules written to disk.', (disk) => disk.writes],
  [
    'cordon_disk_cache_damaged_total',
    'Entries on disk that were damaged, and dropped.',
    (disk) => disk.damaged,
  ],
  [
    'cordon_disk_cache_evicted_total',
    'Entries on disk that were removed to keep the limit.',
    (disk) => disk.evicted,
  ],
];

const GAUGES: readonly Counter[] = [
  ['cordon_calls_in_flight', 'Calls that run now.', (s) => s.inFlight],
  ['cordon_calls_queued', 'Calls that wait for an instance now.', (s) => s.queued],
  [
    'cordon_plugin_memory_peak_bytes',
    'The most memory that an instance had at the end of a call.',
    (s) => s.memoryPeakBytes,
  ],
];

/**
 * Prometheus text of everything: per plugin with the labels `plugin` and `version`, and of the host what has no plugin.
 * Totals of the host are the sum over its plugins, which is Prometheus' to make. Durations are in seconds, as its
 * conventions want; the edges of the histograms' buckets are exact, a value that equals one counts into the next bucket.
 */
export function exposition({ version, host, plugins }: SnapshotTree): string {
  const text = new PrometheusText();
  const labelled = plugins.map(({ state, stats }) => {
    const labels: Labels = { plugin: stats.plugin, version: stats.version };
    return { labels, state, stats };
  });

  text.family('gauge', 'cordon_info', 'The version of Cordon; always 1.', [[{ version }, 1]]);
  text.family('gauge', 'cordon_uptime_seconds', 'Time since the host was created.', [
    [{}, host.uptimeMs / 1000],
  ]);
  text.family(
    'gauge',
    'cordon_plugins',
    'Plugins by state.',
    PLUGIN_STATES.map((state) => [{ state }, host.pluginsByState[state]] as const),
  );
  text.family('gauge', 'cordon_threads', 'Sandbox threads.', [[{}, host.threads]]);
  text.family('gauge', 'cordon_processes', 'Child processes that run a plugin.', [[{}, host.processes]]);
  text.family('gauge', 'cordon_instances', 'Live instances.', [[{}, host.instances]]);
  text.family('gauge', 'cordon_memory_bytes', 'Memory of guests.', [[{}, host.memoryBytes]]);
  text.family('gauge', 'cordon_cpu_used_ratio', 'What guests used of all cores over the last 10 s.', [
    [{}, host.cpu.percent / 100],
  ]);
  text.family('gauge', 'cordon_cpu_budget_ratio', 'What guests may use of all cores.', [
    [{}, host.cpu.limit / 100],
  ]);
  text.family('gauge', 'cordon_module_cache_bytes', 'Compiled modules in the cache.', [
    [{}, host.cacheBytes],
  ]);
  text.family('counter', 'cordon_module_cache_hits_total', 'Compiled modules found in the cache.', [
    [{}, host.cacheHits],
  ]);
  text.family('counter', 'cordon_module_cache_misses_total', 'Modules that had to be compiled.', [
    [{}, host.cacheMisses],
  ]);
  for (const [name, help, value] of DISK_CACHE) {
    text.family('counter', name, help, [[{}, value(host.diskCache)]]);
  }
  if (host.eventLoopDelayMs !== undefined) {
    text.family(
      'gauge',
      'cordon_event_loop_delay_seconds',
      'How late the event loop runs, 99th percentile.',
      [[{}, host.eventLoopDelayMs / 1000]],
    );
  }

  for (const [name, help, value] of COUNTERS) {
    text.family(
      'counter',
      name,
      help,
      labelled.map(({ labels, stats }) => [labels, value(stats)] as const),
    );
  }
  text.family(
    'counter',
    'cordon_call_errors_total',
    'Calls that ended in an error, by its code.',
    labelled.flatMap(({ labels, stats }) => byName(labels, 'code', stats.errorsByCode)),
  );
  text.family(
    'counter',
    'cordon_violations_total',
    'Violations by kind.',
    labelled.flatMap(({ labels, stats }) => byName(labels, 'kind', stats.violationsByKind)),
  );
  for (const [name, help, value] of GAUGES) {
    text.family(
      'gauge',
      name,
      help,
      labelled.map(({ labels, stats }) => [labels, value(stats)] as const),
    );
  }
  text.family(
    'gauge',
    'cordon_plugin_quarantined',
    '1 while the plugin is in quarantine.',
    labelled.map(({ labels, state }) => [labels, state === 'quarantined' ? 1 : 0] as const),
  );
  text.histograms(
    'cordon_call_duration_seconds',
    'Execution of calls, without the wait.',
    labelled.map(({ labels, stats }) => [labels, inSeconds(stats.durationMs)] as const),
  );
  text.histograms(
    'cordon_call_queue_seconds',
    'Wait of calls for an instance.',
    labelled.map(({ labels, stats }) => [labels, inSeconds(stats.queuedMs)] as const),
  );
  return text.toString();
}

function byName(labels: Labels, label: string, counts: Readonly<Record<string, number>>): [Labels, number][] {
  return Object.entries(counts).map(([name, count]) => [{ ...labels, [label]: name }, count]);
}

const EDGES_SECONDS = BUCKET_EDGES.map((edge) => edge / 1000);

function inSeconds({ cumulative, count, sum }: HistogramSnapshot): HistogramSeries {
  return { edges: EDGES_SECONDS, cumulative, count, sum: sum / 1000 };
}
