import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import semver from 'semver';
import type { PluginCandidate } from '../../../src/catalog/catalog-source.js';
import { readBareModule } from '../../../src/catalog/embedded-manifest.js';
import { readPluginFolder } from '../../../src/catalog/plugin-folder.js';
import { readArtifact } from '../../../src/integrity/read-artifact.js';
import type { WasmItem } from '../../../src/manifest/manifest.js';
import { readEmbeddedManifest } from '../../../src/runtime/embedded-manifest.js';
import { VERSION } from '../../../src/runtime/version.js';
import type { ModuleSummary } from '../../../src/wasm/summary.js';
import { type PluginLocation, pluginLocation } from '../plugin-location.js';
import { checkBytes, checkImports, digestProblem } from './check-module.js';
import { checkTogether, type Mismatch } from './check-together.js';
import { type Finding, findingsOf } from './finding.js';
import { type Places, placesIn } from './places.js';

const READ_AT_MOST = 1024 ** 3;
const ONLY_MAIN: readonly WasmItem[] = [{ name: 'main' }];
const NO_MANIFEST = JSON.stringify({ manifestVersion: 1, name: 'plugin', version: '0.0.0' });

/** What is known of a plugin after a check. */
export interface CheckReport {
  readonly plugin?: string;
  readonly version?: string;
  readonly modules: readonly { readonly name: string; readonly file: string; readonly bytes: number }[];
  /** In the order of their places. */
  readonly findings: readonly Finding[];
}

/** Holds a plugin's manifest and modules against the schema, the format and each other. Nothing of it runs. */
export async function checkPlugin(given: string): Promise<CheckReport> {
  const location = await pluginLocation(given);
  const file = location.kind === 'folder' ? location.manifest : location.file;
  try {
    const candidate = await candidateAt(location);
    return await checkCandidate(candidate, location, await placesIn(file));
  } catch (error) {
    return { modules: [], findings: findingsOf(error, file) };
  }
}

async function candidateAt(location: PluginLocation): Promise<PluginCandidate> {
  const found =
    location.kind === 'folder'
      ? await readPluginFolder(location.folder, { source: 'file' })
      : await readBareModule(
          location.file,
          { read: (bytes) => readEmbeddedManifest(bytes) ?? NO_MANIFEST, maxModuleBytes: READ_AT_MOST },
          { source: 'file' },
        );
  if (found && 'candidate' in found) return found.candidate;
  throw found?.broken.error;
}

async function checkCandidate(
  candidate: PluginCandidate,
  location: PluginLocation,
  placeOf: Places,
): Promise<CheckReport> {
  const { manifest } = candidate;
  const file = location.kind === 'folder' ? location.manifest : location.file;
  const findings: Finding[] = [];
  const add = ({ steps, ...mismatch }: Mismatch): void => {
    findings.push({ ...mismatch, file, ...placeOf(steps) });
  };
  const engine = manifest.engines.cordon;
  if (engine !== undefined && !semver.satisfies(VERSION, engine, { includePrerelease: true })) {
    const message = `it needs cordon ${engine}, and this is ${VERSION}`;
    add({ severity: 'error', steps: ['engines', 'cordon'], code: 'ERR_ENGINE', message });
  }
  const read: { name: string; file: string; bytes: number; summary: ModuleSummary }[] = [];
  for (const [index, item] of (manifest.wasm.length > 0 ? manifest.wasm : ONLY_MAIN).entries()) {
    const steps = ['wasm', index];
    if (item.url !== undefined) {
      add({
        severity: 'warning',
        steps,
        message: `the module behind ${item.url} was not fetched, and not checked`,
      });
      continue;
    }
    const path = location.kind === 'folder' ? join(location.folder, item.path!) : location.file;
    try {
      const artifact = await readArtifact(candidate, item, { maxBytes: READ_AT_MOST });
      const wrong =
        item.integrity === undefined ? undefined : digestProblem(manifest, artifact, item.integrity);
      if (wrong)
        add({
          severity: 'error',
          steps: [...steps, 'integrity'],
          code: 'ERR_INTEGRITY',
          message: wrong.message,
        });
      const { findings: more, summary } = checkBytes(manifest, { name: item.name, file: path, artifact });
      findings.push(...more);
      if (summary) read.push({ name: item.name, file: path, bytes: artifact.bytes.length, summary });
    } catch (error) {
      for (const one of findingsOf(error, file)) findings.push({ ...one, ...placeOf(steps) });
    }
  }
  findings.push(...checkImports(manifest, read));
  const main = read.find(({ name }) => name === 'main');
  const summaries = read.map(({ summary }) => summary);
  if (main) for (const mismatch of checkTogether(manifest, main.summary, summaries)) add(mismatch);
  if (manifest.signature !== undefined) {
    const folder = dirname(file);
    const there = await readFile(join(folder, manifest.signature)).catch(() => undefined);
    const message = `${basename(manifest.signature)} is not there yet: cordon sign ${folder === process.cwd() ? '.' : folder} --key <path>`;
    if (!there) add({ severity: 'warning', steps: ['signature'], message });
  }
  return {
    plugin: manifest.name,
    version: manifest.version,
    modules: read.map(({ name, file: path, bytes }) => ({ name, file: path, bytes })),
    findings: findings.sort(byPlace),
  };
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
