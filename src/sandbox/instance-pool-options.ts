import type { StartRequest } from './instance-slot.js';
import type { Failure, GuestSpec } from './protocol.js';
import type { KeptVars } from './var-store.js';

/** How a plugin's instances live. */
export type InstanceMode = 'stateful' | 'per-call' | { readonly pool: number };

export interface InstancePoolOptions {
  readonly spec: GuestSpec;
  readonly mode: InstanceMode;
  /** The ceiling for instances at a time, over all tenants. */
  readonly maxInstances: number;
  readonly isolation: 'shared' | 'thread' | 'process';
  readonly startTimeoutMs: number;
  readonly hooks: StartRequest['hooks'];
  /** What {@link InstancePool.keptVars} of an earlier version gave. */
  readonly vars?: KeptVars;
}

export interface InstancePoolListener {
  /** May one more instance exist? A failure says why not. */
  admit(): Failure | undefined;
  onStarted(): void;
  /** An instance did not come to be; the calls that waited for it fail with this, unless `others` serve them. */
  onStartFailed(failure: Failure, others: boolean): void;
  /** An instance is gone without anybody having asked for it. */
  onLost(failure: Failure): void;
}
