import semver from 'semver';

/** Newest first; of versions that differ in build metadata only, the later in the alphabet first. */
export function newestFirst(a: string, b: string): number {
  return semver.compareBuild(b, a, { loose: false });
}

/** The one spelling of a version, build metadata included; `undefined` where it is not semver. */
export function canonicalVersion(version: unknown): string | undefined {
  const parsed = typeof version === 'string' ? semver.parse(version) : null;
  if (parsed === null) return undefined;
  return parsed.build.length > 0 ? `${parsed.version}+${parsed.build.join('.')}` : parsed.version;
}
