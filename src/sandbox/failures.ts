import { escapeControl } from '../log/escape-control.js';
import { quote } from '../log/quote.js';
import type { CallState } from './call-state.js';
import type { MemoryRefusal } from './guest-memory.js';
import { guestStack } from './guest-stack.js';
import type { Failure, GuestSpec, RunFigures } from './protocol.js';

const TRAPS: readonly (readonly [RegExp, string])[] = [
  [/unreachable/, 'unreachable'],
  [/divide by zero|remainder by zero/, 'integer-divide-by-zero'],
  [/divide result unrepresentable/, 'integer-overflow'],
  [/float unrepresentable/, 'invalid-conversion-to-integer'],
  [/memory access out of bounds|Offset is outside|data segment/i, 'memory-out-of-bounds'],
  [/table (index|access|element|segment)|table entry|element segment/, 'table-out-of-bounds'],
  [/function signature mismatch|indirect call/, 'indirect-call-type-mismatch'],
  [/null/, 'null-reference'],
  [/cast/, 'cast-failure'],
  [/array/, 'array-out-of-bounds'],
];

/** The kind of a trap from V8's message. */
export function trapKind(message: string): string {
  return TRAPS.find(([pattern]) => pattern.test(message))?.[1] ?? 'trap';
}

/** What it means that a guest came back by itself; undefined where all went well. */
export function judgeReturned(
  returned: unknown,
  state: CallState,
  spec: GuestSpec,
  { fuel = 0, cpuMs }: RunFigures,
  guestText: string | undefined,
): Failure | undefined {
  if (state.stop) return state.stop;
  // Without metering nothing has stopped it on the way, and with it the last straight piece of code is not looked at.
  if (fuel > state.fuelLimit) return fuelFailure(state, spec);
  if (cpuMs > spec.limits.cpuMs) return cpuFailure(state, spec);
  if (state.denied) return deniedFailure(state.denied, guestText);
  const code = returned === undefined || spec.asSdk ? 0 : Number(returned);
  return guestText !== undefined || code !== 0 ? guestFailure(state, spec, guestText, code) : undefined;
}

/** What it means that a guest ended by `error`. */
export function judgeThrown(
  error: unknown,
  state: CallState,
  spec: GuestSpec,
  guestText: string | undefined,
): Failure {
  const who = where(state, spec);
  const modules = spec.modules.map(({ module }) => module as WebAssembly.Module);
  // How a guest leaves that was denied something is a consequence; a limit that stopped it is not.
  if (state.stop && !(state.denied && state.exitCode !== undefined)) return state.stop;
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return {
      code: 'ERR_STACK',
      message: `${who} exhausted its call stack. Look for endless recursion in the guest, or raise limits.stackBytes.`,
      details: { stack: guestStack(error, modules) },
      violation: 'stack',
    };
  }
  if (state.denied) return deniedFailure(state.denied, guestText);
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof WebAssembly.RuntimeError ? trapKind(message) : thrownKind(error);
  const stack = guestStack(error, modules);
  const details = { trap: kind, stack, ...(guestText && { guestError: guestText }) };
  if (state.memoryRefused) {
    const { name, limit } = state.memoryRefused;
    const said = guestText ? ` The guest said: ${escapeControl(guestText)}` : '';
    return {
      code: 'ERR_MEMORY',
      message: `${who} failed (${kind}) after more memory than ${name} (${limit}) was refused to it.${said}`,
      details: { ...details, limit },
    };
  }
  if (guestText !== undefined) {
    return { code: 'ERR_GUEST', message: `${who} reported: ${escapeControl(guestText)}`, details };
  }
  const at = stack[0] === undefined ? '' : ` in ${stack[0]}`;
  return { code: 'ERR_TRAP', message: `${who} trapped: ${kind} (${message})${at}.`, details };
}

/** The failure of a call whose input, or of a guest whose answer, there is no memory for; `what` completes the figures. */
export function noRoomFailure(
  what: string,
  { name, limit }: MemoryRefusal,
  used: number,
  wanted: number,
): Failure {
  return {
    code: 'ERR_MEMORY',
    message: `${what}: ${name} is ${limit}, and the plugin has ${used} of it.`,
    details: { limit, used, wanted },
  };
}

/** The failure of a start for whose memories the process has no addresses left. */
export function noAddressesFailure({ plugin, version }: GuestSpec): Failure {
  return {
    code: 'ERR_MEMORY',
    message: `No addresses are left in this process for the memories of one more instance of ${plugin}@${version}. Let fewer live at a time (budget.instances), in all hosts of this process together.`,
  };
}

/** The failure of a run in which something was denied, with what the guest had to say about it. */
export function deniedFailure(denied: Failure, guestText: string | undefined): Failure {
  if (guestText === undefined) return denied;
  return {
    ...denied,
    message: `${denied.message} The guest said: ${escapeControl(guestText)}`,
    details: { ...denied.details, guestError: guestText },
  };
}

function thrownKind(error: unknown): string {
  const Exception = (WebAssembly as unknown as { Exception?: new () => object }).Exception;
  return Exception && error instanceof Exception ? 'uncaught-exception' : 'exception';
}

/** The failure of a guest that used more processor time than it may. */
export function cpuFailure(state: CallState, spec: GuestSpec): Failure {
  const limit = spec.limits.cpuMs;
  return {
    code: 'ERR_CPU',
    message: `${where(state, spec)} used more than ${limit} ms of processor time (limits.cpuMs).`,
    details: { limit },
    violation: 'cpu',
  };
}

/** The failure of a guest that executed more than it may. */
export function fuelFailure(state: CallState, spec: GuestSpec): Failure {
  const limit = state.fuelLimit;
  return {
    code: 'ERR_FUEL',
    message: `${where(state, spec)} executed more than ${limit} instructions (fuel) and was stopped.`,
    details: { limit },
    violation: 'fuel',
  };
}

/** The failure of a guest whose caller gave up. */
export function cancelledFailure(state: CallState, spec: GuestSpec): Failure {
  return {
    code: 'ERR_ABORTED',
    message: `The caller gave up ${where(state, spec)}.`,
  };
}

/** The failure of a guest that left by `proc_exit`. */
export function exitFailure(state: CallState, spec: GuestSpec, code: number): Failure {
  return {
    code: 'ERR_TRAP',
    message: `${where(state, spec)} left with exit code ${code}.`,
    details: { trap: 'exit', exitCode: code },
  };
}

/** The failure of a guest that reported an error of its own: by a text, or by what it returned. */
export function guestFailure(
  state: CallState,
  spec: GuestSpec,
  text: string | undefined,
  returned: number,
): Failure {
  if (text === undefined) {
    const message = `${where(state, spec)} returned ${returned} (not 0) and set no error text.`;
    return { code: 'ERR_GUEST', message, details: { returned } };
  }
  const message = `${where(state, spec)} reported: ${escapeControl(text)}`;
  return { code: 'ERR_GUEST', message, details: { guestError: text } };
}

/** The failure of a guest whose answer is too long. */
export function outputFailure(state: CallState, spec: GuestSpec, length: number): Failure {
  const limit = spec.limits.outputBytes;
  return {
    code: 'ERR_OUTPUT',
    message: `${where(state, spec)} answered with ${length} bytes; limits.outputBytes is ${limit}.`,
    details: { limit, observed: length },
    violation: 'output-size',
  };
}

/** The failure of a guest that wanted to keep too much. */
export function varsFailure(state: CallState, spec: GuestSpec, wanted: number): Failure {
  const limit = spec.limits.varBytes;
  return {
    code: 'ERR_MEMORY',
    message: `${where(state, spec)} wanted ${wanted} bytes of vars; limits.varBytes is ${limit}.`,
    details: { limit, wanted },
  };
}

/** The failure of a guest that handed over an address that is not its own; `what` says to whom. */
export function badPointerFailure(state: CallState, spec: GuestSpec, what: string, address: bigint): Failure {
  return {
    code: 'ERR_TRAP',
    message: `${where(state, spec)} gave ${what}.`,
    details: { trap: 'abi', address: `0x${address.toString(16)}` },
  };
}

/** The failure of a call to what is no function of the guest. */
export function noExportFailure(fn: string, spec: GuestSpec): Failure {
  return { code: 'ERR_NO_EXPORT', message: `${spec.plugin}@${spec.version} has no function ${quote(fn)}.` };
}

/** A run of a guest, in messages. */
export function where({ fn }: CallState, { plugin, version }: GuestSpec): string {
  return `${quote(fn)} of ${plugin}@${version}`;
}
