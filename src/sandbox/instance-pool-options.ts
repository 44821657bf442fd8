import type { StartHook } from './instance-slot.js';
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
  /** Of one core, in percent; `Infinity` for no limit. */
  readonly cpuPercent: number;
  /** Is that held also while the processor has time to spare? */
  readonly isCpuCap: boolean;
  readonly hooks: readonly StartHook[];
  /** Run for what the version before has left behind, after the hooks: once, and once for each tenant that has vars of it. */
  readonly migrate?: string | undefined;
  /** The version that served before, and what {@link InstancePool.keptVars} of it gave. */
  readonly replaces?: { readonly version: string; readonly vars: KeptVars } | undefined;
}

/** No: why an instance may not exist, and whether waiting may help. */
export interface Admission {
  readonly failure: Failure;
  readonly canWait: boolean;
}

export interface InstancePoolListener {
  /** May one more instance exist? `isAwaited`: for a call on behalf of a running one of another plugin. */
  admit(isAwaited: boolean): Admission | undefined;
  /** An instance waits for room: `wake` is to be called once, when there may be some. `isBare`: its calls have no other. */
  onRoom(wake: () => void, isBare: boolean): void;
  onStarted(): void;
  /** An instance is no more, for whatever reason. */
  onGone(): void;
  /** There is no room for an instance, and no call waits for it any more. */
  onNotNeeded(): void;
  /** An instance did not come to be; the calls that waited for it fail with this, unless `others` serve them. */
  onStartFailed(failure: Failure, others: boolean): void;
  /** Vars are kept of so many tenants, and there were more: those of the one that was served longest ago are gone. */
  onVarsForgotten(tenants: number): void;
  /** An instance is gone without anybody having asked for it. */
  onLost(failure: Failure): void;
}
