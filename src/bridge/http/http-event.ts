import type { ErrorCode } from '../../errors/codes.js';
import type { NetworkFailure } from './response.js';

/** One request with all its redirects, for the log at debug level. */
export interface HttpEvent {
  readonly plugin: string;
  readonly callId?: string;
  /** Of the last hop. */
  readonly method: string;
  /** Of the last hop; without user name, query and fragment. */
  readonly url: string;
  readonly redirects: number;
  /** 0 where there was no response. */
  readonly status: number;
  /** A response came, of whatever status. */
  readonly ok: boolean;
  readonly code?: ErrorCode;
  readonly failure?: NetworkFailure;
  readonly requestBytes: number;
  /** After decompression. */
  readonly responseBytes: number;
  /** The part of `durationMs` spent waiting for a free connection. */
  readonly queuedMs: number;
  readonly durationMs: number;
}

/** A request that was refused, for the ledger. `detail` has reason, side, method, url, host, port, address, redirects. */
export interface HttpViolation {
  readonly kind: 'http';
  readonly message: string;
  readonly callId?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
