import type { ErrnoName } from './errno.js';

/** Why something was refused that no grant or limit covers. */
export type RefusalReason =
  | 'read-only'
  | 'escape'
  | 'symlink'
  | 'hard-link'
  | 'special-file'
  | 'pseudo-filesystem'
  | 'open-files'
  | 'open-files-budget'
  | 'file-bytes'
  | 'quota'
  | 'socket';

/** Reasons that are limits: reaching one is no reach for what was not granted. */
const LIMITS: ReadonlySet<RefusalReason> = new Set([
  'open-files',
  'open-files-budget',
  'file-bytes',
  'quota',
]);

/** Was something refused that no grant covers, and not only more of what is granted? */
export function isDenial({ reason }: Refusal): boolean {
  return !LIMITS.has(reason);
}

/** A refusal that the host hears of. `detail` has `reason` and the figures of the message. */
export interface Refusal {
  readonly kind: 'fs' | 'env';
  readonly reason: RefusalReason;
  readonly message: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/**
 * What a WASI function throws to answer its guest with an error number. Not an `Error`: a guest causes these at will,
 * and capturing a stack for each would be its cheapest way to burn the host's time.
 */
export class Fault {
  readonly errno: ErrnoName;
  readonly refusal: Refusal | undefined;

  constructor(errno: ErrnoName, refusal?: Refusal) {
    this.errno = errno;
    this.refusal = refusal;
  }
}

const MAX_QUOTED = 200;

/** A guest's text for a message: quoted, control characters escaped, cut to 200 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}

/** The refusal of something about a path. */
export function refusePath(
  errno: ErrnoName,
  reason: RefusalReason,
  message: string,
  detail?: Readonly<Record<string, unknown>>,
): Fault {
  return new Fault(errno, { kind: 'fs', reason, message, ...(detail === undefined ? {} : { detail }) });
}
