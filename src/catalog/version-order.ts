import semver from 'semver';

/** Newest first; of versions that differ in build metadata only, the later in the alphabet first. Each is parsed once. */
export function newestFirst<T>(items: Iterable<T>, versionOf: (item: T) => string): T[] {
  return Array.from(items, (item) => ({ item, version: new semver.SemVer(versionOf(item)) }))
    .sort((a, b) => b.version.compare(a.version) || b.version.compareBuild(a.version))
    .map(({ item }) => item);
}

/** The one spelling of a version, build metadata included; `undefined` where it is not semver. */
export function canonicalVersion(version: unknown): string | undefined {
  const parsed = typeof version === 'string' ? semver.parse(version) : null;
  if (parsed === null) return undefined;
  return parsed.build.length > 0 ? `${parsed.version}+${parsed.build.join('.')}` : parsed.version;
}
