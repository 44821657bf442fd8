import type { PluginState } from '../../src/events/plugin-state.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import type { CallOptions } from '../call-options.js';
import type { FailurePolicy } from './contract.js';

/** A plugin as an extension point sees it. */
export interface ExtensionPlugin {
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
  readonly lifecycle: { readonly state: PluginState };
}

/** What extension points need of their host. */
export interface ExtensionHost {
  /** In the order of their activation. */
  units(): readonly ExtensionPlugin[];
  unit(name: string): ExtensionPlugin | undefined;
  call(name: string, fn: string, input: unknown, options: CallOptions): Promise<Uint8Array>;
  /** What the application said of this plugin by its name, and of all plugins. */
  policies(name: string): {
    readonly own: FailurePolicy | undefined;
    readonly all: FailurePolicy | undefined;
  };
  warn(message: string, about: { plugin: string; version: string; detail: Record<string, unknown> }): void;
  /** @throws ERR_CLOSED */
  assertOpen(): void;
}
