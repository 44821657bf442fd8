import { randomFillSync } from 'node:crypto';
import { argsAndEnviron, encodeArgs, encodeEnviron } from './args-environ.js';
import { clocks, HOST_CLOCK } from './clocks.js';
import type { Clock, WasiContext, WasiStop } from './context.js';
import { descriptorControl } from './descriptor-control.js';
import { DescriptorTable, type SharedPlaces } from './descriptors.js';
import { ERRNO, errnoOfSystemError } from './errno.js';
import { Fault } from './fault.js';
import { fileAccess } from './file-access.js';
import { fileAttributes } from './file-attributes.js';
import { folderListing } from './folder-listing.js';
import { GuestMemory } from './guest-memory.js';
import { LineWriter } from './line-writer.js';
import { type HostMount, type Mount, openHostMount, openScratchMount, type ScratchMount } from './mount.js';
import { notGranted } from './not-granted.js';
import { pathAttributes } from './path-attributes.js';
import { pathChanges } from './path-changes.js';
import { pathOpen } from './path-open.js';
import { beginPoll, poll, type Sleep } from './poll.js';
import { processControl } from './process-control.js';
import { random } from './random.js';
import { Refusals, type WasiViolation } from './refusals.js';
import { INPUT_RIGHTS, mountRights, OUTPUT_RIGHTS } from './rights.js';
import { checkedArguments, type WasiFunctionName, type WasiFunctions } from './signatures.js';

export interface WasiOptions {
  /** The program's arguments, at most 64 KiB. Default: none. */
  readonly args?: readonly string[];
  /** The environment: what was granted and nothing else. At most 128 KiB. */
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly HostMount[];
  readonly scratch?: readonly ScratchMount[];
  readonly limits: {
    /** Files and directories that the guest has open at a time; streams and mounts are not counted. */
    readonly openFiles: number;
    /** The size that a write may give a file; larger files can be read. Bytes. */
    readonly fileBytes: number;
  };
  /** Places for open files that all guests of a host share. Default: as many as `limits.openFiles` of each say. */
  readonly files?: SharedPlaces;
  /** The guest reads from a mount, or wants to change something in it, for the first time. */
  onMountUse?(guestPath: string, access: 'read' | 'write'): void;
  /** The guest looks at its environment for the first time. */
  onEnvironUse?(): void;
  /** One line without its end, at most 8 192 bytes. Control characters other than the line's end are still in it. */
  stdout(line: string): void;
  stderr(line: string): void;
  /** Default: the host's clocks. */
  readonly clock?: Clock;
  /** Fills at most 64 KiB. Default: `crypto.randomFillSync`. */
  random?(bytes: Uint8Array): void;
  /** Blocks the thread. Answers false as soon as the call must stop. */
  sleep(ms: number): boolean;
  /** Ends the call, by a WebAssembly trap if the guest must not catch it. */
  trap(reason: WasiStop): never;
  /** A refusal that does not end the call: at most 16 in a call, then their number at its end. */
  violation(violation: WasiViolation): void;
}

export type WasiImport = (...args: (number | bigint)[]) => number;

export interface Wasi {
  /** All functions of `wasi_snapshot_preview1`. */
  readonly imports: Readonly<Record<WasiFunctionName, WasiImport>>;
  /**
   * `poll_oneoff` up to where it waits: for so many milliseconds, and what it answers once they have passed. Or its answer, where it
   * does not wait.
   */
  beginPoll(args: readonly unknown[]): number | { readonly ms: number; wake(): number };
  /** Before it, functions that need the memory answer EFAULT. */
  bind(memory: WebAssembly.Memory): void;
  /** The end of a call: hands on unfinished lines and the number of untold refusals. Open files stay open. */
  flush(): void;
  /** Closes everything. Functions called later answer EBADF. */
  dispose(): void;
  /** What counts against `limits.openFiles`. Each holds one descriptor of the host, except in a scratch mount. */
  openFiles(): number;
}

/**
 * WASI preview 1 for one instance: virtual, denying by default, synchronous. What is not in `options` is not there.
 * @throws ERR_OPTIONS for a mount that cannot be opened and for arguments or environment that are too large.
 */
export function createWasi(options: WasiOptions): Wasi {
  const memory = new GuestMemory();
  const descriptors = new DescriptorTable(options.limits.openFiles, options.files);
  const refusals = new Refusals((violation) => options.violation(violation));
  const stdout = new LineWriter((line) => options.stdout(line));
  const stderr = new LineWriter((line) => options.stderr(line));
  let stopped: WasiStop | undefined;

  function flush(): void {
    stdout.flush();
    stderr.flush();
    refusals.endCall();
  }

  /** A guest that catches the exception, where it is one, meets it again at its next call. */
  function stop(reason: WasiStop): never {
    if (stopped === undefined) {
      stopped = reason;
      flush();
    }
    return options.trap(stopped);
  }

  const context: WasiContext = {
    memory,
    descriptors,
    args: encodeArgs(options.args ?? []),
    environ: encodeEnviron(options.env),
    onEnviron: once(() => options.onEnvironUse?.()),
    fileBytes: options.limits.fileBytes,
    clock: options.clock ?? HOST_CLOCK,
    random: options.random?.bind(options) ?? ((bytes) => void randomFillSync(bytes)),
    sleep: (ms) => options.sleep(ms),
    stdout,
    stderr,
    stop,
  };
  openStreams(descriptors);
  openMounts(options, context);

  function answer(
    name: WasiFunctionName,
    run: (...args: (number | bigint)[]) => void,
    given: readonly unknown[],
  ): number {
    if (stopped !== undefined) return stop(stopped);
    const args = checkedArguments(name, given);
    if (args === undefined) return ERRNO.INVAL;
    try {
      run(...args);
      return ERRNO.SUCCESS;
    } catch (error) {
      const fault = error instanceof Fault ? error : systemFault(error);
      if (fault === undefined) throw error;
      if (fault.refusal !== undefined) {
        const last = refusals.report(name, fault.errno, fault.refusal);
        if (last !== undefined) stop({ ...last, kind: 'violation', violation: last.kind });
      }
      return ERRNO[fault.errno];
    }
  }

  const imports = {} as Record<WasiFunctionName, WasiImport>;
  for (const group of GROUPS) {
    const functions = group(context) as Partial<WasiFunctions>;
    for (const name of Object.keys(functions) as WasiFunctionName[]) {
      const run = functions[name] as (...args: (number | bigint)[]) => void;
      imports[name] = (...args: unknown[]) => answer(name, run, args);
    }
  }

  const begin = beginPoll(context);
  return {
    imports,
    beginPoll(args) {
      let sleep: Sleep | undefined;
      const run = (...given: (number | bigint)[]): void => {
        sleep = begin(...(given as PollArguments));
      };
      const errno = answer('poll_oneoff', run, args);
      if (!sleep) return errno;
      const { ms, wake } = sleep as Sleep;
      return { ms, wake: () => answer('poll_oneoff', wake, args) };
    },
    bind: (bound) => memory.bind(bound),
    flush,
    dispose: () => descriptors.closeAll(),
    openFiles: () => descriptors.counted,
  };
}

type PollArguments = Parameters<WasiFunctions['poll_oneoff']>;

/** Between them they have every function of preview 1. */
const GROUPS = [
  argsAndEnviron,
  clocks,
  random,
  processControl,
  poll,
  descriptorControl,
  fileAccess,
  fileAttributes,
  folderListing,
  pathOpen,
  pathChanges,
  pathAttributes,
  notGranted,
] as const;

function openStreams(descriptors: DescriptorTable): void {
  const input = { base: INPUT_RIGHTS, inheriting: 0n };
  const output = { base: OUTPUT_RIGHTS, inheriting: 0n };
  descriptors.setStream(0, { kind: 'stream', stream: 'stdin', rights: input, flags: 0 });
  descriptors.setStream(1, { kind: 'stream', stream: 'stdout', rights: output, flags: 0 });
  descriptors.setStream(2, { kind: 'stream', stream: 'stderr', rights: output, flags: 0 });
}

function openMounts(options: WasiOptions, { descriptors, clock, sleep, stop }: WasiContext): void {
  let device = 0n;
  const add = (opened: Mount): void => {
    const { guestPath } = opened;
    const onUse = options.onMountUse && {
      read: once(() => options.onMountUse?.(guestPath, 'read')),
      write: once(() => options.onMountUse?.(guestPath, 'write')),
    };
    const mount = { ...opened, onUse };
    descriptors.add({
      kind: 'folder',
      folder: mount.root,
      mount,
      path: '',
      preopen: true,
      listing: undefined,
      rights: mountRights(mount.writable),
      flags: 0,
    });
  };
  // Measuring a mount of very many files takes longer than a call may.
  const breathe = (): void => {
    if (!sleep(0)) stop({ kind: 'interrupted' });
  };
  try {
    for (const mount of options.mounts) add(openHostMount(mount, ++device, breathe));
    for (const mount of options.scratch ?? [])
      add(openScratchMount(mount, ++device, () => clock.realtimeNs()));
  } catch (error) {
    descriptors.closeAll();
    throw error;
  }
}

function systemFault(error: unknown): Fault | undefined {
  const errno = errnoOfSystemError(error);
  return errno === undefined ? undefined : new Fault(errno);
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
