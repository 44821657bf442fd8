import semver from 'semver';
import { CordonError } from '../../../src/errors/cordon-error.js';
import { type ContractComparison, compareContracts } from '../../contracts/compare-contracts.js';
import { readManifest } from '../read-manifest.js';
import { type Finding, findingsOf } from './finding.js';
import { placesIn } from './places.js';

/** What changed in a plugin's contract since an earlier version of it. */
export interface AgainstReport extends ContractComparison {
  readonly plugin: string;
  /** Of the earlier one, and the least that this one has to have. */
  readonly before: string;
  readonly least: string;
  readonly findings: readonly Finding[];
}

/** Undefined where the plugin itself cannot be read, of which the check tells. @throws UsageError, ERR_MANIFEST of the earlier one */
export async function checkAgainst(given: string, earlier: string): Promise<AgainstReport | undefined> {
  const before = (await readManifest(earlier)).manifest;
  const now = await readManifest(given).catch((error: unknown) => {
    if (error instanceof CordonError) return undefined;
    throw error;
  });
  if (now === undefined) return undefined;
  const { file, manifest: after } = now;
  const places = await placesIn(file);
  const { name: plugin, version } = after;
  if (before.name !== plugin) {
    const message = `it is ${plugin}, and ${earlier} is ${before.name}: give an earlier version of the same plugin`;
    const finding: Finding = { severity: 'error', file, ...places(['name']), message };
    return { ...same(before.version), plugin, findings: [finding] };
  }
  let comparison: ContractComparison;
  try {
    comparison = compareContracts(before, after);
  } catch (error) {
    return { ...same(before.version), plugin, findings: findingsOf(error, file) };
  }
  const least = leastVersion(before.version, comparison);
  const findings: Finding[] = [];
  if (!isEnough(version, before.version, comparison)) {
    const why = comparison.breaking ? 'breaks those who use it' : 'has changed';
    const message = `its contract ${why} since ${before.version}: make this at least ${least}, or take the changes back`;
    findings.push({ severity: 'error', file, ...places(['version']), message });
  }
  return { ...comparison, plugin, before: before.version, least, findings };
}

/** The version that changes of this kind ask for. */
export function leastVersion(before: string, { changes, bump }: ContractComparison): string {
  return changes.length === 0 ? before : semver.inc(before, bump)!;
}

/** A pre-release of the version that is asked for will do. */
export function isEnough(version: string, before: string, comparison: ContractComparison): boolean {
  const { major, minor, patch } = semver.parse(version)!;
  const isReached = semver.gte(`${major}.${minor}.${patch}`, leastVersion(before, comparison));
  return isReached && (comparison.changes.length === 0 || semver.gt(version, before));
}

function same(version: string): Omit<AgainstReport, 'findings' | 'plugin'> {
  return { changes: [], breaking: false, bump: 'patch', before: version, least: version };
}
