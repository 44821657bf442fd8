import { cordonError } from '../../../src/errors/cordon-error.js';
import type { Artifact } from '../../../src/integrity/artifact.js';
import { DEFAULT_LIMITS } from '../../../src/manifest/limits.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { grantPermissions } from '../../../src/policy/grants.js';
import { resolveImports } from '../../../src/runtime/preflight.js';
import { EXTISM_ENV, WASI_PREVIEW_1 } from '../../../src/runtime/prepare-module.js';
import { checkFeatures, defaultFeatures } from '../../../src/wasm/features.js';
import { rewriteModule } from '../../../src/wasm/rewrite.js';
import { type ModuleSummary, summarizeModule } from '../../../src/wasm/summary.js';
import { type Finding, findingsOf } from './finding.js';

const MAX_MODULE_BYTES = 50 * 1024 * 1024;
const HOST = 'extism:host/user';

/** A module of a plugin, read. */
export interface ReadModule {
  readonly name: string;
  readonly file: string;
  readonly artifact: Artifact;
}

/** What a host with default options would refuse in the bytes themselves, and what is in them where they can be read. */
export function checkBytes(
  manifest: Manifest,
  { file, artifact }: ReadModule,
): { findings: Finding[]; summary: ModuleSummary | undefined } {
  const findings: Finding[] = [];
  const step = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      findings.push(...findingsOf(error, file));
      return undefined;
    }
  };
  const { bytes } = artifact;
  if (bytes.length > MAX_MODULE_BYTES) {
    const message = `it has ${bytes.length} bytes; a host takes ${MAX_MODULE_BYTES} unless it raises validation.maxModuleBytes`;
    findings.push({ severity: 'warning', file, code: 'ERR_MODULE_TOO_LARGE', message });
  }
  const summary = step(() => summarizeModule(bytes));
  if (summary) {
    step(() => checkFeatures(summary, defaultFeatures()));
    const maxMemoryBytes = manifest.limits.memoryBytes ?? DEFAULT_LIMITS.memoryBytes;
    step(() => rewriteModule(bytes, { maxMemoryBytes, maxTableElements: 10_000_000, metering: true }));
  }
  return { findings, summary };
}

/** Imports that nobody provides: not Extism's, not WASI's, and not a function that the manifest asks its host for. */
export function checkImports(
  manifest: Manifest,
  modules: readonly { readonly name: string; readonly file: string; readonly summary: ModuleSummary }[],
): Finding[] {
  const linked = new Set(modules.map(({ name }) => name));
  const grant = grantPermissions({
    plugin: manifest.name,
    asked: manifest.permissions,
    granted: manifest.permissions,
  });
  const findings: Finding[] = [];
  for (const { name, file, summary } of modules) {
    for (const entry of summary.imports) {
      if (linked.has(entry.module) && modules.length > 1) continue;
      const isHosts = entry.kind === 'function' && ![EXTISM_ENV, WASI_PREVIEW_1].includes(entry.module);
      if (isHosts && !(entry.module === HOST && entry.name === 'plugin_call')) {
        if (asksFor(manifest, entry.name)) continue;
        const message = `it imports the host function "${entry.name}" of "${entry.module}", and the manifest does not ask for it: add it to permissions.hostFunctions, or build the guest without it`;
        findings.push({ severity: 'error', file, code: 'ERR_PERMISSION', message });
        continue;
      }
      try {
        resolveImports(manifest, [{ name, summary: { ...summary, imports: [entry] } }], {}, grant);
      } catch (error) {
        findings.push(...findingsOf(error, file));
      }
    }
  }
  return findings;
}

function asksFor(manifest: Manifest, name: string): boolean {
  return manifest.permissions.hostFunctions.some((request) => request.name === name);
}

/** A digest that the manifest states, held against the bytes. */
export function digestProblem(manifest: Manifest, artifact: Artifact, stated: string): Error | undefined {
  if (stated === artifact.integrity) return undefined;
  const { name: plugin, version } = manifest;
  return cordonError(
    'ERR_INTEGRITY',
    `the file's digest is ${artifact.integrity}: state that if the change was meant`,
    { plugin, version },
  );
}
