import { cordonError } from '../../src/errors/cordon-error.js';
import { varSize } from '../../src/sandbox/guest-vars.js';
import type { RawAnswer, RawAsk, Vars } from '../../src/sandbox/protocol.js';
import { type LogLevel, logLevelIndex, logLevelName } from './log-level.js';
import type { SdkLogger } from './options.js';
import { PluginOutput } from './plugin-output.js';
import { WaitingGuest } from './waiting-guest.js';

const encoder = new TextEncoder();
const PAGE = 65_536;
/** No block is larger than what 32 bits address. */
const MAX_BLOCK_BYTES = 2 ** 32;

/** What a host function's context is made of. */
export interface CallContextParts {
  readonly ask: RawAsk;
  readonly hostContext: unknown;
  readonly logger: SdkLogger;
  readonly varBytes: number;
  /** Vars as the last call left them. */
  readonly committedVars: () => Vars;
  /** Fires when the call is over before the function is. */
  readonly signal: AbortSignal;
}

/**
 * What a host function is given before its arguments: access to the memory and the vars of the guest that waits for
 * it. It is that function's alone, and ends when the function returns.
 */
export class CallContext {
  readonly #parts: CallContextParts;
  readonly #guest: WaitingGuest;
  readonly #vars = new Map<string, Uint8Array | undefined>();
  #varBytes: number;
  #error: string | undefined;
  #logLevel: number;
  #returned = false;

  /** @internal */
  constructor(parts: CallContextParts) {
    this.#parts = parts;
    this.#guest = new WaitingGuest(parts.ask);
    this.#varBytes = parts.ask.varBytes;
    this.#logLevel = parts.ask.logLevel;
  }

  /** What the caller gave to `plugin.call` as its third argument; the guest never sees it. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's type
  hostContext<T = any>(): T {
    return this.#parts.hostContext as T;
  }

  /** A new block of zeros; its offset, or 0 where the memory limit leaves no room. */
  alloc(size: bigint | number): bigint {
    this.#assertWaiting();
    const length = Number(size);
    if (!Number.isInteger(length) || length < 0 || length >= MAX_BLOCK_BYTES) {
      throw cordonError('ERR_HOST_FUNCTION', `Cannot allocate a block of ${String(size)} bytes.`);
    }
    const { bytes, limit } = this.#guest.used;
    // Looked at before the buffer is made: a host function may pass on what the guest said.
    const offset = bytes + length > limit ? 0 : this.#guest.add(new Uint8Array(length));
    if (offset === 0) {
      const pages = [bytes + length, limit].map((value) => Math.ceil(value / PAGE));
      this.#parts.logger.error(`memory limit exceeded: ${pages[0]} pages requested, ${pages[1]} allowed`);
    }
    return BigInt(offset);
  }

  /** The block at this offset, as a copy; null where there is none. A block that this function made is no copy. */
  read(offset: bigint | number): PluginOutput | null {
    this.#assertWaiting();
    const bytes = this.#guest.read(Number(offset));
    return bytes === undefined ? null : new PluginOutput(bytes.buffer);
  }

  /** Text, as UTF-8, or bytes in a new block. */
  store(input: string | Uint8Array): bigint {
    const bytes = bytesOf(input);
    const offset = bytes ? this.#add(bytes) : 0;
    if (offset === 0) throw cordonError('ERR_HOST_FUNCTION', 'failed to store output');
    return BigInt(offset);
  }

  /** Length of a block; 0 where there is none. */
  length(offset: bigint | number): bigint {
    this.#assertWaiting();
    return BigInt(this.#guest.lengthOf(Number(offset)) ?? 0);
  }

  /** A copy of a var; null where there is none. */
  getVariable(name: string): PluginOutput | null {
    this.#assertWaiting();
    const value = this.#var(name);
    return value === undefined ? null : new PluginOutput(new Uint8Array(value).buffer);
  }

  /** @throws where the vars would be larger than `memory.maxVarBytes` */
  setVariable(name: string, value: string | Uint8Array): void {
    this.#assertWaiting();
    const bytes = bytesOf(value);
    if (!bytes) throw cordonError('ERR_HOST_FUNCTION', 'A variable is a string or a Uint8Array.');
    const old = this.#var(name);
    const wanted = this.#varBytes - (old ? varSize(name, old) : 0) + varSize(name, bytes);
    const limit = this.#parts.varBytes;
    if (wanted > limit) {
      throw cordonError(
        'ERR_HOST_FUNCTION',
        `var memory limit exceeded: ${wanted} bytes requested, ${limit} allowed`,
        { details: { limit, wanted } },
      );
    }
    this.#varBytes = wanted;
    this.#vars.set(name, new Uint8Array(bytes));
  }

  deleteVariable(name: string): void {
    this.#assertWaiting();
    const old = this.#var(name);
    if (!old) return;
    this.#varBytes -= varSize(name, old);
    this.#vars.set(name, undefined);
  }

  /** Makes the call fail with this text when the guest comes back, as the guest itself could. */
  setError(error: string | Error | null = null): void {
    this.#assertWaiting();
    const text = error instanceof Error ? error.message : error;
    if (!text) throw cordonError('ERR_HOST_FUNCTION', 'could not store error value');
    this.#error = String(text);
  }

  get logLevel(): LogLevel {
    return logLevelName(this.#logLevel);
  }

  set logLevel(level: LogLevel) {
    this.#logLevel = logLevelIndex(level);
  }

  /** @internal What the function did, once it has returned. */
  end(result: unknown): RawAnswer {
    this.#returned = true;
    return {
      result,
      blocks: this.#guest.made,
      vars: this.#vars,
      logLevel: this.#logLevel,
      ...(this.#error !== undefined && { error: this.#error }),
    };
  }

  #add(bytes: Uint8Array<ArrayBuffer>): number {
    this.#assertWaiting();
    return this.#guest.add(bytes);
  }

  #var(name: string): Uint8Array | undefined {
    if (this.#vars.has(name)) return this.#vars.get(name);
    const changed = this.#parts.ask.vars;
    if (changed?.entries.has(name)) return changed.entries.get(name);
    return changed?.all ? undefined : this.#parts.committedVars().get(name);
  }

  #assertWaiting(): void {
    if (!this.#returned && !this.#parts.signal.aborted) return;
    const why = this.#returned ? 'its host function has returned' : 'its call is over';
    throw cordonError(
      'ERR_STATE',
      `A CallContext was used after ${why}: its guest's memory is another by now.`,
    );
  }
}

/** A copy: what is stored must not change with what the application does to it. */
function bytesOf(input: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof input === 'string') return encoder.encode(input);
  return input instanceof Uint8Array ? new Uint8Array(input) : undefined;
}
