import type { HostFunction } from '../bridge/host-function.js';
import type { CatalogSource } from '../catalog/catalog-source.js';
import type { MemoryPlugin } from '../catalog/memory-source.js';
import type { ViolationKind } from '../events/violation-event.js';
import type { TrustedKey } from '../integrity/trusted-key.js';
import type { Logger } from '../log/logger.js';
import type { Limits } from '../manifest/limits.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Permissions } from '../manifest/permissions.js';
import type { TestDoubles } from './test-doubles.js';
import type { VersionRuleOptions } from './version-rules.js';

/** What a plugin asks for that no grant covers. */
export interface UncoveredRequest {
  readonly plugin: string;
  readonly version: string;
  /** What is to be decided on: whole entries of the manifest, of which no grant covers all. */
  readonly permissions: Permissions;
  readonly manifest: Manifest;
  /** The version that serves now, or that was last decided on, and what it asked for; absent where there is none. */
  readonly previous?: { readonly version: string; readonly permissions: Permissions } | undefined;
  /** The part of `permissions` that the previous version did not ask for; all of it where there is none. */
  readonly added: Permissions;
  /** What the previous version asked for and this one does not. */
  readonly removed: Permissions;
  /** The same as text for a person: one line for each permission, escaped, at most 44 lines. */
  readonly summary: string;
}

/** A text of a plugin's config; an object where it is a secret. */
export type ConfigText = string | { readonly secret: string };

/** The options of `createHost` as the runtime uses them: checked, with every default filled in. */
export interface RuntimeOptions {
  readonly catalog: readonly (string | URL | CatalogSource | MemoryPlugin)[];
  readonly api: Readonly<Record<string, string>>;
  readonly hostFunctions: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  readonly grants: Readonly<Record<string, Permissions>>;
  readonly onPermissionRequest?: ((request: UncoveredRequest) => unknown) | undefined;
  readonly config: Readonly<Record<string, Readonly<Record<string, ConfigText>>>>;
  readonly limits: Limits;
  readonly budget: {
    readonly memoryBytes: number;
    readonly concurrentCalls: number;
    readonly queuedCalls: number;
    readonly instances: number;
    readonly cpuPercent: number;
    readonly connections: number;
    readonly openFiles: number;
  };
  readonly isolation: Readonly<Record<string, 'shared' | 'thread' | 'process'>>;
  readonly threads: { readonly min: number; readonly max: number; readonly idleMs: number };
  readonly validation: {
    readonly maxModuleBytes: number;
    readonly features?: readonly string[] | undefined;
    readonly signatures: 'off' | 'warn' | 'require';
    readonly trustedKeys: readonly TrustedKey[];
    readonly revokedDigests: readonly string[];
  };
  readonly quarantine: {
    readonly maxViolations: number;
    readonly windowMs: number;
    readonly releaseAfterMs: number;
    readonly cascade: boolean;
    readonly weights: Partial<Record<ViolationKind, number>>;
  };
  readonly cache: {
    readonly maxBytes: number;
    readonly directory?: string | undefined;
    readonly maxDirectoryBytes: number;
  };
  readonly stateDirectory?: string | undefined;
  readonly idle: { readonly unloadAfterMs: number; readonly sweepMs: number };
  /** By plugin name, `'*'` for all others. */
  readonly plugins: Readonly<
    Record<
      string,
      { readonly failurePolicy?: 'fail' | 'skip' | undefined; readonly pinned?: boolean | undefined }
    >
  >;
  readonly mode: 'enforce' | 'audit';
  readonly metering: boolean;
  readonly resolution: VersionRuleOptions['resolution'];
  readonly lockfile: false | { readonly path: string; readonly frozen: boolean };
  readonly logger: Logger;
  /** In tests of plugins only. */
  readonly doubles?: TestDoubles | undefined;
}
