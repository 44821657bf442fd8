import type { Capabilities } from '../bridge/guest-call.js';
import type { HostFunction } from '../bridge/host-function.js';
import type { Logger } from '../log/logger.js';
import type { Limits } from '../manifest/limits.js';
import type { Grant } from '../policy/grants.js';
import type { GuestSpec, WasiSpec } from '../sandbox/protocol.js';

/**
 * What one plugin gets in place of its host's options and of what its manifest asks for: where the host is hidden behind
 * another interface, as in `cordon/extism`, each plugin brings its own.
 */
export interface Embedding {
  /** In force as they are; `Infinity` is no limit. */
  readonly limits: Limits;
  readonly config: Readonly<Record<string, string>>;
  readonly grant: Grant;
  readonly hostFunctions: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  readonly wasi: Omit<WasiSpec, 'env'>;
  readonly logger: Logger;
  readonly logLevel: number;
  /** Lines of the guest's standard output and error. */
  readonly onOutput: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Stands between the guest and Cordon's HTTP, or in its place. */
  readonly http: (standard: Capabilities['http']) => Capabilities['http'];
  readonly asSdk: NonNullable<GuestSpec['asSdk']>;
}
