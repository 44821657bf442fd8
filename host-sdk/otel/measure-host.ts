import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api';
import { CALL_CHANNEL, type CallTrace } from '../../src/events/channels.js';
import type { ViolationEvent } from '../../src/events/violation-event.js';
import type { Host } from '../host.js';
import type { HostReport } from '../reports.js';
import { subscribe } from './subscribe.js';
import { errorType, OTHER } from './trace-host.js';

const SECONDS = {
  unit: 's',
  advice: {
    explicitBucketBoundaries: [
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ],
  },
};

/** What is asked of the host when figures are collected. */
const GAUGES: readonly [
  name: string,
  unit: string,
  description: string,
  value: (report: HostReport) => number,
][] = [
  ['cordon.call.active', '{call}', 'Calls that run now.', ({ inFlight }) => inFlight],
  ['cordon.call.queued', '{call}', 'Calls that wait for an instance now.', ({ queued }) => queued],
  ['cordon.instance.count', '{instance}', 'Live instances.', ({ instances }) => instances],
  ['cordon.process.count', '{process}', 'Child processes that run a plugin.', ({ processes }) => processes],
  ['cordon.thread.count', '{thread}', 'Sandbox threads.', ({ threads }) => threads],
  ['cordon.memory.usage', 'By', 'Memory of guests.', ({ memoryBytes }) => memoryBytes],
  ['cordon.module_cache.size', 'By', 'Compiled modules in the cache.', ({ cacheBytes }) => cacheBytes],
];

/** Feeds OpenTelemetry's instruments from what a host does. Returns what stops it. */
export function measureHost(host: Host, meter: Meter): () => void {
  const duration = meter.createHistogram('cordon.call.duration', {
    ...SECONDS,
    description: 'Execution of calls, without the wait; calls that were refused take none.',
  });
  const queue = meter.createHistogram('cordon.call.queue.duration', {
    ...SECONDS,
    description: 'Wait of calls for an instance.',
  });
  const cpu = meter.createCounter('cordon.call.cpu.time', {
    unit: 's',
    description: 'Processor time of guests.',
  });
  const fuel = meter.createCounter('cordon.call.fuel', {
    unit: '{instruction}',
    description: 'Instructions executed by guests.',
  });
  const violations = meter.createCounter('cordon.violation.count', {
    unit: '{violation}',
    description: 'Violations by kind.',
  });

  const onCall = (message: CallTrace): void => {
    const { figures, error } = message;
    const plugin = { 'cordon.plugin.name': message.plugin, 'cordon.plugin.version': message.version };
    const attributes: Attributes = {
      ...plugin,
      'cordon.call.function': message.isExport ? message.fn : OTHER,
      ...(error !== undefined && { 'error.type': errorType(error) }),
    };
    duration.record((figures?.durationMs ?? 0) / 1000, attributes);
    if (!figures) return;
    queue.record(figures.queuedMs / 1000, plugin);
    cpu.add(figures.cpuMs / 1000, plugin);
    if (figures.fuel !== undefined) fuel.add(figures.fuel, plugin);
  };
  const onViolation = ({ plugin, version, kind }: ViolationEvent): void => {
    violations.add(1, {
      'cordon.plugin.name': plugin,
      'cordon.plugin.version': version,
      'cordon.violation.kind': kind,
    });
  };

  const stopCalls = subscribe(CALL_CHANNEL, host, { end: onCall });
  host.on('violation', onViolation);
  const gauges = GAUGES.map(([name, unit, description, value]) => {
    const gauge = meter.createObservableUpDownCounter(name, { unit, description });
    const observe = (result: ObservableResult): void => result.observe(value(host.stats()));
    gauge.addCallback(observe);
    return () => gauge.removeCallback(observe);
  });
  const states = meter.createObservableUpDownCounter('cordon.plugin.count', {
    unit: '{plugin}',
    description: 'Plugins by state.',
  });
  const observeStates = (result: ObservableResult): void => {
    for (const [state, count] of Object.entries(host.stats().pluginsByState)) {
      result.observe(count, { 'cordon.plugin.state': state });
    }
  };
  states.addCallback(observeStates);
  return () => {
    stopCalls();
    host.off('violation', onViolation);
    states.removeCallback(observeStates);
    for (const stop of gauges) stop();
  };
}
