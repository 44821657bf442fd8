import type { ErrorCode } from '../errors/codes.js';
import type { ViolationKind } from '../events/violation-event.js';
import type { CompiledModule } from '../wasm/web-assembly.js';
import type { HostValueType } from './host-value.js';
import type { SharedBudgetShare } from './shared-budget.js';
import type { SharedMemory } from './shared-memory.js';
import type { FixedWasi } from './wasi/fixed.js';

/**
 * What a host and its sandbox threads say to each other. Messages of one tick travel together as an array. Everything
 * here is structured-cloneable; a thread believes its host, and a host treats what comes back as a guest's doing.
 */
export type ToThread =
  | DefineMessage
  | ForgetMessage
  | InstantiateMessage
  | CallMessage
  | DisposeMessage
  | RecallMessage
  | WithinMessage
  | CancelMessage
  | AnswerMessage;

export type FromThread = DoneMessage | AskMessage | LogMessage | ViolationMessage;

/** One function that the guest imports from the host. */
export interface HostFunctionImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly HostValueType[];
  readonly result: HostValueType | 'void';
  /** Not granted, but optional: it links, and calling it is refused. */
  readonly refused?: string;
  /** The host reads and makes blocks itself: see {@link RawAsk}. */
  readonly raw?: true;
}

/** A folder of the host that a guest may use under another name. */
export interface MountSpec {
  readonly guestPath: string;
  readonly hostPath: string;
  readonly access: 'read' | 'write';
  /** What it may hold; no bound where absent. */
  readonly quotaBytes?: number;
  /** Where the instances of all threads of this process count what it holds. */
  readonly quotaUse?: SharedArrayBuffer;
}

/** What a guest's WASI is made of. */
export interface WasiSpec {
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly MountSpec[];
  /** Folders in memory, of which each instance has its own. */
  readonly scratch: readonly { readonly guestPath: string; readonly maxBytes: number }[];
  /** Random bytes and clocks that are the same in every run; for tests. */
  readonly fixed?: FixedWasi;
  /** The host is to hear of what the guest uses. */
  readonly audit?: boolean;
  /** Standard output and error are lines of their own, not log lines; absent where they are. */
  readonly output?: 'forward' | 'drop';
}

/** The limits that the sandbox itself holds. `Infinity` means none. */
export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly outputBytes: number;
  readonly varBytes: number;
  readonly logBytesPerCall: number;
  readonly cpuMs: number;
  readonly fuel: number;
  readonly openFiles: number;
  readonly fileBytes: number;
}

/** A module as it goes to a thread. Compiled ones cannot go to another process: there they are compiled of their bytes. */
export interface GuestModule {
  readonly name: string;
  readonly module: CompiledModule | Uint8Array;
  /** Start-up exports of one that `main` is linked to; those of `main` are the spec's. */
  readonly startup?: readonly string[];
}

/** All that a thread has to know of a plugin to make instances of it. */
export interface GuestSpec {
  readonly id: number;
  readonly plugin: string;
  readonly version: string;
  /** Already rewritten; the one named `main` is called, the others are linked to it. */
  readonly modules: readonly GuestModule[];
  /** Start-up exports of `main` to run, in order. */
  readonly startup: readonly string[];
  /** Names that callers use → names that the rewritten module exports. */
  readonly renamedExports: ReadonlyMap<string, string>;
  /** The exported fuel counter; absent where the plugin is not metered. */
  readonly fuelExport?: string;
  /** The memory that WASI works on. Default `memory`. */
  readonly memoryExport?: string;
  /** Pages of 64 KiB that the modules' memories have from the start. */
  readonly guestPages: number;
  /** Memories that it has, for V8's reservations of addresses: one of 64 bits counts twice. Default 1. */
  readonly memories?: number;
  readonly limits: SandboxLimits;
  readonly config: readonly (readonly [string, string])[];
  readonly hostFunctions: readonly HostFunctionImport[];
  /** Present where a module imports WASI. */
  readonly wasi?: WasiSpec;
  /** Log levels below this index of {@link LOG_LEVELS} do not leave the thread. */
  readonly logLevel: number;
  /** Present where the guest is to find what Extism's SDK does. */
  readonly asSdk?: { readonly responseHeaders: boolean };
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type GuestLogLevel = (typeof LOG_LEVELS)[number];

/** Extism vars by name. */
export type Vars = ReadonlyMap<string, Uint8Array>;

export interface DefineMessage {
  readonly op: 'define';
  readonly spec: GuestSpec;
}
export interface ForgetMessage {
  readonly op: 'forget';
  readonly spec: number;
}
export interface InstantiateMessage {
  readonly op: 'instantiate';
  readonly seq: number;
  readonly spec: number;
  readonly instance: number;
  readonly vars: Vars;
  /** The start deadline, in milliseconds from now on; `Infinity` for none. */
  readonly timeoutMs: number;
}
export interface CallMessage {
  readonly op: 'call';
  readonly seq: number;
  readonly instance: number;
  readonly fn: string;
  readonly input: Uint8Array | string;
  readonly timeoutMs: number;
  readonly fuel: number;
  /** Makes the instance of this spec for the call and disposes of it afterwards. */
  readonly fresh?: { readonly spec: number; readonly vars: Vars; readonly startTimeoutMs: number };
  /** The call of this thread that waits for this one: it is run at once, inside. */
  readonly within?: number | undefined;
  /** The question that a guest of this thread waits for, where what this call gives is the answer. */
  readonly answers?: number | undefined;
}
export interface DisposeMessage {
  readonly op: 'dispose';
  readonly instance: number;
}
/** The calls that were sent to this instance and are not begun come back: they may have a better place. */
export interface RecallMessage {
  readonly op: 'recall';
  readonly instance: number;
}
/** The call `seq`, where it is not begun, runs inside of `within`, which blocks this thread. */
export interface WithinMessage {
  readonly op: 'within';
  readonly seq: number;
  readonly within: number;
}
/** The caller gave up: skip the call, or stop it. */
export interface CancelMessage {
  readonly op: 'cancel';
  readonly seq: number;
}
export interface AnswerMessage {
  readonly op: 'answer';
  readonly ask: number;
  readonly answer: Answer;
}

/** What a guest asks of the host while it waits. */
export type Ask =
  | { readonly kind: 'http'; readonly request: string; readonly body: Uint8Array | undefined }
  /** Only of a guest that is suspended meanwhile: any other sleeps by itself. */
  | { readonly kind: 'sleep'; readonly ms: number }
  /** In audit mode, once an instance for each: what the guest used of its WASI. */
  | { readonly kind: 'audit'; readonly what: 'env' }
  | { readonly kind: 'audit'; readonly what: 'fs'; readonly path: string; readonly access: 'read' | 'write' }
  | { readonly kind: 'host-function'; readonly index: number; readonly args: readonly unknown[] }
  | RawAsk
  | {
      readonly kind: 'plugin-call';
      readonly plugin: string;
      readonly fn: string;
      readonly input: Uint8Array;
    };

/**
 * A call of a host function that works on the guest's blocks itself. The guest waits: until the answer its memory stays
 * as it is, and where new blocks will be is known.
 */
export interface RawAsk {
  readonly kind: 'raw-function';
  readonly index: number;
  readonly args: readonly unknown[];
  readonly memory: SharedArrayBuffer;
  /** The end of the last block. */
  readonly top: number;
  /** Bytes that the memory limit leaves for new blocks, headers included. */
  readonly room: number;
  readonly logLevel: number;
  /** What the guest changed of its vars since its call began, and the bytes that all of them count. */
  readonly vars: VarChanges | undefined;
  readonly varBytes: number;
}

/** The value that answers a {@link RawAsk}. */
export interface RawAnswer {
  readonly result: unknown;
  /** New blocks, in the order in which the host laid them out behind {@link RawAsk.top}. */
  readonly blocks: readonly Uint8Array[];
  readonly error?: string | undefined;
  readonly vars: ReadonlyMap<string, Uint8Array | undefined>;
  readonly logLevel: number;
}

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  /** Ends the asking call with this failure. */
  | { readonly ok: false; readonly failure: Failure };

/** The answer to an `http` ask. `status` 0 means that no answer came: a network failure, not a refusal. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** An error on its way between threads. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** The violation that this is, for the host's ledger. */
  readonly violation?: ViolationKind | undefined;
  /** The guest had its thread to itself when it was stopped: it computed, or slept there. */
  readonly heldThread?: true;
}

/** What one run of a guest cost. */
export interface RunFigures {
  /** From start to end on the thread, waiting for the host included. */
  readonly durationMs: number;
  /** Processor time; where the platform does not tell it, the duration without waiting for the host. */
  readonly cpuMs: number;
  /** Instructions; absent where the plugin is not metered. */
  readonly fuel?: number | undefined;
  /** Guest memory and blocks after the run. */
  readonly memoryBytes: number;
}

export interface DoneMessage {
  readonly op: 'done';
  readonly seq: number;
  readonly output?: Uint8Array | undefined;
  readonly failure?: Failure | undefined;
  readonly figures: RunFigures;
  /** The instance is no more: it trapped, was stopped, or never came to be. */
  readonly lost: boolean;
  /** Nothing ran: the instance was gone already, or, where it is not `lost`, the call was recalled. The host sends it again. */
  readonly unstarted?: boolean;
  readonly vars?: VarChanges | undefined;
  /** The question that it has answered already. */
  readonly answers?: number | undefined;
}

/** Vars that a run changed; `undefined` as a value means deleted. With `all`, there are no others. */
export interface VarChanges {
  readonly all: boolean;
  readonly entries: ReadonlyMap<string, Uint8Array | undefined>;
}
export interface AskMessage {
  readonly op: 'ask';
  readonly ask: number;
  readonly seq: number;
  readonly spec: number;
  /**
   * Present where the guest is suspended and its thread goes on: when its call has to be over, by `sharedNow()`. Otherwise the
   * thread waits with it.
   */
  readonly deadline?: number | undefined;
  readonly body: Ask;
}
export interface LogMessage {
  readonly op: 'log';
  readonly seq: number;
  readonly spec: number;
  readonly level: GuestLogLevel;
  readonly message: string;
  /** No log line but one of the guest's standard output or error. */
  readonly stream?: 'stdout' | 'stderr';
}
export interface ViolationMessage {
  readonly op: 'violation';
  readonly seq: number;
  readonly spec: number;
  readonly kind: ViolationKind;
  readonly message: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What a thread is started with. */
export interface ThreadData {
  readonly kernel: CompiledModule;
  readonly control: SharedArrayBuffer;
  readonly shared: SharedMemory;
  /** The thread is to have a low priority. */
  readonly isBackground: boolean;
  readonly files: SharedBudgetShare;
  /** In pages. */
  readonly memory: SharedBudgetShare;
  /** Memories, for their addresses. */
  readonly space: SharedBudgetShare;
  /** Of guests that can be suspended; absent where none is. */
  readonly stacks?: SharedBudgetShare;
}
