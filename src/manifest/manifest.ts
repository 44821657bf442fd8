import type { Limits } from './limits.js';
import type { Permissions } from './permissions.js';

/** One WebAssembly file of a plugin. Exactly one of `path` and `url` is there, or neither for bytes given in memory. */
export interface WasmItem {
  /** `main` is the module whose exports are called; the others are linked to it by their name. */
  readonly name: string;
  /** Relative to the manifest. */
  readonly path?: string;
  readonly url?: string;
  /** `sha256-` and base64, as in Subresource Integrity. */
  readonly integrity?: string;
}

/** An exported function as its author describes it; `input` and `output` are JSON Schemas. */
export interface ExportDescription {
  readonly description?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
}

/** A parameter or result of a host function as a plugin's author describes it. */
export interface ImportValue {
  readonly name?: string;
  /** How it crosses between guest and host. */
  readonly type: 'text' | 'bytes' | 'json' | 'i32' | 'i64' | 'f32' | 'f64';
  /** A JSON Schema. */
  readonly schema?: Readonly<Record<string, unknown>>;
}

/** A host function that a plugin calls, as its author describes it. */
export interface ImportDescription {
  readonly description?: string;
  /** The module that the guest imports it from. */
  readonly namespace: string;
  readonly params: readonly ImportValue[];
  /** Absent where it gives nothing. */
  readonly result?: ImportValue;
}

/** One function of a plugin at one extension point. */
export interface Contribution {
  readonly export: string;
  /** The higher is called first. */
  readonly priority: number;
}

/** A manifest after parsing: every default filled in, sizes in bytes, deeply frozen. */
export interface Manifest {
  readonly manifestVersion: 1;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly author?: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly keywords: readonly string[];
  readonly engines: Readonly<Record<string, string>>;
  /** Empty where the manifest names no file (bytes given in memory, or a manifest inside the module). */
  readonly wasm: readonly WasmItem[];
  readonly signature?: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly conflicts: Readonly<Record<string, string>>;
  readonly provides: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, ExportDescription>>;
  /** Host functions that it calls, by name. */
  readonly imports: Readonly<Record<string, ImportDescription>>;
  /** Names of extension points → what it adds there. */
  readonly contributes: Readonly<Record<string, readonly Contribution[]>>;
  readonly permissions: Permissions;
  readonly limits: Partial<Limits>;
  readonly config: Readonly<Record<string, string>>;
  readonly instance: 'stateful' | 'per-call' | { readonly pool: number };
  readonly activation: 'load' | 'call';
  readonly priority: number;
}
