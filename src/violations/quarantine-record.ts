import type { ViolationEvent } from '../events/violation-event.js';

/** `violations`: too many of them; `manual`: by hand; `dependency`: one that it depends on is in quarantine. */
export type QuarantineCause = 'violations' | 'manual' | 'dependency';

/** Why a plugin is in quarantine. JSON data, frozen. */
export interface QuarantineRecord {
  readonly plugin: string;
  readonly version: string;
  readonly cause: QuarantineCause;
  /** For people, one line. */
  readonly reason: string;
  /** The plugin whose quarantine suspends this one; with cause `dependency` only. */
  readonly because?: string;
  /** The violations that led to it, oldest first. */
  readonly evidence: readonly ViolationEvent[];
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
  /** From when one trial call is let through, in milliseconds since the epoch; absent where release is by hand. */
  readonly trialAt?: number;
  /** Trial calls so far that ended in a violation. */
  readonly failedTrials: number;
}

type Draft = { [Key in keyof QuarantineRecord]: QuarantineRecord[Key] | undefined };

/** A frozen record without the fields that are undefined. */
export function freezeRecord(
  draft: Partial<Draft> & Omit<QuarantineRecord, 'because' | 'trialAt'>,
): QuarantineRecord {
  const { because, trialAt, evidence, ...rest } = draft;
  return Object.freeze({
    ...rest,
    evidence: Object.freeze([...evidence]),
    ...(because === undefined ? {} : { because }),
    ...(trialAt === undefined ? {} : { trialAt }),
  });
}
