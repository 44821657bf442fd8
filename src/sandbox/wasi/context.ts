import type { DescriptorTable } from './descriptors.js';
import type { GuestMemory } from './guest-memory.js';
import type { LineWriter } from './line-writer.js';
import type { WasiViolation } from './refusals.js';

/** Why a call must end now. */
export type WasiStop =
  /** `proc_exit`; the instance is spent, also with code 0. */
  | { kind: 'exit'; code: number }
  /** A guest that goes on after very many refusals. */
  | ({ kind: 'violation'; violation: 'fs' | 'env' } & Pick<WasiViolation, 'message' | 'detail'>)
  /** `sleep` said that the call must stop: its deadline has passed or it was aborted. */
  | { kind: 'interrupted' };

export interface Clock {
  realtimeNs(): bigint;
  monotonicNs(): bigint;
}

/** What the functions of one instance share. */
export interface WasiContext {
  readonly memory: GuestMemory;
  readonly descriptors: DescriptorTable;
  /** Each with its NUL. */
  readonly args: readonly Uint8Array[];
  readonly environ: readonly Uint8Array[];
  /** The guest looks at it. */
  readonly onEnviron: () => void;
  readonly fileBytes: number;
  readonly clock: Clock;
  readonly random: (bytes: Uint8Array) => void;
  readonly sleep: (ms: number) => boolean;
  readonly stdout: LineWriter;
  readonly stderr: LineWriter;
  readonly stop: (reason: WasiStop) => never;
}
