import { dataDigest } from '../../../src/integrity/data-digest.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { parseManifest } from '../../../src/manifest/parse-manifest.js';
import { type LockEntry, type Lockfile, lockfileOf } from '../../../src/resolver/lockfile/lockfile.js';

export function manifest(name: string, version: string, more: object = {}): Manifest {
  return parseManifest({ manifestVersion: 1, name, version, wasm: 'a.wasm', ...more });
}

export function entry(more: Partial<LockEntry> = {}): LockEntry {
  return {
    version: '1.0.0',
    source: 'memory',
    manifest: dataDigest('manifest'),
    modules: { main: dataDigest('module') },
    dependencies: {},
    ...more,
  };
}

export function lockfile(entries: Readonly<Record<string, Partial<LockEntry>>>): Lockfile {
  return lockfileOf(Object.entries(entries).map(([name, more]) => [name, entry(more)]));
}
