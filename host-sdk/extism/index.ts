export { CallContext, CallContext as CurrentPlugin } from './call-context.js';
export { CAPABILITIES, type Capabilities } from './capabilities.js';
export { createPlugin, createPlugin as default, createPlugin as newPlugin } from './create-plugin.js';
export type { LogLevel } from './log-level.js';
export type {
  Manifest,
  ManifestLike,
  ManifestWasm,
  ManifestWasmData,
  ManifestWasmPath,
  ManifestWasmResponse,
  ManifestWasmUrl,
} from './manifest.js';
export type {
  ExtismPluginOptions,
  MemoryOptions,
  PluginConfig,
  PluginConfigLike,
  SdkFunctions,
  SdkLogger,
} from './options.js';
export type { ModuleExportDescriptor, ModuleImportDescriptor, Plugin } from './plugin.js';
export { PluginOutput } from './plugin-output.js';
