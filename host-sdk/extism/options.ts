import type { CallContext } from './call-context.js';
import type { LogLevel } from './log-level.js';

/** Where a guest's log lines go: `console` has these methods. */
export interface SdkLogger {
  trace(...args: unknown[]): void;
  debug(...args: unknown[]): void;
  info(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
}

export type PluginConfig = Record<string, string>;
export interface PluginConfigLike {
  [key: string]: string;
}

export interface MemoryOptions {
  /** Pages of 64 KiB that the guest's memories and its blocks may have together. Default 8192 (512 MiB). */
  maxPages?: number | undefined;
  /** Bytes of one HTTP response body, after decompression. Default 50 MiB. */
  maxHttpResponseBytes?: number | undefined;
  /** Bytes of all vars with their names. Default 16 MiB. */
  maxVarBytes?: number | undefined;
}

/** Functions that guests may import, by namespace and name. */
export interface SdkFunctions {
  // biome-ignore lint/suspicious/noExplicitAny: arguments are numbers and bigints as the guest's import has them
  [namespace: string]: { [name: string]: (context: CallContext, ...args: any[]) => any };
}

/** Options that a manifest may have as well; where both do, those of the call count. */
export interface NativeManifestOptions {
  /** Guest folder → host folder, for reading and writing; `ro:` before the host folder makes it read-only. */
  allowedPaths?: { [guestPath: string]: string } | undefined;
  /** Host names, or globs of them, that HTTP requests may go to. Default none. */
  allowedHosts?: string[] | undefined;
  memory?: MemoryOptions | undefined;
  config?: PluginConfigLike | undefined;
  /** Milliseconds of one call with its host functions, and of the start. Default `null`: none. */
  timeoutMs?: number | null | undefined;
}

/** Options of {@link createPlugin}. All are optional. */
export interface ExtismPluginOptions extends NativeManifestOptions {
  /** Modules may import WASI preview 1. Default `false`. */
  useWasi?: boolean | undefined;
  /** Accepted and without effect: guests always run in a thread. */
  runInWorker?: boolean | undefined;
  /** Default `console`. */
  logger?: SdkLogger | undefined;
  /** Lines below are dropped. Default `'silent'`. */
  logLevel?: LogLevel | undefined;
  functions?: SdkFunctions | undefined;
  /** Standard output and error of WASI go to those of the process. Default `EXTISM_ENABLE_WASI_OUTPUT` in its environment. */
  enableWasiOutput?: boolean | undefined;
  /** Sends HTTP requests, and fetches modules by URL. Guests' requests are checked before, redirects too. */
  fetch?: typeof fetch | undefined;
  /** Accepted and without effect. */
  sharedArrayBufferSize?: number | undefined;
  /** Guests may read the headers of HTTP responses. Default `false`. */
  allowHttpResponseHeaders?: boolean | undefined;
  /** Accepted and without effect. */
  nodeWorkerArgs?: Record<string, unknown> | undefined;
}
