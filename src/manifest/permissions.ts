/** A rule for outgoing HTTP. A field that is absent does not narrow the rule. */
export interface HttpRule {
  /**
   * A host name, `*.` and a domain (one or more labels), an IP literal, or `*` for any public host. Lower case, IDN in ASCII, IPv6
   * compressed and without brackets.
   */
  readonly host: string;
  readonly schemes?: readonly ('http' | 'https')[];
  readonly ports?: readonly number[];
  /** Upper case. */
  readonly methods?: readonly string[];
  /** Why the plugin needs it, for the person who grants. */
  readonly reason?: string;
}

/** A host function that a plugin asks for. */
export interface HostFunctionRequest {
  readonly name: string;
  /** The plugin also loads where the function is not granted; calling it then is refused. */
  readonly optional: boolean;
  readonly reason?: string;
}

/** A folder of the host, with a quota. */
export interface FolderMount {
  readonly path: string;
  /** What the folder may hold, in bytes, what is there already included; each name counts 1 024 on top. */
  readonly quotaBytes: number;
}

/** A folder in memory, empty at first, of which each instance has its own. */
export interface ScratchMount {
  readonly scratch: true;
  /** What it may hold, in bytes, counted as a folder's quota is. */
  readonly quotaBytes: number;
}

/** What stands behind a guest path that is for writing: the path of a folder, one with a quota, or memory. */
export type MountTarget = string | FolderMount | ScratchMount;

/** What a manifest asks for, or what a host grants: one shape for both, parsed. */
export interface Permissions {
  readonly http: readonly HttpRule[];
  /** Guest path → host path. The maps have no prototype. `write` is for reading too. */
  readonly fs: {
    readonly read: Readonly<Record<string, string>>;
    readonly write: Readonly<Record<string, MountTarget>>;
  };
  readonly env: readonly string[];
  readonly hostFunctions: readonly HostFunctionRequest[];
  /** Names of plugins that may be called; dependencies are implied. */
  readonly plugins: readonly string[];
}

/** Nothing at all. */
export const NO_PERMISSIONS: Permissions = Object.freeze({
  http: Object.freeze([]),
  fs: Object.freeze({ read: Object.freeze(Object.create(null)), write: Object.freeze(Object.create(null)) }),
  env: Object.freeze([]),
  hostFunctions: Object.freeze([]),
  plugins: Object.freeze([]),
});
