import { performance } from 'node:perf_hooks';
import { dispatch } from '../bridge/dispatch.js';
import { ConnectionPool } from '../bridge/http/connection-pool.js';
import type { DiskCache } from '../cache/disk-cache.js';
import { ModuleCache } from '../cache/module-cache.js';
import { SummaryCache } from '../cache/summary-cache.js';
import type { Catalog } from '../catalog/catalog.js';
import type { ErrorCode } from '../errors/codes.js';
import { publishViolation } from '../events/channels.js';
import type { HostEvents, WarningTopic } from '../events/host-events.js';
import type { SafeEmitter } from '../events/safe-emitter.js';
import type { ViolationKind } from '../events/violation-event.js';
import { lineText } from '../log/log-line.js';
import { redactingLogger } from '../log/redacting-logger.js';
import type { Redaction } from '../log/redaction.js';
import { EventLoopDelay } from '../metrics/event-loop-delay.js';
import { HostStats } from '../metrics/host-stats.js';
import type { AuditTrail } from '../policy/audit-trail.js';
import type { Job } from '../sandbox/job.js';
import type { Answer, LogMessage, ViolationMessage } from '../sandbox/protocol.js';
import { type AskRequest, Sandbox } from '../sandbox/sandbox.js';
import { Quarantine } from '../violations/quarantine.js';
import { QuarantineStore } from '../violations/quarantine-store.js';
import { ViolationLedger } from '../violations/violation-ledger.js';
import { defaultFeatures } from '../wasm/features.js';
import { AskOrigin } from './ask-origin.js';
import { AUDITED_KINDS } from './audit.js';
import { giveUpInstances, mayGiveUp } from './idle-instances.js';
import { InputMemory } from './input-memory.js';
import { evictionOrder } from './instance-budget.js';
import { PluginCall } from './plugin-call.js';
import { endTurns } from './plugin-turns.js';
import type { PluginUnit } from './plugin-unit.js';
import type { ModuleFacts } from './prepare-module.js';
import { quarantinePlugin } from './quarantine-plugin.js';
import { QuotaUses } from './quota-uses.js';
import { redactionOf } from './redaction-of.js';
import { RoomQueue } from './room-queue.js';
import type { Runtime, Violation, Warning } from './runtime.js';
import type { RuntimeOptions } from './runtime-options.js';
import { SkippedPlugins } from './skipped-plugins.js';

/** The longest line of a guest's log; the rest is cut. */
const MAX_LINE_BYTES = 8 * 1024;
const GONE: Answer = { ok: false, failure: { code: 'ERR_CLOSED', message: 'The plugin was unloaded.' } };

/** The wiring of a host: one of each part, and the ways between them. */
export class HostRuntime implements Runtime {
  readonly options: RuntimeOptions;
  readonly emitter: SafeEmitter<HostEvents<ErrorCode>>;
  readonly catalog: Catalog;
  readonly sandbox: Sandbox;
  readonly connections: ConnectionPool;
  readonly cache: ModuleCache<ModuleFacts>;
  readonly summaries = new SummaryCache();
  readonly disk: DiskCache | undefined;
  readonly features: readonly string[];
  readonly redaction: Redaction;
  readonly ledger: ViolationLedger;
  readonly quarantine: Quarantine;
  readonly quarantineStore: QuarantineStore | undefined;
  readonly stats = new HostStats();
  readonly inputs = new InputMemory();
  readonly quotas = new QuotaUses();
  readonly room = new RoomQueue((most) => endTurns(this, most));
  readonly evictions = evictionOrder(this);
  readonly skipped = new SkippedPlugins();
  readonly audits = new Map<string, AuditTrail>();
  readonly loopDelay = new EventLoopDelay();
  readonly units = new Map<string, PluginUnit>();
  readonly unitsBySpec = new Map<number, PluginUnit>();
  state: Runtime['state'] = 'open';
  #calls = 0;
  #sweep: NodeJS.Timeout;

  constructor(
    options: RuntimeOptions,
    catalog: Catalog,
    emitter: SafeEmitter<HostEvents<ErrorCode>>,
    disk?: DiskCache,
  ) {
    this.redaction = redactionOf(options);
    this.options = { ...options, logger: redactingLogger(options.logger, this.redaction) };
    this.catalog = catalog;
    this.emitter = emitter;
    this.features = options.validation.features ?? defaultFeatures();
    this.connections = new ConnectionPool({ connections: options.budget.connections });
    this.cache = new ModuleCache(options.cache.maxBytes);
    this.disk = disk;
    disk?.onWarning((message, detail) => this.warn('cache', message, { detail }));
    this.ledger = new ViolationLedger({
      ...options.quarantine,
      weights: weightsFor(options),
      isThere: (name) => this.units.has(name),
    });
    this.quarantine = new Quarantine(options.quarantine);
    this.quarantineStore =
      options.stateDirectory === undefined
        ? undefined
        : new QuarantineStore(options.stateDirectory, (message, detail) =>
            this.warn('state', message, { detail }),
          );
    this.sandbox = new Sandbox(
      {
        min: options.threads.min,
        max: options.threads.max,
        stackBytes: options.limits.stackBytes,
        concurrentCalls: options.budget.concurrentCalls,
        cpuPercent: options.budget.cpuPercent,
        openFiles: options.budget.openFiles,
        instances: options.budget.instances,
        memoryBytes: options.budget.memoryBytes,
      },
      {
        onAsk: (request) => this.#answer(request),
        onLog: (message, job) => this.#log(message, job),
        onViolation: (message, job) => this.#violation(message, job),
        onThreadLost: (name, reason) =>
          this.warn('thread', `The sandbox thread "${name}" was ended: ${reason}.`, {
            detail: { thread: name },
          }),
      },
    );
    options.doubles?.onProbe({ openFiles: () => this.sandbox.files.used });
    const sweepMs = Math.min(options.idle.sweepMs, 2 ** 31 - 1);
    this.#sweep = setInterval(() => {
      this.#disposeIdle();
      this.sandbox.threads.endIdle(options.threads.idleMs);
    }, sweepMs);
    this.#sweep.unref();
  }

  nextCallNumber(): number {
    return ++this.#calls;
  }

  violate(unit: PluginUnit, { kind, message, detail }: Violation, call?: PluginCall): void {
    const { violation, quarantine, weighs } = this.ledger.record({
      plugin: unit.name,
      version: unit.version,
      kind,
      message: this.redaction.text(message),
      callId: call?.callId,
      ...(detail && { detail: this.redaction.value(detail) }),
    });
    if (call && weighs) call.violated = true;
    unit.stats.violated(kind);
    unit.logger.warn({ violation }, violation.message);
    this.emitter.emit('violation', violation);
    publishViolation(this.emitter, violation);
    if (!quarantine || unit.lifecycle.state === 'quarantined') return;
    const { maxViolations, windowMs } = this.options.quarantine;
    const kinds = this.ledger.recent(unit.name).slice(-maxViolations);
    quarantinePlugin(
      this,
      unit,
      'violations',
      `${maxViolations} violations within ${windowMs} ms: ${kinds.map((one) => one.kind).join(', ')}`,
    );
  }

  warn(topic: WarningTopic, message: string, { detail = {}, ...about }: Warning = {}): void {
    this.options.logger.warn({ topic, ...about, ...detail }, message);
    this.emitter.emit('warning', { topic, message, ...about, detail, at: Date.now() });
  }

  /** Stops what the runtime itself keeps running. The units have been retired. */
  async dispose(): Promise<void> {
    clearInterval(this.#sweep);
    this.loopDelay.close();
    this.room.close();
    await Promise.all([
      this.sandbox.close(),
      this.connections.close(),
      this.quarantineStore?.flush(),
      this.disk?.flush(),
    ]);
    this.cache.clear();
    this.summaries.clear();
    this.state = 'closed';
  }

  #answer(request: AskRequest): Answer | Promise<Answer> {
    const unit = this.unitsBySpec.get(request.spec);
    if (!unit) return GONE;
    const origin = new AskOrigin(this.emitter, unit, request);
    return dispatch(request.body, unit.capabilities, origin, (error) => {
      if (origin.parent.call) origin.parent.call.refusal = error;
    });
  }

  #log({ spec, level, message, stream }: LogMessage, job: Job | undefined): void {
    const unit = this.unitsBySpec.get(spec);
    if (!unit) return;
    if (stream) {
      unit.onOutput?.(stream, message);
      return;
    }
    const callId = job instanceof PluginCall ? job.callId : undefined;
    const line = lineText(this.redaction.line(message), MAX_LINE_BYTES);
    const about = callId === undefined ? {} : { callId };
    if (level === 'trace') unit.logger.trace?.(about, line);
    else unit.logger[level](about, line);
    if (this.emitter.listenerCount('log') === 0) return;
    this.emitter.emit('log', {
      plugin: unit.name,
      version: unit.version,
      level,
      message: line,
      ...about,
      at: Date.now(),
    });
  }

  #violation({ spec, kind, message, detail }: ViolationMessage, job: Job | undefined): void {
    const unit = this.unitsBySpec.get(spec);
    if (unit) this.violate(unit, { kind, message, detail }, job instanceof PluginCall ? job : undefined);
  }

  #disposeIdle(): void {
    const olderThan = performance.now() - this.options.idle.unloadAfterMs;
    for (const unit of this.units.values()) {
      if (unit.lastCallAt > olderThan || !mayGiveUp(this, unit)) continue;
      giveUpInstances(unit, `unused for ${this.options.idle.unloadAfterMs} ms`, olderThan);
    }
  }
}

/**
 * In audit mode what it lets through weighs nothing; and what is let in with a warning is not shut out by the third one.
 */
function weightsFor({
  mode,
  quarantine,
  validation,
}: RuntimeOptions): Partial<Record<ViolationKind, number>> {
  const audited = mode === 'audit' ? AUDITED_KINDS.map((kind) => [kind, 0]) : [];
  return {
    ...quarantine.weights,
    ...Object.fromEntries(audited),
    ...(validation.signatures === 'warn' && { signature: 0 }),
  };
}
