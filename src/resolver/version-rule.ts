import type { ErrorCode } from '../errors/codes.js';
import type { Candidate } from './candidate.js';

/**
 * A rule of the host about single versions: quarantine, age, signatures. It keeps versions out before anything is
 * decided, and explanations tell why. The order of the rules counts: of several that refuse a version the first is told.
 */
export interface VersionRule<C extends Candidate> {
  /** Tells rules apart. What one rule refuses of a plugin is lifted together when changes are tried. */
  readonly id: string;
  /**
   * Versions that are locked, and not to be upgraded, are not asked about: what was taken once stays. Default `false`.
   */
  readonly sparesLocked?: boolean;
  /** The code of the error where nothing but this rule stands in the way; default `ERR_RESOLUTION`. */
  readonly code?: ErrorCode;
  /** What that error's `details` have besides. */
  readonly details?: Readonly<Record<string, unknown>>;
  /**
   * What is wrong with a version, or nothing. Asked when a version comes into question, at most once in a search, and never
   * about loaded plugins.
   */
  judge(candidate: C): Refusal | undefined | Promise<Refusal | undefined>;
  /** What would let a version be used, as a sentence; default: that it be let. */
  remedy?(candidate: C): string;
}

/** Why a version may not be used. Neighbours that are refused in the same words are told together. */
export interface Refusal {
  /** `signed by nobody`, `published 3 hours ago`: what follows the verb. */
  readonly reason: string;
  /** "a 1.0.0 `is` …", "a 1.0.0 `was` …"; without one, "a 1.0.0 is not to be used (reason)". */
  readonly verb?: 'is' | 'was';
}

/** What a catalog has withdrawn. Who has it locked keeps it. */
export const yankedRule: VersionRule<Candidate> = {
  id: 'yanked',
  sparesLocked: true,
  judge: ({ yanked }) => (yanked === undefined ? undefined : { reason: `yanked: ${yanked}` }),
};
