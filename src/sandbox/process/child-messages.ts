import { ERROR_CODES, type ErrorCode } from '../../errors/codes.js';
import { VIOLATION_KINDS, type ViolationKind } from '../../events/violation-event.js';
import { isHeavyJson } from '../../manifest/json-weight.js';
import type { HostValueType } from '../host-value.js';
import {
  type Ask,
  type DoneMessage,
  type Failure,
  type GuestLogLevel,
  type GuestSpec,
  LOG_LEVELS,
  type RunFigures,
  type VarChanges,
} from '../protocol.js';
import { WireError } from './wire-reader.js';

/** Longest text of an error or a violation, and of its details together, in characters. */
const MAX_TEXT = 256 * 1024;

/** An object that {@link readWire} made: it has no prototype, and nothing is known of its keys. */
export type Claim = Readonly<Record<string, unknown>>;

/** Builds the messages of a child anew, of what they claim: only keys that are known, of the right type and size. */
export function claimOf(value: unknown, what: string): Claim {
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null) {
    return value as Claim;
  }
  throw new WireError(`${what} is not an object`);
}

export function integer(value: unknown, what: string): number {
  if (Number.isInteger(value)) return value as number;
  throw new WireError(`${what} is not an integer`);
}

function amount(value: unknown, what: string, most: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return Math.min(value, most);
  throw new WireError(`${what} is not an amount`);
}

export function text(value: unknown, what: string, most = MAX_TEXT): string {
  if (typeof value === 'string' && value.length <= most) return value;
  throw new WireError(`${what} is not a text of at most ${most} characters`);
}

function bytes(value: unknown, what: string, most: number): Uint8Array {
  if (value instanceof Uint8Array && value.byteLength <= most) return value;
  throw new WireError(`${what} is not at most ${most} bytes`);
}

function flag(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new WireError(`${what} is not true or false`);
}

export function logLevel(value: unknown): GuestLogLevel {
  if (LOG_LEVELS.includes(value as GuestLogLevel)) return value as GuestLogLevel;
  throw new WireError('no such log level');
}

export function violationKind(value: unknown): ViolationKind {
  if (VIOLATION_KINDS.includes(value as ViolationKind)) return value as ViolationKind;
  throw new WireError('no such kind of violation');
}

/** @param elapsedMs how long ago the work was sent */
export function doneOf(claim: Claim, seq: number, spec: GuestSpec, elapsedMs: number): DoneMessage {
  const { limits } = spec;
  return {
    op: 'done',
    seq,
    figures: figuresOf(claimOf(claim.figures, 'figures'), spec, elapsedMs),
    lost: flag(claim.lost, 'lost'),
    ...(claim.output !== undefined && { output: bytes(claim.output, 'an output', limits.outputBytes) }),
    ...(claim.failure !== undefined && { failure: failureOf(claimOf(claim.failure, 'a failure')) }),
    ...(claim.unstarted === true && { unstarted: true }),
    ...(claim.vars !== undefined && { vars: varsOf(claimOf(claim.vars, 'vars'), limits.varBytes) }),
  };
}

/**
 * Budgets of the whole host are kept by these. Nobody can have used more time than has passed, nor more memory than may be
 * had: a lie beyond that would be paid by other plugins.
 */
function figuresOf(claim: Claim, { limits, fuelExport }: GuestSpec, elapsedMs: number): RunFigures {
  const { fuel = 0 } = claim;
  return {
    durationMs: amount(claim.durationMs, 'durationMs', elapsedMs),
    cpuMs: amount(claim.cpuMs, 'cpuMs', elapsedMs),
    memoryBytes: amount(claim.memoryBytes, 'memoryBytes', limits.memoryBytes),
    ...(fuelExport !== undefined && { fuel: amount(fuel, 'fuel', Number.MAX_SAFE_INTEGER) }),
  };
}

function failureOf(claim: Claim): Failure {
  const { code, violation } = claim;
  if (typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code))
    throw new WireError('no such error code');
  return {
    code: code as ErrorCode,
    message: text(claim.message, 'the message of a failure'),
    ...(claim.details !== undefined && { details: detailsOf(claim.details) }),
    ...(violation !== undefined && { violation: violationKind(violation) }),
  };
}

/** Facts about a failure or a violation: plain data of bounded size, in ordinary objects. */
export function detailsOf(value: unknown): Readonly<Record<string, unknown>> {
  let left = MAX_TEXT;
  const plain = (item: unknown): unknown => {
    left -= typeof item === 'string' ? item.length + 8 : 8;
    if (left < 0) throw new WireError('details are too long');
    if (Array.isArray(item)) return item.map(plain);
    if (typeof item !== 'object' || item === null) return item;
    // Entry by entry: a key "__proto__" is a key like any other.
    return Object.fromEntries(
      Object.entries(claimOf(item, 'details')).map(([key, part]) => [key, plain(part)]),
    );
  };
  return plain(claimOf(value, 'details')) as Record<string, unknown>;
}

/** Names may have become longer on their way by UTF-8: what is held on to is what counts. */
function varsOf(claim: Claim, varBytes: number): VarChanges {
  const { entries } = claim;
  if (!(entries instanceof Map)) throw new WireError('vars are not a map');
  let size = 0;
  for (const [name, value] of entries as Map<string, unknown>) {
    size += name.length * 2 + 32;
    if (value !== undefined) size += bytes(value, 'a var', varBytes).byteLength;
    // Those that were deleted are told too, and count in no instance.
    if (size > 2 * varBytes + 64 * 1024) throw new WireError('vars are beyond limits.varBytes');
  }
  return { all: flag(claim.all, 'all'), entries };
}

export function askOf(claim: Claim, { limits, hostFunctions, wasi }: GuestSpec): Ask {
  const most = limits.memoryBytes;
  switch (claim.kind) {
    case 'http':
      return {
        kind: 'http',
        request: text(claim.request, 'a request', most),
        body: claim.body === undefined ? undefined : bytes(claim.body, 'a body', most),
      };
    case 'plugin-call':
      return {
        kind: 'plugin-call',
        plugin: text(claim.plugin, 'the name of a plugin', 4096),
        fn: text(claim.fn, 'the name of a function', 4096),
        input: bytes(claim.input, 'an input', most),
      };
    case 'host-function': {
      const index = integer(claim.index, 'the number of a host function');
      const declared = hostFunctions[index];
      if (!declared || declared.refused !== undefined) throw new WireError('no such host function');
      const { args } = claim;
      if (!Array.isArray(args) || args.length !== declared.params.length) {
        throw new WireError('not as many arguments as the host function has');
      }
      return {
        kind: 'host-function',
        index,
        args: declared.params.map((type, at) => argument(type, args[at], most)),
      };
    }
    case 'audit':
      return auditOf(claim, wasi?.audit === true);
    default:
      throw new WireError('no such question');
  }
}

function auditOf({ what, path, access }: Claim, isAudited: boolean): Ask {
  if (isAudited && what === 'env') return { kind: 'audit', what };
  if (isAudited && what === 'fs' && (access === 'read' || access === 'write')) {
    return { kind: 'audit', what, path: text(path, 'a path', 4096), access };
  }
  throw new WireError('no such question');
}

function argument(type: HostValueType, value: unknown, most: number): unknown {
  switch (type) {
    case 'bytes':
      return bytes(value, 'an argument', most);
    case 'text':
      return text(value, 'an argument', most);
    case 'json':
      if (isHeavyJson(text(value, 'an argument', most))) throw new WireError('JSON of too many values');
      return value;
    case 'i64':
      if (typeof value === 'bigint') return value;
      break;
    case 'i32':
      if (integer(value, 'an argument') === (Number(value) | 0)) return value;
      break;
    default:
      if (typeof value === 'number') return value;
  }
  throw new WireError(`an argument is not of type ${type}`);
}
