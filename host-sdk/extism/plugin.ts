import { cordonError } from '../../src/errors/cordon-error.js';
import { callPlugin } from '../../src/runtime/call-plugin.js';
import { NO_OUTPUT } from '../../src/runtime/plugin-call.js';
import type { PluginUnit } from '../../src/runtime/plugin-unit.js';
import { retire } from '../../src/runtime/unload-plugin.js';
import type { ModuleSummary } from '../../src/wasm/summary.js';
import type { HostPlace } from './hidden-host.js';
import { PluginOutput } from './plugin-output.js';
import { type RunningFunction, runningFunction } from './raw-functions.js';
import { sdkError } from './sdk-error.js';

/** As `WebAssembly.Module.exports` has them. */
export interface ModuleExportDescriptor {
  name: string;
  kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
}
/** As `WebAssembly.Module.imports` has them. */
export interface ModuleImportDescriptor extends ModuleExportDescriptor {
  module: string;
}

/** A plugin that was made by {@link createPlugin}. */
export interface Plugin extends AsyncDisposable {
  /** Does `main` export a function of this name? */
  functionExists(funcName: string): Promise<boolean>;
  /**
   * Calls an export. Calls of one plugin run one after the other.
   * @param input text, bytes, or nothing
   * @param hostContext handed to host functions by `context.hostContext()`; the guest never sees it
   * @returns what the guest set as its output; null where it set none
   */
  call<T>(funcName: string, input?: string | Uint8Array, hostContext?: T): Promise<PluginOutput | null>;
  getExports(): Promise<ModuleExportDescriptor[]>;
  getImports(): Promise<ModuleImportDescriptor[]>;
  /** Always rejects: the instance lives in a thread of the sandbox. */
  getInstance(): Promise<never>;
  /** Is a call under way or waiting? */
  isActive(): boolean;
  /** Forgets the blocks of the last call, which every call does by itself. False while a call is under way. */
  reset(): Promise<boolean>;
  /** Ends running calls, which reject, and gives back all that the plugin holds. Twice does nothing. */
  close(): Promise<void>;
}

/** {@link Plugin} on a place in the hidden host. */
export class SandboxedPlugin implements Plugin {
  readonly #place: HostPlace;
  readonly #unit: PluginUnit;
  readonly #summary: ModuleSummary;
  #closing: Promise<void> | undefined;

  constructor(place: HostPlace, unit: PluginUnit, summary: ModuleSummary) {
    this.#place = place;
    this.#unit = unit;
    this.#summary = summary;
  }

  async functionExists(funcName: string): Promise<boolean> {
    return this.#isFunction(funcName);
  }

  async call<T>(
    funcName: string,
    input?: string | Uint8Array,
    hostContext?: T,
  ): Promise<PluginOutput | null> {
    const encoded = inputOf(input);
    if (this.#closing) throw closed();
    if (!this.#isFunction(funcName) && this.#summary.exports.some(({ name }) => name === funcName)) {
      throw cordonError('ERR_NO_EXPORT', `Plugin error: export "${funcName}" is not a function`);
    }
    const from = runningFunction.getStore();
    const inside = from?.active ? from : undefined;
    if (inside && chainOf(inside).includes(this.#unit.name)) {
      throw cordonError('ERR_REENTRANT', 'plugin is not reentrant', { plugin: this.#unit.name });
    }
    const abort = inside && new AbortController();
    const stop = (): void => {
      // What a function did not wait for goes on after it has returned.
      if (inside?.active) abort?.abort(inside.signal.reason);
    };
    inside?.signal.addEventListener('abort', stop, { once: true });
    try {
      const options = { context: hostContext, signal: abort?.signal };
      const { runtime } = this.#place;
      // What the other plugin gives is the function's, and not yet the answer that the guest waits for.
      const parent = inside && { ...inside.parent, ask: undefined };
      const output = await callPlugin(runtime, this.#unit, funcName, encoded, options, parent);
      return output === NO_OUTPUT ? null : new PluginOutput(ownBuffer(output));
    } catch (error) {
      throw sdkError(error, funcName);
    } finally {
      inside?.signal.removeEventListener('abort', stop);
    }
  }

  async getExports(): Promise<ModuleExportDescriptor[]> {
    return this.#summary.exports.map(({ name, kind }) => ({ name, kind }));
  }

  async getImports(): Promise<ModuleImportDescriptor[]> {
    return this.#summary.imports.map(({ module, name, kind }) => ({ module, name, kind }));
  }

  async getInstance(): Promise<never> {
    throw cordonError(
      'ERR_STATE',
      'The instance lives in a thread of the sandbox, out of reach of the host. Use call, getExports and getImports.',
    );
  }

  isActive(): boolean {
    return this.#unit.calls > 0;
  }

  async reset(): Promise<boolean> {
    return !this.isActive();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await retire(this.#place.runtime, this.#unit, 0, 'it is closed');
    await this.#place.release();
  }

  #isFunction(funcName: string): boolean {
    return this.#summary.exports.some(({ name, kind }) => name === funcName && kind === 'function');
  }
}

function chainOf({ parent }: RunningFunction): readonly string[] {
  return parent.call?.chain ?? [parent.plugin];
}

/** Not what the SDK's types admit beside: it takes a number for the index of a block. */
function inputOf(input: unknown): string | Uint8Array | undefined {
  if (input === undefined || input === null) return undefined;
  if (typeof input === 'string') return input;
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw cordonError(
    'ERR_INPUT',
    `The input of a call is a ${typeof input}; expected a string or a Uint8Array.`,
  );
}

/** The whole of a buffer, as `PluginOutput` wants it. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return isWhole ? buffer : new Uint8Array(bytes).buffer;
}

function closed(): Error {
  return cordonError('ERR_CLOSED', 'worker not initialized: the plugin is closed');
}
