import { cordonError } from '../../errors/cordon-error.js';
import { dataDigest } from '../../integrity/data-digest.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { Candidate } from '../candidate.js';
import type { Resolution, ResolvedPlugin } from '../resolution.js';
import { servers } from './lock-entry.js';
import type { LockEntry, Lockfile } from './lockfile.js';

/** One thing in which a resolution is not what the lockfile says. */
export interface LockDifference {
  readonly plugin: string;
  readonly field: 'plugin' | 'version' | 'source' | 'dependencies';
  /** As the lockfile has it; absent where it has nothing. */
  readonly locked?: string;
  /** As it was resolved; absent where it was not. */
  readonly found?: string;
  /** Why the locked version is not used, where that is known. */
  readonly because?: string;
}

/** All differences, by plugin. `complete`: plugins that were not resolved are differences too; default `false`. */
export function compareWithLockfile<C extends Candidate>(
  { plugins }: Lockfile,
  { order }: Pick<Resolution<C>, 'order'>,
  { complete = false }: { readonly complete?: boolean } = {},
): LockDifference[] {
  const differences = order.flatMap((plugin) => compareEntry(plugins[plugin.name], plugin));
  if (complete) {
    const resolved = new Set(order.map(({ name }) => name));
    for (const [name, { version }] of Object.entries(plugins)) {
      if (!resolved.has(name)) differences.push({ plugin: name, field: 'plugin', locked: version });
    }
  }
  return differences.sort((a, b) => (`${a.plugin} ${a.field}` < `${b.plugin} ${b.field}` ? -1 : 1));
}

function compareEntry<C extends Candidate>(
  locked: LockEntry | undefined,
  resolved: ResolvedPlugin<C>,
): LockDifference[] {
  const { name: plugin, version, candidate, dependencies } = resolved;
  if (locked === undefined) return [{ plugin, field: 'plugin', found: version }];
  const fields = [
    ['version', locked.version, version],
    ['source', locked.source, candidate.source],
    ['dependencies', serversText(locked.dependencies), serversText(servers(dependencies))],
  ] as const;
  return fields.flatMap(([field, was, is]) => {
    if (was === is) return [];
    const because = field === 'version' ? resolved.reasons.notLocked?.because : undefined;
    return [{ plugin, field, locked: was, found: is, ...(because !== undefined && { because }) }];
  });
}

function serversText(dependencies: Readonly<Record<string, string>>): string {
  const texts = Object.keys(dependencies)
    .sort()
    .map((name) => (dependencies[name] === name ? name : `${name} by ${dependencies[name]}`));
  return texts.length === 0 ? 'nothing' : texts.join(', ');
}

/**
 * Refuses a resolution that is not what the lockfile says.
 * @throws ERR_RESOLUTION with all differences in the message, in `.explanation` and in `details.differences`.
 */
export function requireFrozen<C extends Candidate>(
  lockfile: Lockfile,
  resolution: Pick<Resolution<C>, 'order'>,
  { file, complete = false }: { readonly file: string; readonly complete?: boolean },
): void {
  const differences = compareWithLockfile(lockfile, resolution, { complete });
  if (differences.length === 0) return;
  const lines = differences.map((difference) => `  ${differenceText(difference)}`);
  const explanation = [
    `The plugins are not those of ${file}, which is frozen:`,
    ...lines,
    'Load them once without "frozen" to take this over, or bring the catalog back to what is locked.',
  ].join('\n');
  throw cordonError('ERR_RESOLUTION', explanation, { explanation, details: { file, differences } });
}

function differenceText({ plugin, field, locked, found, because }: LockDifference): string {
  if (locked === undefined) return `${plugin} ${found} is not locked`;
  if (found === undefined) return `${plugin} ${locked} is locked and not used`;
  switch (field) {
    case 'source':
      return `${plugin} comes from ${found}; locked is ${locked}`;
    case 'dependencies':
      return `${plugin} depends on ${found}; locked is ${locked}`;
    default:
      return `${plugin} is ${found}; locked is ${locked}${because === undefined ? '' : `: ${because}`}`;
  }
}

/**
 * Refuses a manifest that says something else than when it was locked in the same version.
 * @throws ERR_INTEGRITY
 */
export function verifyLockedManifest(lockfile: Lockfile, manifest: Manifest, origin: string): void {
  const { name, version } = manifest;
  const locked = lockfile.plugins[name];
  if (locked?.version !== version) return;
  const actual = dataDigest(manifest);
  if (actual === locked.manifest) return;
  throw cordonError(
    'ERR_INTEGRITY',
    `The manifest of plugin ${name}@${version} (${origin}) is not what was locked: expected ${locked.manifest}, found ` +
      `${actual}. A published version must not change: give it a new version, or delete its entry from the lockfile.`,
    { plugin: name, version, details: { expected: locked.manifest, actual, file: origin } },
  );
}

/** The digest that a module has to have, if the plugin is locked in this version. */
export function lockedIntegrity(
  { plugins }: Lockfile,
  { name, version }: Pick<Manifest, 'name' | 'version'>,
  module: string,
): string | undefined {
  const locked = plugins[name];
  return locked?.version === version && Object.hasOwn(locked.modules, module)
    ? locked.modules[module]
    : undefined;
}
