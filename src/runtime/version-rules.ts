import semver from 'semver';
import type { PluginCandidate } from '../catalog/catalog-source.js';
import { cordonError } from '../errors/cordon-error.js';
import { thrownText } from '../errors/thrown-text.js';
import { claimsSignature } from '../integrity/read-signature.js';
import type { SignatureProblem } from '../integrity/signature-problem.js';
import type { Candidate } from '../resolver/candidate.js';
import { formatSpec, type PluginSpec } from '../resolver/spec.js';
import type { Refusal, VersionRule } from '../resolver/version-rule.js';
import { ageText, dateText } from './age-text.js';

/** One version of one plugin, as a rule of the application sees it. */
export type VersionCandidate = Readonly<
  Pick<PluginCandidate, 'manifest' | 'origin' | 'source' | 'yanked' | 'publishedAt'>
>;

/** Versions that an application keeps out. */
export interface RefusedVersions extends PluginSpec {
  /** Why, for explanations. */
  readonly reason?: string | undefined;
}

/** Why a version may not be used, or `undefined`. */
export type RefuseVersion = (candidate: VersionCandidate) => string | undefined;

/** The options that keep versions out. */
export interface VersionRuleOptions {
  readonly resolution: {
    readonly minimumReleaseAgeMs: number;
    readonly refuse: RefuseVersion | readonly RefusedVersions[];
  };
  readonly validation: { readonly signatures: 'off' | 'warn' | 'require' };
}

/** The rules of a host about single versions, those that are in force. `now` is in ms since 1970. */
export function versionRules(options: VersionRuleOptions, now: number): VersionRule<PluginCandidate>[] {
  const { minimumReleaseAgeMs, refuse } = options.resolution;
  return [
    ...(typeof refuse === 'function' || refuse.length > 0 ? [refuseRule(refuse)] : []),
    ...(options.validation.signatures === 'require' ? [signatureRule] : []),
    ...(minimumReleaseAgeMs > 0 ? [ageRule(minimumReleaseAgeMs, now)] : []),
  ];
}

function refuseRule(refuse: RefuseVersion | readonly RefusedVersions[]): VersionRule<PluginCandidate> {
  const judge = typeof refuse === 'function' ? byFunction(refuse) : byList(refuse);
  return {
    id: 'refuse',
    judge,
    remedy: (candidate) =>
      `Let resolution.refuse admit ${nameOf(candidate)} (${judge(candidate)?.reason ?? 'it does'}).`,
  };
}

function byFunction(refuse: RefuseVersion): (candidate: PluginCandidate) => Refusal | undefined {
  return ({ manifest, origin, source, yanked, publishedAt }) => {
    const failed = (problem: string, cause?: unknown): Error =>
      cordonError(
        'ERR_OPTIONS',
        `The option "resolution.refuse" ${problem} for ${manifest.name}@${manifest.version}; expected the reason why that ` +
          'version may not be used, at once and as a text, or undefined.',
        { plugin: manifest.name, version: manifest.version, cause },
      );
    let reason: unknown;
    try {
      reason = refuse(
        Object.freeze({
          manifest,
          origin,
          source,
          ...(yanked !== undefined && { yanked }),
          ...(publishedAt !== undefined && { publishedAt }),
        }),
      );
    } catch (error) {
      throw failed(`threw ${thrownText(error)}`, error);
    }
    if (reason === undefined) return undefined;
    // A promise or a mere `true` must not pass for "may be used".
    if (typeof reason !== 'string' || reason.trim() === '') {
      throw failed(`answered with ${found(reason)}`);
    }
    return { reason };
  };
}

function found(answer: unknown): string {
  if (typeof answer === 'string') return 'an empty text';
  if (answer instanceof Promise) {
    answer.catch(() => {});
    return 'a promise';
  }
  return answer === null || typeof answer === 'boolean' ? String(answer) : typeof answer;
}

/** Prereleases count by their place in the order: what is bad below 2.0.0 is bad in 2.0.0-rc.1. */
function byList(list: readonly RefusedVersions[]): (candidate: PluginCandidate) => Refusal | undefined {
  const parsed = list.map(({ name, range, reason }) => ({
    name,
    range: new semver.Range(range, { includePrerelease: true }),
    reason: reason ?? `resolution.refuse has ${formatSpec({ name, range })}`,
  }));
  return ({ manifest: { name, version } }) => {
    const entry = parsed.find((one) => one.name === name && one.range.test(version));
    return entry === undefined ? undefined : { reason: entry.reason };
  };
}

/** What has no signature at all is not even tried; one that is wrong shows when the module is read. */
const signatureRule: VersionRule<PluginCandidate> = {
  id: 'signature',
  code: 'ERR_SIGNATURE',
  details: { reason: 'unsigned' satisfies SignatureProblem },
  judge: (candidate) => (claimsSignature(candidate) ? undefined : { verb: 'is', reason: 'not signed' }),
  remedy: (candidate) =>
    `Have ${nameOf(candidate)} signed by its author, or do without validation.signatures: "require".`,
};

/** Only where the catalog knows when a version was published. What is locked was old enough for somebody. */
function ageRule(minimumMs: number, now: number): VersionRule<PluginCandidate> {
  return {
    id: 'age',
    sparesLocked: true,
    judge: ({ publishedAt }) =>
      publishedAt === undefined || now - publishedAt >= minimumMs
        ? undefined
        : {
            verb: 'was',
            reason: `published ${ageText(now - publishedAt)}, under resolution.minimumReleaseAgeMs`,
          },
    remedy: (candidate) => {
      const date = dateText((candidate.publishedAt ?? now) + minimumMs);
      const wait = date === undefined ? '' : `Wait until ${date} for ${nameOf(candidate)}, or lower `;
      return `${wait || 'Lower '}resolution.minimumReleaseAgeMs${wait ? '' : ` for ${nameOf(candidate)}`}.`;
    },
  };
}

function nameOf({ manifest }: Candidate): string {
  return `${manifest.name} ${manifest.version}`;
}
