import { cordonError } from '../../src/errors/cordon-error.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/manifest/limits.js';
import { logLevelIndex } from './log-level.js';
import type { ExtismPluginOptions, NativeManifestOptions, SdkFunctions, SdkLogger } from './options.js';

const MiB = 1024 * 1024;
const PAGE = 65_536;
const NONE = Number.POSITIVE_INFINITY;
const METHODS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
const RESERVED = /^(?:extism:host\/env$|wasi_|cordon:)/;

/** Options and manifest as one, checked. */
export interface CheckedOptions {
  readonly limits: Limits;
  readonly config: Readonly<Record<string, string>>;
  readonly allowedHosts: readonly string[];
  readonly allowedPaths: Readonly<Record<string, string>>;
  readonly functions: SdkFunctions;
  readonly logger: SdkLogger;
  readonly logLevel: number;
  readonly useWasi: boolean;
  readonly wasiOutput: boolean;
  readonly responseHeaders: boolean;
  readonly fetch: typeof fetch | undefined;
}

/**
 * What is given by the options, else by the manifest, else by default.
 * @throws ERR_OPTIONS that names what is wrong
 */
export function checkOptions(options: ExtismPluginOptions, manifest: NativeManifestOptions): CheckedOptions {
  const { logger = console, fetch } = options;
  if (!isObject(logger) || METHODS.some((name) => typeof logger[name] !== 'function')) {
    throw wrong('logger', 'an object with trace, debug, info, warn and error', logger);
  }
  if (fetch !== undefined && typeof fetch !== 'function') throw wrong('fetch', 'a function', fetch);
  const useWasi = Boolean(options.useWasi);
  return {
    limits: limitsOf(options, manifest),
    config: texts('config', options.config ?? manifest.config),
    allowedHosts: list('allowedHosts', options.allowedHosts ?? manifest.allowedHosts),
    allowedPaths: texts('allowedPaths', options.allowedPaths ?? manifest.allowedPaths),
    functions: functionsOf(options.functions),
    logger,
    logLevel: logLevelIndex(options.logLevel || 'silent'),
    useWasi,
    wasiOutput: options.enableWasiOutput ?? (useWasi && Boolean(process.env.EXTISM_ENABLE_WASI_OUTPUT)),
    responseHeaders: Boolean(options.allowHttpResponseHeaders),
    fetch,
  };
}

/** The SDK's options say little of limits: what they are silent about is bounded where a guest could do harm with it. */
function limitsOf(options: ExtismPluginOptions, manifest: NativeManifestOptions): Limits {
  const memory = options.memory ?? manifest.memory ?? {};
  if (!isObject(memory))
    throw wrong('memory', 'an object { maxPages, maxHttpResponseBytes, maxVarBytes }', memory);
  const maxPages = whole('memory.maxPages', memory.maxPages, 1, 65_536) ?? 8192;
  const timeoutMs = whole('timeoutMs', options.timeoutMs ?? manifest.timeoutMs, 1, 2 ** 31 - 1) ?? NONE;
  return Object.freeze({
    ...DEFAULT_LIMITS,
    memoryBytes: maxPages * PAGE,
    timeoutMs,
    queueTimeoutMs: NONE,
    startTimeoutMs: Math.min(timeoutMs, 30_000),
    cpuPercent: NONE,
    inputBytes: NONE,
    outputBytes: NONE,
    varBytes: whole('memory.maxVarBytes', memory.maxVarBytes, 0) ?? 16 * MiB,
    configBytes: NONE,
    httpResponseBytes: whole('memory.maxHttpResponseBytes', memory.maxHttpResponseBytes, 0) ?? 50 * MiB,
    httpTimeoutMs: Math.min(timeoutMs, 300_000),
    openFiles: 256,
    fileBytes: 1024 * MiB,
    logBytesPerCall: MiB,
  });
}

function functionsOf(given: unknown): SdkFunctions {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw wrong('functions', 'an object of namespaces', given);
  for (const [namespace, functions] of Object.entries(given)) {
    const where = `functions[${JSON.stringify(namespace)}]`;
    if (RESERVED.test(namespace)) {
      throw cordonError(
        'ERR_OPTIONS',
        `${where}: this namespace is the plugin runtime's own and cannot be replaced. For HTTP there is the option fetch.`,
      );
    }
    if (!isObject(functions)) throw wrong(where, 'an object of functions', functions);
    for (const [name, fn] of Object.entries(functions)) {
      if (typeof fn !== 'function') throw wrong(`${where}[${JSON.stringify(name)}]`, 'a function', fn);
    }
  }
  return given as SdkFunctions;
}

function texts(name: string, given: unknown): Readonly<Record<string, string>> {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw wrong(name, 'an object of texts', given);
  const copy: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw wrong(`${name}[${JSON.stringify(key)}]`, 'a string', value);
    copy[key] = value;
  }
  return copy;
}

function list(name: string, given: unknown): readonly string[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw wrong(name, 'a list of texts', given);
  for (const [index, value] of given.entries()) {
    if (typeof value !== 'string') throw wrong(`${name}[${index}]`, 'a string', value);
  }
  return [...given];
}

function whole(name: string, given: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number | undefined {
  if (given === undefined || given === null || given === NONE) return undefined;
  if (Number.isInteger(given) && (given as number) >= min && (given as number) <= max) return given as number;
  const zero = given === 0 ? '; 0 is no way to say "no limit", leave it out for that' : '';
  throw wrong(name, `a whole number from ${min} to ${max}${zero}`, given);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') && value !== null && !Array.isArray(value)
  );
}

function wrong(name: string, expected: string, found: unknown): Error {
  const shown =
    found === null ? 'null' : Array.isArray(found) ? 'a list' : (JSON.stringify(found) ?? typeof found);
  return cordonError(
    'ERR_OPTIONS',
    `createPlugin: "${name}" is ${shown.slice(0, 100)}; expected ${expected}.`,
    {
      details: { option: name },
    },
  );
}
