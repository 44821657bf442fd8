import { linkable } from '../kernel/kernel.js';
import type { AskingImport } from './asking-import.js';
import type { GuestContext } from './guest-context.js';
import { type GuestLogLevel, type HttpAnswer, LOG_LEVELS } from './protocol.js';

/**
 * Where the rewrite points a module's `extism:host/env`. Under its own name Extism mixes in functions of its own: where
 * WebAssembly can suspend (Node 24), it replaces `http_request` even if the host brings one.
 */
export const ENV_NAMESPACE = 'cordon:env';

/** The longest config or var name that is looked at, in bytes. */
const MAX_NAME_BYTES = 4096;
const NO_LOG_LEVEL = 0x7fffffff;

/** What of `extism:host/env` needs more than the kernel. */
export interface GuestEnv {
  /** Config, vars, logs, what is known of the last HTTP response. */
  readonly functions: Record<string, CallableFunction>;
  /** `http_request`. */
  readonly httpRequest: AskingImport;
}

export function guestEnv(guest: GuestContext): GuestEnv {
  const { spec } = guest;
  const config = new Map(spec.config);
  let lastResponse: HttpAnswer | undefined;

  const httpRequest: AskingImport = {
    params: ['i64', 'i64'],
    result: 'i64',
    ask([request, body]) {
      const most = spec.limits.memoryBytes;
      lastResponse = undefined;
      return {
        kind: 'http',
        request: guest.readText(request as bigint, 'http_request', most),
        body: body === 0n ? undefined : guest.readBytes(body as bigint, 'http_request', most),
      };
    },
    answer(value) {
      lastResponse = value as HttpAnswer;
      return lastResponse.status === 0 ? 0n : guest.store(lastResponse.body);
    },
  };

  const functions: Record<string, CallableFunction> = {
    config_get: (key: bigint): bigint => {
      const value = config.get(readName(guest, key));
      return value === undefined ? 0n : guest.store(value);
    },
    var_get: (key: bigint): bigint => {
      const value = guest.vars.get(readName(guest, key));
      return value === undefined ? 0n : guest.store(value);
    },
    var_set: (key: bigint, value: bigint): void => {
      const name = readName(guest, key);
      if (value === 0n) guest.vars.delete(name);
      else guest.vars.set(name, guest.readBytes(value, 'var_set', spec.limits.varBytes + 1));
    },
    http_status_code: (): number => lastResponse?.status ?? 0,
    http_headers: (): bigint => {
      // The SDK has an empty object before the first request, and nothing at all where its host does not want it.
      if (spec.asSdk)
        return spec.asSdk.responseHeaders ? guest.store(JSON.stringify(lastResponse?.headers ?? {})) : 0n;
      return lastResponse ? guest.store(JSON.stringify(lastResponse.headers)) : 0n;
    },
    get_log_level: (): number => (guest.logLevel < LOG_LEVELS.length ? guest.logLevel : NO_LOG_LEVEL),
  };
  for (const [index, level] of LOG_LEVELS.entries()) {
    functions[`log_${level}`] = (offset: bigint): void => {
      if (index >= guest.logLevel) log(guest, level, offset);
    };
  }
  for (const fn of Object.values(functions)) linkable(fn);
  return { functions, httpRequest };
}

function readName(guest: GuestContext, offset: bigint): string {
  return guest.readText(offset, 'a name', MAX_NAME_BYTES);
}

function log(guest: GuestContext, level: GuestLogLevel, offset: bigint): void {
  const { logBytesPerCall } = guest.spec.limits;
  const length = guest.kernel.blockLength(offset);
  const room = logBytesPerCall - guest.state.logBytes;
  if (length > room) guest.dropLogLine(length);
  else guest.log(level, guest.readText(offset, `log_${level}`, length));
}
