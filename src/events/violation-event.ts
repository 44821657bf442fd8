/** What a plugin may go against. The severity and weight of each are in `violations/severity.ts`. */
export const VIOLATION_KINDS = [
  'memory',
  'timeout',
  'cpu',
  'fuel',
  'stack',
  'http',
  'fs',
  'env',
  'host-function',
  'plugin-call',
  'input-size',
  'output-size',
  'var-size',
  'log-flood',
  'integrity',
  'signature',
  'bytecode',
  'feature',
  'abi',
] as const;

/** A kind of {@link ViolationEvent}. `abi` is a bad pointer or block given to the host. */
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** How bad one violation is, from a slip to a likely attack. */
export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** A recorded no: a plugin did, or tried to do, what it must not. Deeply frozen. */
export interface ViolationEvent {
  /** Unique, also between hosts; the ids of one host sort in the order of their making. */
  readonly id: string;
  readonly plugin: string;
  readonly version: string;
  readonly kind: ViolationKind;
  readonly severity: Severity;
  /** One line; control characters of the guest are escaped. */
  readonly message: string;
  /** The facts as JSON data: limit, observed value, host, path. Bounded in size, whatever the guest sent. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly callId?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How many violations of this kind this plugin has in the present window, this one included. */
  readonly count: number;
}
