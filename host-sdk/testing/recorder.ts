import type { ViolationEvent } from '../../src/events/violation-event.js';
import type { LogLevel } from '../../src/log/logger.js';

/** A line of the plugin's log. */
export interface LogRecord {
  readonly level: LogLevel;
  /** One line; control characters are escaped. */
  readonly message: string;
}

/** One request as it reached the mock; each redirect is one of its own. What was refused is a violation instead. */
export interface HttpRecord {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** 0 where the network did not answer; undefined while it has not yet, and where the mock failed. */
  readonly status: number | undefined;
}

/** One call of a mocked host function by the plugin. */
export interface HostFunctionRecord {
  /** With its namespace in front, where that is not `extism:host/user`. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** What the mock returned; undefined while it runs. */
  readonly result: unknown;
  /** What it threw. */
  readonly error: unknown;
}

/** What a plugin did: in one call, or outside of all calls (start-up, `on_activate`). In the order in which it happened. */
export interface Recorded {
  readonly logs: readonly LogRecord[];
  readonly violations: readonly ViolationEvent[];
  readonly httpRequests: readonly HttpRecord[];
  readonly hostFunctionCalls: readonly HostFunctionRecord[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A {@link Recorded} that is being written. */
export interface Recording {
  readonly logs: LogRecord[];
  readonly violations: ViolationEvent[];
  readonly httpRequests: Mutable<HttpRecord>[];
  readonly hostFunctionCalls: Mutable<HostFunctionRecord>[];
}

export function emptyRecording(): Recording {
  return { logs: [], violations: [], httpRequests: [], hostFunctionCalls: [] };
}

/** Kept of what happens outside of calls: a plugin that starts again and again must not grow a test without bound. */
const MOST = 10_000;

/** Sorts what a plugin does by the call that it does it in. */
export class Recorder {
  /** What happened outside of calls. */
  readonly outside: Recording = emptyRecording();
  readonly #calls = new Map<string, Recording>();

  /** From now on what happens in this call is kept by itself. */
  begin(callId: string): Recording {
    const recording = emptyRecording();
    this.#calls.set(callId, recording);
    return recording;
  }

  end(callId: string): void {
    this.#calls.delete(callId);
  }

  add<Kind extends keyof Recording>(
    kind: Kind,
    callId: string | undefined,
    record: Recording[Kind][number],
  ): void {
    const { [kind]: list } = (callId !== undefined && this.#calls.get(callId)) || this.outside;
    if (list.length < MOST) (list as unknown[]).push(record);
  }
}
