import { ERROR_CODES, type ErrorFamily } from '../../src/errors/codes.js';
import type { CordonError } from '../../src/errors/cordon-error.js';

/** What a process ends with. */
export const EXIT = { ok: 0, failed: 1, usage: 2, guest: 3, permission: 4, limit: 5 } as const;

const BY_FAMILY: Readonly<Record<ErrorFamily, number>> = {
  options: EXIT.usage,
  manifest: EXIT.failed,
  resolution: EXIT.failed,
  module: EXIT.failed,
  permission: EXIT.permission,
  limit: EXIT.limit,
  guest: EXIT.guest,
  'host-function': EXIT.guest,
  state: EXIT.failed,
};

/** An option that is wrong is a wrong command line, whoever noticed. */
export function exitCodeOf(error: CordonError): number {
  return BY_FAMILY[ERROR_CODES[error.code].family];
}
