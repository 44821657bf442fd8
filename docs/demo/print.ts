// How the demo shows what happens: colours where the terminal has them, plain text elsewhere.

import { styleText } from 'node:util';
import type { Host } from 'cordon';

type Style = Parameters<typeof styleText>[0];

const colours = process.stdout.isTTY && process.stdout.hasColors() && !process.env.NO_COLOR;
const paint = (style: Style, text: string): string => (colours ? styleText(style, text) : text);
const line = (text: string): void => void process.stdout.write(`${text}\n`);

export const print = {
  title: (text: string): void => line(`\n${paint('bold', text)}`),
  result: (what: string, text: string): void => line(`  ${what}: ${paint('green', text)}`),
  refused: (code: string, message: string): void => line(`  ${paint('yellow', code)} ${message}`),
};

/** Prints events as they come. */
export function printEvents(host: Host): void {
  const event = (style: Style, name: string, text: string): void => line(`    ${paint(style, name)} ${text}`);
  host.on('lifecycle', ({ plugin, version, from, to, reason }) => {
    // A plugin is ready and running in turn with every call; that is for machines.
    if ((from === 'ready' && to === 'running') || (from === 'running' && to === 'ready')) return;
    event('cyan', 'lifecycle', `${plugin}@${version} ${from} → ${to}${reason ? ` (${reason})` : ''}`);
  });
  host.on('violation', ({ plugin, kind, severity, message, count }) =>
    event('red', 'violation', `${plugin} ${kind}, ${severity}, ${count} in the window: ${message}`),
  );
  host.on('plugin:restarted', ({ plugin, restarts }) =>
    event('magenta', 'restarted', `${plugin}, ${restarts} times by now`),
  );
  host.on('log', ({ plugin, level, message }) => event('gray', `log ${level}`, `${plugin}: ${message}`));
  host.on('warning', ({ topic, message }) => event('yellow', `warning ${topic}`, message));
}

/** Prints the figures of every plugin and of the host. */
export function printStats(host: Host): void {
  print.title('Figures');
  const rows = host.list().map(({ name, state, stats }) => ({
    plugin: name,
    state,
    calls: stats.calls,
    errors: stats.errors,
    'p50 ms': round(stats.durationMs.p50),
    'p99 ms': round(stats.durationMs.p99),
    'fuel (M)': round(stats.fuel / 1e6),
    violations: stats.violations,
    restarts: stats.restarts,
  }));
  console.table(rows);
  const { calls, errors, threads, cache } = host.stats();
  print.result(
    'host',
    `${calls} calls, ${errors} errors, ${threads} threads, ${cache.entries} compiled modules`,
  );
  print.result('health', `${host.health().status} (${host.health().reasons.join('; ')})`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
