import { CordonError, cordonError } from '../../src/errors/cordon-error.js';
import { CALL_CHANNEL, type CallTrace } from '../../src/events/channels.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import type { HostProbe } from '../../src/runtime/test-doubles.js';
import type { CallOptions } from '../call-options.js';
import type { Host } from '../host.js';
import type { Plugin } from '../plugin.js';
import type { TestHttp } from './http-option.js';
import type { RunningFunctions } from './mock-functions.js';
import { emptyRecording, type Recorded, type Recorder } from './recorder.js';
import { TestCall } from './test-call.js';
import type { TestClock } from './test-clock.js';
import type { TestFiles } from './test-files.js';

/** The call that is being made at this very moment, for the channel's listener. */
interface CallWatch {
  /** Runs `work`, which makes one call at once, and tells the trace of that call. */
  during<T>(work: () => T): { readonly value: T; readonly trace: CallTrace | undefined };
  close(): void;
}

interface Parts {
  readonly host: Host;
  readonly plugin: Plugin;
  readonly recorder: Recorder;
  readonly calls: CallWatch;
  readonly files: TestFiles;
  readonly http: TestHttp;
  readonly clock: TestClock | undefined;
  readonly running: RunningFunctions;
  readonly probe: HostProbe;
}

const MISUSE: ReadonlySet<string> = new Set(['ERR_OPTIONS', 'ERR_NO_EXPORT', 'ERR_CLOSED']);

/** A mistake of the test itself, for which no call began: it is thrown, and is no result. */
function isMisuse({ code, callId }: CordonError): boolean {
  return callId === undefined && MISUSE.has(code);
}

/** A plugin under test. Close it, or declare it with `await using`: that fails the test if the plugin left anything behind. */
export class TestPlugin implements AsyncDisposable {
  /** What is in its mounts, before, between and after calls. */
  readonly files: TestFiles;
  readonly #parts: Parts;
  readonly #under = new Map<Promise<unknown>, string>();
  #closed: Promise<void> | undefined;

  /** @internal Made by `loadPlugin`. */
  constructor(parts: Parts) {
    this.files = parts.files;
    this.#parts = parts;
  }

  /** @internal Listens to a new host, and loads. */
  static async observe(
    host: Host,
    name: string,
    recorder: Recorder,
    load: () => Promise<Plugin>,
  ): Promise<{ readonly plugin: Plugin; readonly calls: CallWatch }> {
    host.on('log', ({ plugin, level, message, callId }) => {
      if (plugin === name) recorder.add('logs', callId, { level, message });
    });
    host.on('violation', (violation) => {
      if (violation.plugin === name) recorder.add('violations', violation.callId, violation);
    });
    const calls = watchCalls(host);
    try {
      return { plugin: await load(), calls };
    } catch (error) {
      calls.close();
      throw error;
    }
  }

  get name(): string {
    return this.#parts.plugin.name;
  }

  get version(): string {
    return this.#parts.plugin.version;
  }

  /** Deeply frozen. */
  get manifest(): Manifest {
    return this.#parts.plugin.manifest;
  }

  /** Functions that can be called, sorted. */
  get exports(): readonly string[] {
    return this.#parts.plugin.exports;
  }

  /** The host that it runs in, for what is not here: events, statistics, reload. */
  get host(): Host {
    return this.#parts.host;
  }

  /** What it did outside of calls: in its start-up and in `on_activate`. */
  get startup(): Recorded {
    return this.#parts.recorder.outside;
  }

  /** @throws ERR_STATE with `clock: 'real'` */
  get clock(): TestClock {
    const { clock } = this.#parts;
    if (clock) return clock;
    throw cordonError('ERR_STATE', `${this.name} was loaded with clock: 'real', which nobody can set.`);
  }

  /**
   * Calls an export and tells all that happened. A call that fails resolves too: look at `error`, or read its output, which
   * throws it then.
   * @throws ERR_OPTIONS, ERR_NO_EXPORT, ERR_CLOSED: mistakes of the test
   */
  async call(fn: string, input?: unknown, options?: CallOptions): Promise<TestCall> {
    const { plugin, recorder, calls } = this.#parts;
    if (this.#closed) throw cordonError('ERR_CLOSED', `${plugin.name} was closed by the test.`);
    const { value: promise, trace } = calls.during(() => plugin.call(fn, input, options));
    const recording = trace?.callId === undefined ? emptyRecording() : recorder.begin(trace.callId);
    this.#under.set(promise, fn);
    try {
      return new TestCall(fn, await promise, recording, trace?.figures);
    } catch (error) {
      if (!(error instanceof CordonError) || isMisuse(error)) throw error;
      return new TestCall(fn, error, recording, trace?.figures);
    } finally {
      this.#under.delete(promise);
      if (trace?.callId !== undefined) recorder.end(trace.callId);
    }
  }

  /**
   * Nothing is under way or open: no call that nobody waited for, no mock that has not answered, no file that the guest left
   * open.
   * @throws ERR_STATE naming what there is
   */
  assertClean(): void {
    const leaks = this.#leaks();
    if (leaks.length > 0) throw this.#leaked(leaks);
  }

  /**
   * Ends the plugin and its host, and removes its files. Rejects where it was not clean, after everything was closed; a further
   * close resolves.
   * @throws ERR_STATE naming what was left
   */
  async close(): Promise<void> {
    if (this.#closed) return this.#closed.catch(() => {});
    this.#closed = this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { host, calls, http, files } = this.#parts;
    const leaks = this.#leaks();
    calls.close();
    try {
      await host.close({ drainMs: 0 });
      await http.finish();
    } finally {
      await files.remove();
    }
    const { threads, processes } = host.stats();
    if (threads + processes > 0) leaks.push(`${threads} threads and ${processes} processes that do not end`);
    if (leaks.length > 0) throw this.#leaked(leaks);
  }

  #leaks(): string[] {
    const { running, http, probe } = this.#parts;
    const names = (list: Iterable<string>) => [...list].slice(0, 10).join(', ');
    const leaks: string[] = [];
    if (this.#under.size > 0) leaks.push(`calls that nobody waited for: ${names(this.#under.values())}`);
    if (running.size > 0) {
      leaks.push(`host functions that have not returned: ${names([...running].map(({ name }) => name))}`);
    }
    if (http.running.size > 0) {
      leaks.push(
        `HTTP requests without an answer: ${names([...http.running].map(({ url }) => url.slice(0, 200)))}`,
      );
    }
    const open = probe.openFiles();
    if (open > 0) leaks.push(`files or folders that the guest left open: ${open}`);
    return leaks;
  }

  #leaked(leaks: readonly string[]): CordonError {
    const { name, version } = this.#parts.plugin;
    return cordonError('ERR_STATE', `${name} is not clean: ${leaks.join('; ')}.`, {
      plugin: name,
      version,
      details: { leaks },
    });
  }
}

function watchCalls(host: Host): CallWatch {
  let waits = false;
  let trace: CallTrace | undefined;
  const onStart = (message: unknown): void => {
    if (!waits || (message as CallTrace).host !== host) return;
    waits = false;
    trace = message as CallTrace;
  };
  CALL_CHANNEL.start.subscribe(onStart);
  return {
    during: (work) => {
      waits = true;
      trace = undefined;
      try {
        const value = work();
        return { value, trace };
      } finally {
        waits = false;
      }
    },
    close: () => void CALL_CHANNEL.start.unsubscribe(onStart),
  };
}
