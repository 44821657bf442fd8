import { performance } from 'node:perf_hooks';
import { CordonError, cordonError } from '../../src/errors/cordon-error.js';
import { ownValue } from '../../src/manifest/own-value.js';
import { checkValue, readOutput } from '../contract-call.js';
import { Output } from '../output.js';
import type {
  ExtensionEntry,
  ExtensionResult,
  FailurePolicy,
  ResolvedContract,
  ResolvedRunOptions,
  SkippedExtension,
} from './contract.js';
import type { ExtensionHost, ExtensionPlugin } from './extension-host.js';

/** What becomes of a timer that is longer than Node's are: there is none. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** States in which a plugin takes calls. */
const READY: ReadonlySet<string> = new Set(['ready', 'running', 'idle']);

/** How one plugin is asked. */
interface AskOptions {
  /** An empty output is no answer, rather than one that has to fit the contract. */
  readonly mayBeEmpty?: boolean;
  /** May refuse the answer. */
  readonly accept?: (value: unknown) => Promise<unknown>;
}

/** One run of an extension point: asks plugins one by one, holds to the policies, and ends as a whole. */
export class Run {
  readonly results: ExtensionResult<unknown>[] = [];
  readonly skipped: SkippedExtension[] = [];
  readonly #host: ExtensionHost;
  readonly #point: string;
  readonly #contract: ResolvedContract;
  readonly #options: ResolvedRunOptions;
  readonly #ends = new AbortController();
  readonly #stop: () => void;

  constructor(host: ExtensionHost, point: string, contract: ResolvedContract, options: ResolvedRunOptions) {
    this.#host = host;
    this.#point = point;
    this.#contract = contract;
    this.#options = options;
    const { signal } = options;
    const abort = () => this.#end('ERR_ABORTED', 'was aborted by its caller', signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const ms = options.timeoutMs ?? contract.timeoutMs ?? Number.POSITIVE_INFINITY;
    const timer =
      ms > MAX_TIMER_MS
        ? undefined
        : setTimeout(() => this.#end('ERR_TIMEOUT', `took longer than its timeoutMs, ${ms} ms`), ms);
    timer?.unref();
    this.#stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  }

  /** Does the work of a run; afterwards nothing of it is under way. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.#throwIfEnded();
      return await work();
    } finally {
      this.#stop();
      this.#ends.abort();
    }
  }

  /** The input of the run. @throws ERR_INPUT */
  input(value: unknown): Promise<unknown> {
    const { input } = this.#contract;
    if (!input) return Promise.resolve(value);
    return checkValue(
      input,
      value,
      'ERR_INPUT',
      `input of the extension point ${JSON.stringify(this.#point)}`,
    );
  }

  /**
   * Asks one plugin. Undefined where it is left out, or failed and may be; `empty` where it answered nothing at all.
   * @throws its error, by the failure policy; the end of the run
   */
  async ask(
    entry: ExtensionEntry,
    input: unknown,
    { mayBeEmpty = false, accept }: AskOptions = {},
  ): Promise<{ value: unknown; empty: boolean } | undefined> {
    this.#throwIfEnded();
    this.#host.assertOpen();
    const unit = this.#host.unit(entry.plugin);
    const reason = this.#unfit(entry);
    if (!unit || reason !== undefined) {
      this.skipped.push(
        Object.freeze({
          plugin: entry.plugin,
          version: unit?.version ?? entry.version,
          reason: reason ?? 'gone',
        }),
      );
      return undefined;
    }
    const about = { plugin: unit.name, version: unit.version, export: entry.export };
    const start = performance.now();
    const add = (outcome: { value?: unknown } | { error: CordonError }) =>
      this.results.push(
        Object.freeze({
          ...about,
          ok: !('error' in outcome),
          ...outcome,
          durationMs: performance.now() - start,
        }),
      );
    try {
      const answer = await this.#call(entry, input, mayBeEmpty);
      if (accept && !answer.empty) await accept(answer.value);
      add(answer.empty && mayBeEmpty ? {} : { value: answer.value });
      return answer;
    } catch (error) {
      this.#throwIfEnded();
      if (!(error instanceof CordonError)) throw error;
      add({ error });
      if (error.code === 'ERR_CLOSED') this.#host.assertOpen();
      if (this.#policy(unit.name) === 'skip') return undefined;
      throw this.#failed(unit, error);
    }
  }

  /** Ends what is under way in other plugins, after one has failed. */
  cancel(): void {
    this.#ends.abort();
  }

  async #call(
    { plugin, export: fn }: ExtensionEntry,
    input: unknown,
    mayBeEmpty: boolean,
  ): Promise<{ value: unknown; empty: boolean }> {
    const { output: schema, callTimeoutMs } = this.#contract;
    const { context, tenant, priority } = this.#options;
    const timeoutMs = this.#options.callTimeoutMs ?? callTimeoutMs;
    const bytes = await this.#host.call(plugin, fn, input, {
      signal: this.#ends.signal,
      context,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(tenant !== undefined && { tenant: tenant as string }),
      ...(priority !== undefined && { priority: priority as number }),
    });
    const named = `${JSON.stringify(fn)} of ${plugin}`;
    const output = new Output(bytes, named);
    const empty = bytes.byteLength === 0;
    if (!schema) return { value: output, empty };
    // Nothing is no answer: a waterfall hands on what it had, `first` asks the next one.
    if (empty && mayBeEmpty) return { value: undefined, empty };
    const value = await checkValue(
      schema,
      readOutput(schema, output),
      'ERR_OUTPUT',
      `output of ${named}`,
      plugin,
    );
    return { value, empty };
  }

  /** Why a plugin cannot be asked, though it could when the run began or was never able to. */
  #unfit({ plugin, export: fn }: ExtensionEntry): string | undefined {
    const unit = this.#host.unit(plugin);
    if (!unit) return 'gone';
    const { state } = unit.lifecycle;
    if (!READY.has(state)) return state;
    const { contributes } = unit.manifest;
    const entries = ownValue(contributes, this.#point) ?? [];
    return entries.some((entry) => entry.export === fn) ? undefined : 'changed';
  }

  #policy(plugin: string): FailurePolicy {
    const { own, all } = this.#host.policies(plugin);
    return own ?? this.#options.failurePolicy ?? this.#contract.failurePolicy ?? all ?? 'fail';
  }

  #failed({ name: plugin, version }: ExtensionPlugin, cause: CordonError): CordonError {
    return cordonError(
      cause.code,
      `The extension point ${JSON.stringify(this.#point)} was given up, because ${plugin} failed: ${cause.message} With failurePolicy "skip" it would have gone on.`,
      {
        plugin,
        version,
        callId: cause.callId,
        cause,
        details: { ...cause.details, extensionPoint: this.#point },
      },
    );
  }

  #end(code: 'ERR_ABORTED' | 'ERR_TIMEOUT', why: string, cause?: unknown): void {
    this.#ends.abort(
      cordonError(code, `A run of the extension point ${JSON.stringify(this.#point)} ${why}.`, {
        cause,
        details: { extensionPoint: this.#point },
      }),
    );
  }

  /** Other ends, such as `cancel`, have their error already. */
  #throwIfEnded(): void {
    const reason: unknown = this.#ends.signal.reason;
    if (reason instanceof CordonError) throw reason;
  }
}
