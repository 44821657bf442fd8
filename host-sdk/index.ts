export type { Schema, SchemaInput, SchemaIssue, SchemaOutput } from '../src/bridge/standard-schema.js';
export type { BrokenCandidate, CatalogSource, PluginCandidate } from '../src/catalog/catalog-source.js';
export type { Logger } from '../src/log/logger.js';
export type { Limits } from '../src/manifest/limits.js';
export type { FolderMount, MountTarget, Permissions, ScratchMount } from '../src/manifest/permissions.js';
export type { Health, HealthStatus } from '../src/metrics/health.js';
export type { AuditedHttpRule, AuditedPermissions } from '../src/policy/audit-trail.js';
export { VERSION } from '../src/runtime/version.js';
export type { RefuseVersion, VersionCandidate } from '../src/runtime/version-rules.js';
export type {
  CallOptions,
  CloseOptions,
  LoadOptions,
  ReloadOptions,
  UnloadOptions,
} from './call-options.js';
export type { CatalogEntry, CatalogInput, InMemoryPlugin, ModuleBytes } from './catalog-option.js';
export type { SecretText } from './config-option.js';
export {
  type ComparableContract,
  type ContractChange,
  type ContractComparison,
  compareContracts,
} from './contracts/compare-contracts.js';
export {
  type ContractExports,
  type ContractImports,
  type ContractValue,
  contractJsonSchema,
  hostFunctionsJsonSchema,
} from './contracts/contract-json-schema.js';
export { type JsonSchemaContract, jsonSchema } from './contracts/json-schema.js';
export { createHost } from './create-host.js';
export * from './errors.js';
export type * from './events.js';
export type {
  ExtensionContract,
  ExtensionEntry,
  ExtensionResult,
  ExtensionRun,
  FailurePolicy,
  FirstRun,
  RunOptions,
  SkippedExtension,
  WaterfallRun,
} from './extensions/contract.js';
export { ExtensionPoint } from './extensions/extension-point.js';
export { Host } from './host.js';
export {
  defineHostFunction,
  type HostFunction,
  type HostFunctionContext,
  type HostFunctionOptions,
  type HostFunctionShape,
  type HostValueSpec,
  type HostValueType,
} from './host-function.js';
// By a star: what `cordon types` writes merges with an interface of it.
export type * from './known-plugins.js';
export type { ListFilter } from './list-filter.js';
export { defineManifest, type Manifest, type ManifestInput } from './manifest.js';
export type {
  HostOptions,
  Isolation,
  PermissionAnswer,
  PermissionHandler,
  PermissionRequest,
} from './options.js';
export { Output } from './output.js';
export { Plugin, TypedPlugin } from './plugin.js';
export {
  definePlugin,
  type ExportContract,
  type ImportContracts,
  type PluginContract,
  type PluginDefinition,
} from './plugin-definition.js';
export type { PluginSpec } from './plugin-spec.js';
export type {
  BrokenPlugin,
  EffectivePermissions,
  HostReport,
  PluginInfo,
  ResolutionReport,
} from './reports.js';
