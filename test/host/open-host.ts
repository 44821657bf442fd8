import {
  type CordonError,
  createHost,
  type Host,
  type HostEvents,
  type HostOptions,
  type InMemoryPlugin,
  type Logger,
} from 'cordon';
import { expect, onTestFinished } from 'vitest';
import { liveTimers, watchTimers } from './live-timers.js';

/** A logger that keeps quiet. */
export const silent: Logger = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
};

export interface LogLine {
  readonly level: string;
  readonly message: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that remembers. */
export function recorder(
  lines: LogLine[] = [],
  bound: Readonly<Record<string, unknown>> = {},
): Logger & { readonly lines: readonly LogLine[] } {
  const write = (level: string) => (fields: object, message?: string) => {
    lines.push({ level, message, fields: { ...bound, ...fields } });
  };
  return {
    lines,
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (bindings) => recorder(lines, { ...bound, ...bindings }),
  };
}

let openHosts = 0;

/**
 * A host of two quiet threads. It is closed after the test, which fails where anything is left then that keeps a
 * process alive, or a thread.
 */
export async function openHost(options: HostOptions = {}): Promise<Host> {
  const before = activeResources();
  watchTimers();
  const host = await createHost({ logger: silent, threads: { min: 1, max: 2 }, ...options });
  openHosts++;
  onTestFinished(async () => {
    await host.close({ drainMs: 0 });
    openHosts--;
    expect(host.stats().threads, 'threads after close').toBe(0);
    expect(host.stats().processes, 'processes after close').toBe(0);
    if (openHosts > 0) return;
    expect(liveTimers(), 'timers after close').toEqual([]);
    expect(await leftOver(before), 'what keeps the process alive after close').toEqual([]);
  });
  return host;
}

/** What keeps this process alive, without what passes by itself. */
export function activeResources(): string[] {
  // Timers come and go with vitest; Cordon's own are counted by themselves.
  const passing = new Set([
    'Immediate',
    'TickObject',
    'CloseReq',
    'FSReqPromise',
    'FSReqCallback',
    'Timeout',
  ]);
  return process
    .getActiveResourcesInfo()
    .filter((name) => !passing.has(name))
    .sort();
}

/** What is there beyond `before`. Sockets that were destroyed are closed by the event loop, and not at once. */
export async function leftOver(before: readonly string[]): Promise<string[]> {
  let left: string[] = [];
  for (let turn = 0; turn < 200; turn++) {
    const known = [...before];
    left = activeResources().filter((name) => {
      const at = known.indexOf(name);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
    if (left.length === 0) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return left;
}

/** A plugin in memory. */
export function plugin(
  name: string,
  wasm: Uint8Array,
  manifest: Partial<InMemoryPlugin['manifest']> = {},
): InMemoryPlugin {
  return {
    manifest: { manifestVersion: 1, name, version: '1.0.0', ...manifest } as InMemoryPlugin['manifest'],
    wasm,
  };
}

/** The error that a promise rejects with; it has to be one of Cordon's. */
export async function rejection(promise: Promise<unknown>): Promise<CordonError> {
  const error = await promise.then(
    (value) => expect.fail(`it resolved to ${String(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/), message: expect.any(String) });
  return error as CordonError;
}

/** The next event of this name that is wanted. */
export function next<Name extends keyof HostEvents>(
  host: Host,
  name: Name,
  wanted: (event: HostEvents[Name][0]) => boolean = () => true,
): Promise<HostEvents[Name][0]> {
  return new Promise((resolve) => {
    const listener = (event: HostEvents[Name][0]) => {
      if (!wanted(event)) return;
      host.off(name, listener as never);
      resolve(event);
    };
    host.on(name, listener as never);
  });
}

/** Everything that a host emits under this name from now on. */
export function collect<Name extends keyof HostEvents>(host: Host, name: Name): HostEvents[Name][0][] {
  const events: HostEvents[Name][0][] = [];
  host.on(name, ((event: HostEvents[Name][0]) => events.push(event)) as never);
  return events;
}

/** A promise and the way to settle it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
