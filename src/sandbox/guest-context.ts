import type { ViolationKind } from '../events/violation-event.js';
import type { Kernel } from '../kernel/kernel.js';
import type { CallState } from './call-state.js';
import type { GuestVars } from './guest-vars.js';
import type { Ask, Failure, GuestLogLevel, GuestSpec } from './protocol.js';

/** What the functions that a guest imports may use of its instance. */
export interface GuestContext {
  readonly spec: GuestSpec;
  readonly kernel: Kernel;
  readonly vars: GuestVars;
  /** The run in progress. */
  readonly state: CallState;
  /** Log levels below do not leave the thread; a host function may change it. */
  logLevel: number;

  /** Ends the run with this failure: makes the guest trap, which it cannot catch. */
  stop(failure: Failure): never;
  /** The same for a failure that is a violation. */
  stopFor(kind: ViolationKind, failure: Failure): never;
  /** Lets the run go on, or ends it: at its deadline, where its caller gave up, and where it used more of the processor than it may. */
  tick(): void;
  /** The guest left by `proc_exit`: ends the run. */
  exit(code: number): never;
  /** Reports a violation that does not end the run, once a run for each kind. */
  report(kind: ViolationKind, message: string, detail: Readonly<Record<string, unknown>>): void;
  /** Blocks the thread until the host answers; ends the run where it refuses, or where the deadline comes first. */
  ask(body: Ask): unknown;
  /** Bytes that the memory limit leaves for more blocks. */
  readonly blockRoom: number;
  /** A new block for the guest; ends the run where the memory limit leaves no room. */
  store(value: Uint8Array | string): bigint;
  /** A block that the guest hands over; ends the run where it is none (`abi`). `what` names the taker. */
  readText(offset: bigint, what: string, maxBytes: number): string;
  readBytes(offset: bigint, what: string, maxBytes: number): Uint8Array<ArrayBuffer>;
  /** Sends a log line that fits into what is left of `logBytesPerCall`. */
  log(level: GuestLogLevel, message: string, stream?: 'stdout' | 'stderr'): void;
  /** Counts a log line that does not. */
  dropLogLine(bytes: number): void;
}
