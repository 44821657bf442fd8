import type { CordonError } from '../../src/errors/cordon-error.js';
import type { CallEvent } from '../../src/events/host-events.js';
import type { ViolationEvent } from '../../src/events/violation-event.js';
import { Output } from '../output.js';
import type { HostFunctionRecord, HttpRecord, LogRecord, Recorded } from './recorder.js';

type Figures = Partial<Omit<CallEvent, 'callId' | 'plugin' | 'version' | 'fn' | 'ok' | 'code'>>;

/** One call of a plugin under test, after its end: what it answered, and all that it did and cost. */
export class TestCall implements Recorded {
  readonly fn: string;
  /** It did not fail. */
  readonly ok: boolean;
  /** What it failed with; undefined where it did not. */
  readonly error: CordonError | undefined;
  readonly logs: readonly LogRecord[];
  readonly violations: readonly ViolationEvent[];
  readonly httpRequests: readonly HttpRecord[];
  readonly hostFunctionCalls: readonly HostFunctionRecord[];
  /** Instructions; undefined where nothing ran, or with `metering: false`. */
  readonly fuel: number | undefined;
  /** The guest's memories and blocks at the end; undefined where nothing ran. */
  readonly memoryBytes: number | undefined;
  /** Execution, mocks included. */
  readonly durationMs: number | undefined;
  /** Processor time. */
  readonly cpuMs: number | undefined;
  readonly #output: Output | undefined;

  /** @internal */
  constructor(fn: string, result: Output | CordonError, recorded: Recorded, figures: Figures = {}) {
    this.fn = fn;
    this.#output = result instanceof Output ? result : undefined;
    this.error = result instanceof Output ? undefined : result;
    this.ok = this.#output !== undefined;
    this.logs = recorded.logs;
    this.violations = recorded.violations;
    this.httpRequests = recorded.httpRequests;
    this.hostFunctionCalls = recorded.hostFunctionCalls;
    this.fuel = figures.fuel;
    this.memoryBytes = figures.memoryBytes;
    this.durationMs = figures.durationMs;
    this.cpuMs = figures.cpuMs;
  }

  /** What it answered. @throws the call's error, where it failed */
  get output(): Output {
    if (this.#output) return this.#output;
    throw this.error;
  }

  /** The output as UTF-8. @throws the call's error, where it failed */
  text(): string {
    return this.output.text();
  }

  /** The output as JSON. @throws the call's error, where it failed; ERR_OUTPUT */
  json<T = unknown>(): T {
    return this.output.json<T>();
  }

  /** The output itself. @throws the call's error, where it failed */
  bytes(): Uint8Array {
    return this.output.bytes();
  }
}
