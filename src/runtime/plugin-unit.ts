import type { Capabilities } from '../bridge/guest-call.js';
import type { PluginCandidate } from '../catalog/catalog-source.js';
import type { ErrorCode } from '../errors/codes.js';
import type { Signer } from '../integrity/find-signer.js';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { Logger } from '../log/logger.js';
import type { Limits } from '../manifest/limits.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Permissions } from '../manifest/permissions.js';
import type { PluginStats } from '../metrics/plugin-stats.js';
import type { Grant } from '../policy/grants.js';
import type { InstancePool } from '../sandbox/instance-pool.js';
import type { GuestSpec } from '../sandbox/protocol.js';

/** One version of one plugin in a host: all that is known and kept of it between load and unload. */
export interface PluginUnit {
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
  readonly candidate: PluginCandidate;
  readonly lifecycle: Lifecycle;
  readonly stats: PluginStats;
  readonly logger: Logger;
  /** Takes lines of the guest's standard output and error, where those are no log lines. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', line: string) => void;
  readonly limits: Limits;
  readonly grant: Grant;
  /** Names that it depends on → names of the plugins that serve them. */
  readonly links: Readonly<Record<string, string>>;
  readonly spec: GuestSpec;
  readonly pool: InstancePool;
  /** Exports that can be called. */
  readonly exports: ReadonlySet<string>;
  readonly capabilities: Capabilities;
  /** Bytes of the compiled module, and its digest. */
  readonly integrity: string;
  /** The digest of each module by its name, for the lockfile. */
  readonly modules: Readonly<Record<string, string>>;
  /** Whose signature it has; undefined where none was looked for, or none counts. */
  readonly signedBy: Signer | undefined;
  /** What `onPermissionRequest` answered, now or when it was locked; undefined where nobody was asked. */
  readonly answered: Permissions | undefined;
  /** Closes what its capabilities hold open. */
  readonly dispose: () => Promise<void>;
  /** Calls that were accepted and are not over. */
  calls: number;
  lastCallAt: number;
  /** Why the last instance was lost, until a new one has started. */
  lostBecause: { readonly message: string; readonly code: ErrorCode } | undefined;
  restarts: number;
  /** Why it is in its state, as the last transition said. */
  stateReason: string | undefined;
}
