import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import semver from 'semver';
import { Catalog } from '../../../src/catalog/catalog.js';
import { sourcesOf } from '../../../src/catalog/locator.js';
import { MANIFEST_FILE } from '../../../src/catalog/plugin-folder.js';
import { cordonError } from '../../../src/errors/cordon-error.js';
import { nearestName } from '../../../src/errors/nearest-name.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { readLockfile } from '../../../src/resolver/lockfile/lockfile-file.js';
import { parseSpec } from '../../../src/resolver/spec.js';
import { readEmbeddedManifest } from '../../../src/runtime/embedded-manifest.js';
import { readManifest } from '../read-manifest.js';
import { UsageError } from '../usage-error.js';

/** Which plugins are meant. */
export interface ManifestQuery {
  /** Folders of plugins or with plugins, manifests, modules; names with ranges where there is a catalog. */
  readonly given: readonly string[];
  readonly catalog: readonly string[];
  /** Takes the versions of this lockfile; without anything given, all of its plugins. */
  readonly lockfile: string | undefined;
}

const MAX_MODULE_BYTES = 1024 ** 3;

/** The manifests, one for each name: the locked version, else the newest. @throws UsageError, ERR_NOT_FOUND, ERR_MANIFEST */
export async function gatherManifests(query: ManifestQuery): Promise<Manifest[]> {
  const { given, catalog: where, lockfile } = query;
  const paths: string[] = [];
  const names: string[] = [];
  const folders: string[] = [];
  for (const one of given.length === 0 && where.length === 0 ? ['.'] : given) {
    const kind = await kindOf(one);
    if (kind === 'plugin') paths.push(one);
    else if (kind === 'folder') folders.push(one);
    else if (where.length > 0) names.push(one);
    else throw new UsageError(`${one} is not there; for a plugin of a catalog add --catalog <where>`);
  }
  const found = await Promise.all(paths.map(async (path) => (await readManifest(path)).manifest));
  const locked = lockfile === undefined ? undefined : await lockedVersionsIn(lockfile);
  if (folders.length > 0) found.push(...(await allOf(await catalogOf(folders), locked)));
  if (where.length > 0) {
    const catalog = await catalogOf(where);
    if (given.length === 0) found.push(...(await allOf(catalog, locked)));
    else for (const name of names) found.push(await named(catalog, name, locked));
  }
  if (found.length === 0)
    throw new UsageError(`there are no plugins in ${[...folders, ...where].join(', ')}`);
  return once(found);
}

async function kindOf(given: string): Promise<'plugin' | 'folder' | undefined> {
  const entry = await stat(resolve(given)).catch(() => undefined);
  if (!entry?.isDirectory()) return entry === undefined ? undefined : 'plugin';
  const isPlugin = await stat(join(resolve(given), MANIFEST_FILE)).then(
    () => true,
    () => false,
  );
  return isPlugin ? 'plugin' : 'folder';
}

async function catalogOf(where: readonly string[]): Promise<Catalog> {
  const embedded = { read: readEmbeddedManifest, maxModuleBytes: MAX_MODULE_BYTES };
  return new Catalog(await sourcesOf(where, { baseDirectory: process.cwd(), embedded }));
}

/** By name; what is broken is told, or types would be missing without a word. */
async function allOf(catalog: Catalog, locked: ReadonlyMap<string, string> | undefined): Promise<Manifest[]> {
  const [broken] = await catalog.broken();
  if (broken) throw broken.error;
  const names = locked === undefined ? await catalog.names() : [...locked.keys()];
  return Promise.all([...names].sort().map((name) => named(catalog, name, locked)));
}

async function named(
  catalog: Catalog,
  spec: string,
  locked: ReadonlyMap<string, string> | undefined,
): Promise<Manifest> {
  const { name, range } = parseSpec(spec);
  const wanted = locked?.get(name) ?? range;
  const candidates = await catalog.candidates(name);
  const fits = candidates.find(({ manifest }) =>
    semver.satisfies(manifest.version, wanted, { includePrerelease: true }),
  );
  if (fits) return fits.manifest;
  const near = candidates.length === 0 ? nearestName(name, await catalog.names()) : undefined;
  const versions = candidates.map(({ manifest }) => manifest.version).join(', ');
  const why = versions !== '' ? `there is ${versions}` : near === undefined ? '' : `did you mean ${near}?`;
  throw cordonError('ERR_NOT_FOUND', `No ${name}@${wanted} is in the catalog${why && `; ${why}`}`, {
    plugin: name,
  });
}

async function lockedVersionsIn(path: string): Promise<ReadonlyMap<string, string>> {
  const { plugins } = await readLockfile(path);
  if (Object.keys(plugins).length === 0) throw new UsageError(`${path} is not there, or has no plugins`);
  return new Map(Object.entries(plugins).map(([name, { version }]) => [name, version]));
}

function once(manifests: readonly Manifest[]): Manifest[] {
  const byName = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const other = byName.get(manifest.name);
    if (other !== undefined && other.version !== manifest.version) {
      throw new UsageError(
        `${manifest.name} is there as ${other.version} and as ${manifest.version}: give one of them`,
      );
    }
    byName.set(manifest.name, manifest);
  }
  return [...byName.values()];
}
