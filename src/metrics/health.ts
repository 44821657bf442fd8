import type { PluginState } from '../events/plugin-state.js';
import type { StatsSnapshot } from './call-stats.js';

/** From well to gone. `quarantined` is of a plugin only. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'quarantined' | 'stopped';

/** How a plugin or a host is, and why if not `healthy`. */
export interface Health {
  readonly status: HealthStatus;
  /** For people; empty where `healthy`. */
  readonly reasons: readonly string[];
}

/** Share of failed calls of the last minute from which a plugin is degraded, and from which unhealthy. */
const DEGRADED_FAILURES = 0.1;
const UNHEALTHY_FAILURES = 0.5;
/** With fewer calls than this in the last minute the share says nothing. */
const ENOUGH_CALLS = 5;
/** Share of a queue or a budget in use from which there is reason to look. */
const NEARLY_FULL = 0.9;
/** Lateness of the event loop that callers notice. */
const SLOW_LOOP_MS = 200;

/** How much of something is used; a `limit` of `Infinity` is never nearly used up. */
export interface Usage {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

/** What the health of a plugin is computed from. */
export interface PluginHealthInput {
  readonly state: PluginState;
  /** Why it is in its state, as its last `lifecycle` event said. */
  readonly stateReason?: string | undefined;
  readonly stats: Pick<StatsSnapshot, 'recent'>;
  /** Violations that still count towards quarantine. */
  readonly recentViolations: number;
  /** Its limits that can run full: the queue, vars, connections. */
  readonly usage?: readonly Usage[];
}

/** How one plugin is. */
export function pluginHealth({
  state,
  stateReason,
  stats,
  recentViolations,
  usage = [],
}: PluginHealthInput): Health {
  switch (state) {
    case 'quarantined':
      return verdict('quarantined', [because('in quarantine', stateReason)]);
    case 'failed':
      return verdict('unhealthy', [because('failed to start', stateReason)]);
    case 'unloaded':
      return verdict('stopped', [because('unloaded', stateReason)]);
    case 'resolved':
      return verdict('stopped', ['not started yet']);
    default:
  }
  const { calls, failures, windowMs } = stats.recent;
  const share = calls >= ENOUGH_CALLS ? failures / calls : 0;
  const reasons: string[] = [];
  if (share >= DEGRADED_FAILURES) {
    reasons.push(`${failures} of ${calls} calls failed within ${windowMs} ms`);
  }
  if (state === 'loading') reasons.push('starting');
  if (state === 'draining') reasons.push(because('draining: takes no new calls', stateReason));
  if (recentViolations > 0) {
    reasons.push(`${recentViolations} ${recentViolations === 1 ? 'violation' : 'violations'} recently`);
  }
  reasons.push(...nearlyFull(usage));
  return verdict(share >= UNHEALTHY_FAILURES ? 'unhealthy' : 'degraded', reasons);
}

/** What the health of a host is computed from. */
export interface HostHealthInput {
  readonly state: 'open' | 'closing' | 'closed';
  readonly plugins: readonly { readonly plugin: string; readonly health: Health }[];
  /** Its budgets: memory, calls, instances, connections, files. */
  readonly budgets?: readonly Usage[];
  readonly eventLoopDelayMs?: number | undefined;
}

/**
 * How a host is. One plugin that is not healthy makes the host degraded, not unhealthy: the others are not touched. It is
 * unhealthy when no plugin is left that could serve.
 */
export function hostHealth({ state, plugins, budgets = [], eventLoopDelayMs = 0 }: HostHealthInput): Health {
  if (state === 'closed') return verdict('stopped', ['closed']);
  const reasons: string[] = state === 'closing' ? ['closing: takes no new calls'] : [];
  let live = 0;
  let serving = 0;
  for (const { plugin, health } of plugins) {
    if (health.status === 'stopped') continue;
    live++;
    if (health.status === 'healthy' || health.status === 'degraded') serving++;
    if (health.status !== 'healthy') {
      reasons.push(`plugin "${plugin}" is ${health.status}: ${health.reasons.join('; ')}`);
    }
  }
  reasons.push(...nearlyFull(budgets));
  if (eventLoopDelayMs >= SLOW_LOOP_MS) {
    reasons.push(`the event loop runs ${Math.round(eventLoopDelayMs)} ms late`);
  }
  return verdict(live > 0 && serving === 0 ? 'unhealthy' : 'degraded', reasons);
}

/** Without a reason there is nothing wrong. */
function verdict(status: HealthStatus, reasons: readonly string[]): Health {
  return Object.freeze({
    status: reasons.length === 0 ? 'healthy' : status,
    reasons: Object.freeze([...reasons]),
  });
}

function because(what: string, reason: string | undefined): string {
  return reason === undefined ? what : `${what}: ${reason}`;
}

function nearlyFull(usage: readonly Usage[]): string[] {
  return usage
    .filter(
      ({ used, limit }) => limit !== Number.POSITIVE_INFINITY && used > 0 && used >= limit * NEARLY_FULL,
    )
    .map(({ name, used, limit }) => `${name}: ${used} of ${limit} used`);
}
