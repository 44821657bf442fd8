import type { CallTrace } from '../events/channels.js';
import type { Ask } from '../sandbox/protocol.js';
import type { HostFunction } from './host-function.js';

/** The call on whose behalf a guest asks, as the capabilities see it. */
export interface GuestCall {
  readonly plugin: string;
  readonly version: string;
  readonly callId?: string | undefined;
  readonly fn: string;
  readonly tenant?: string | undefined;
  readonly context: unknown;
  readonly signal: AbortSignal;
  /** By `sharedNow()`, which is not the wall clock. */
  readonly deadline: number;
  /** For those who trace: whose messages these are, and that of the call. */
  readonly host?: object | undefined;
  readonly trace?: CallTrace | undefined;
}

/** In audit mode: a guest used a mount, or its environment, for the first time. */
export type AuditAsk = Extract<Ask, { readonly kind: 'audit' }>;

/** What one plugin may ask its host for. Each refuses by throwing a CordonError. */
export interface Capabilities {
  /** Sends a request; `status` 0 for a network failure. */
  readonly http: (
    request: string,
    body: Uint8Array | undefined,
    call: GuestCall,
  ) => Promise<{ status: number; headers: Readonly<Record<string, string>>; body: Uint8Array }>;
  /** The host functions in the order of the spec's imports. */
  readonly hostFunctions: readonly { readonly name: string; readonly definition: HostFunction }[];
  /** Undefined where the other plugin failed. */
  readonly callPlugin: (
    plugin: string,
    fn: string,
    input: Uint8Array,
    call: GuestCall,
  ) => Promise<Uint8Array | undefined>;
  /** Makes of an error what tracers may see of it. */
  readonly masked: (error: unknown) => unknown;
  /** Present in audit mode. */
  readonly audit?: ((ask: AuditAsk, call: GuestCall) => void) | undefined;
  /** Told of each call of a host function; in audit mode. */
  readonly onHostFunction?: ((name: string, call: GuestCall) => void) | undefined;
}
