/**
 * What a plugin may use. Durations are milliseconds, sizes bytes. `0` means zero; `Infinity` means no limit and only a
 * host may say it. The lower of the manifest's and the host's value wins, always.
 */
export interface Limits {
  /** The guest's linear memories and its Extism blocks together; the first 64 KiB of blocks are free. Does not count V8's compiled code. */
  readonly memoryBytes: number;
  /** One call's execution, its host functions and HTTP included. Does not count waiting in the queue. */
  readonly timeoutMs: number;
  /** How long a call may wait for its instance. */
  readonly queueTimeoutMs: number;
  /** Start-up of an instance: instantiation, `_initialize`, `on_activate`. */
  readonly startTimeoutMs: number;
  /** Processor time of one call. Does not count its host functions and HTTP. */
  readonly cpuMs: number;
  /** Instructions of one call; needs `metering`. */
  readonly fuel: number;
  /**
   * Share of one core over a window of 10 s, in percent, for all instances together. Calls beyond it wait. Does not slow a
   * call that runs.
   */
  readonly cpuPercent: number;
  /** The guest's native call stack. */
  readonly stackBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** All Extism vars of the plugin: values, two bytes for each character of a name, and 32 bytes for each var. */
  readonly varBytes: number;
  /** All config keys and values. */
  readonly configBytes: number;
  /** One HTTP response body after decompression. */
  readonly httpResponseBytes: number;
  /** One HTTP request with all its redirects. */
  readonly httpTimeoutMs: number;
  /** HTTP connections at a time. */
  readonly connections: number;
  readonly openFiles: number;
  /** The size of one file that the guest writes. */
  readonly fileBytes: number;
  /** Log text of one call; what is beyond is dropped and counted. */
  readonly logBytesPerCall: number;
  /** Instances at a time, over all tenants. */
  readonly instances: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** The limits of a plugin about which neither its manifest nor the host says anything. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  memoryBytes: 64 * MiB,
  timeoutMs: 30_000,
  queueTimeoutMs: 30_000,
  startTimeoutMs: 10_000,
  cpuMs: Number.POSITIVE_INFINITY,
  fuel: Number.POSITIVE_INFINITY,
  cpuPercent: 50,
  stackBytes: 1 * MiB,
  inputBytes: 16 * MiB,
  outputBytes: 16 * MiB,
  varBytes: 1 * MiB,
  configBytes: 64 * KiB,
  httpResponseBytes: 8 * MiB,
  httpTimeoutMs: 10_000,
  connections: 8,
  openFiles: 32,
  fileBytes: 64 * MiB,
  logBytesPerCall: 64 * KiB,
  instances: 4,
});

/**
 * The limits in force: the lower of what the manifest asks and what the host allows, field by field. Frozen; where nothing is lower
 * they are the host's own, if that is frozen: most plugins of a host have the same.
 */
export function effectiveLimits(asked: Partial<Limits>, ceiling: Limits): Limits {
  const isLower = (key: keyof Limits): boolean => (asked[key] ?? Number.POSITIVE_INFINITY) < ceiling[key];
  const lower = (Object.keys(asked) as (keyof Limits)[]).filter(isLower);
  if (lower.length === 0 && Object.isFrozen(ceiling)) return ceiling;
  const limits: Record<keyof Limits, number> = { ...ceiling };
  for (const key of lower) limits[key] = asked[key]!;
  return Object.freeze(limits);
}
