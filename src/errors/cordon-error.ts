import { ERROR_CODES, type ErrorCode, type Fault } from './codes.js';

/** What an error knows beyond its message. */
export interface ErrorInfo {
  readonly plugin?: string | undefined;
  readonly version?: string | undefined;
  readonly callId?: string | undefined;
  readonly cause?: unknown;
  /** The figures of the message as data: limits, observed values, paths. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The base of everything that Cordon throws or rejects with. `code` is stable; the message says what happened, to
 * which plugin, what the limit or the grant was, and what to change.
 */
export class CordonError extends Error {
  readonly code: ErrorCode;
  /** Whose fault it is. */
  readonly fault: Fault;
  readonly plugin?: string;
  readonly version?: string;
  readonly callId?: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, info: ErrorInfo = {}) {
    super(message, info.cause === undefined ? undefined : { cause: info.cause });
    this.code = code;
    this.fault = ERROR_CODES[code].fault;
    this.details = Object.freeze({ ...info.details });
    if (info.plugin !== undefined) this.plugin = info.plugin;
    if (info.version !== undefined) this.version = info.version;
    if (info.callId !== undefined) this.callId = info.callId;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** An option is wrong. */
export class OptionsError extends CordonError {}
/** A manifest is wrong, or disagrees with its module. */
export class ManifestError extends CordonError {}
/** The module is not what it should be: bytes, digest, signature, features, imports. */
export class ModuleError extends CordonError {}
/** Something was refused: not asked for, not granted, or in quarantine. */
export class PermissionError extends CordonError {}
/** A limit was reached; `details` has `limit` and `observed`. */
export class LimitError extends CordonError {}
/** The guest failed: a trap, an error of its own, a missing export. */
export class GuestError extends CordonError {}
/** A host function failed. */
export class HostFunctionError extends CordonError {}
/** Not possible in the present state. */
export class StateError extends CordonError {}

/** No consistent set of plugins; `.explanation` says why in prose. */
export class ResolutionError extends CordonError {
  readonly explanation: string;

  constructor(code: ErrorCode, message: string, info: ErrorInfo & { readonly explanation?: string } = {}) {
    super(code, message, info);
    this.explanation = info.explanation ?? message;
  }
}

const FAMILIES = {
  options: OptionsError,
  manifest: ManifestError,
  resolution: ResolutionError,
  module: ModuleError,
  permission: PermissionError,
  limit: LimitError,
  guest: GuestError,
  'host-function': HostFunctionError,
  state: StateError,
} as const;

/** Makes the error of the class that the table gives to `code`. */
export function cordonError(
  code: ErrorCode,
  message: string,
  info: ErrorInfo & { readonly explanation?: string } = {},
): CordonError {
  return new FAMILIES[ERROR_CODES[code].family](code, message, info);
}
