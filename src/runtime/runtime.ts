import type { ConnectionPool } from '../bridge/http/connection-pool.js';
import type { DiskCache } from '../cache/disk-cache.js';
import type { ModuleCache } from '../cache/module-cache.js';
import type { SummaryCache } from '../cache/summary-cache.js';
import type { Catalog } from '../catalog/catalog.js';
import type { ErrorCode } from '../errors/codes.js';
import type { HostEvents, WarningTopic } from '../events/host-events.js';
import type { SafeEmitter } from '../events/safe-emitter.js';
import type { ViolationKind } from '../events/violation-event.js';
import type { Redaction } from '../log/redaction.js';
import type { HostStats } from '../metrics/host-stats.js';
import type { AuditTrail } from '../policy/audit-trail.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Quarantine } from '../violations/quarantine.js';
import type { QuarantineStore } from '../violations/quarantine-store.js';
import type { ViolationLedger } from '../violations/violation-ledger.js';
import type { EvictionOrder } from './eviction-order.js';
import type { InputMemory } from './input-memory.js';
import type { PluginCall } from './plugin-call.js';
import type { PluginUnit } from './plugin-unit.js';
import type { ModuleFacts } from './prepare-module.js';
import type { QuotaUses } from './quota-uses.js';
import type { RoomQueue } from './room-queue.js';
import type { RuntimeOptions } from './runtime-options.js';
import type { SkippedPlugins } from './skipped-plugins.js';

/** The parts of a running host, as the ways of a load, a call, an unload and a close use them. */
export interface Runtime {
  readonly options: RuntimeOptions;
  readonly emitter: SafeEmitter<HostEvents<ErrorCode>>;
  readonly catalog: Catalog;
  readonly sandbox: Sandbox;
  /** The sockets of all plugins. */
  readonly connections: ConnectionPool;
  readonly cache: ModuleCache<ModuleFacts>;
  readonly summaries: SummaryCache;
  /** Rewritten modules on disk, where the host keeps any. */
  readonly disk: DiskCache | undefined;
  /** Names of WebAssembly features that modules may use. */
  readonly features: readonly string[];
  /** Masks the secrets of configs. */
  readonly redaction: Redaction;
  readonly ledger: ViolationLedger;
  readonly quarantine: Quarantine;
  /** Memory for large inputs. */
  readonly inputs: InputMemory;
  /** Where quarantines outlive the host; undefined without a state directory. */
  readonly quarantineStore: QuarantineStore | undefined;
  readonly stats: HostStats;
  /** What folders with quotas hold. */
  readonly quotas: QuotaUses;
  /** Who waits for room for an instance. */
  readonly room: RoomQueue;
  /** Who gives up its instances first. */
  readonly evictions: EvictionOrder;
  /** Who was left out of a load. */
  readonly skipped: SkippedPlugins;
  /** What plugins used, by name; filled in audit mode only. */
  readonly audits: Map<string, AuditTrail>;
  /** Loaded plugins in the order of their activation. */
  readonly units: Map<string, PluginUnit>;
  /** The same by the id of their specs, those that drain included. */
  readonly unitsBySpec: Map<number, PluginUnit>;
  state: 'open' | 'closing' | 'closed';
  /** From 1 on, in the order in which calls are accepted. */
  nextCallNumber(): number;
  /** Records a violation, tells about it and, where it is one too many, puts the plugin into quarantine. */
  violate(unit: PluginUnit, violation: Violation, call?: PluginCall): void;
  /** Tells the operator. */
  warn(topic: WarningTopic, message: string, about?: Warning): void;
}

export interface Violation {
  readonly kind: ViolationKind;
  readonly message: string;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

export interface Warning {
  readonly plugin?: string;
  readonly version?: string;
  readonly code?: ErrorCode;
  readonly detail?: Readonly<Record<string, unknown>>;
}
