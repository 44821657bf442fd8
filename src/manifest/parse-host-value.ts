import type { z } from 'zod';
import type { Limits } from './limits.js';
import { hostLimitsSchema, type LimitsInput } from './limits-schema.js';
import { optionsError, parseOptions } from './parse-options.js';
import type { Permissions } from './permissions.js';
import { type PermissionsInput, permissionsSchema } from './permissions-schema.js';
import { snapshotData } from './snapshot.js';

/**
 * Reads a bare permissions value of the host: a grant, the answer of `onPermissionRequest`. Absent parts are nothing;
 * frozen.
 *
 * @param subject what it is, for the message: `The answer of onPermissionRequest`.
 * @throws `ERR_OPTIONS` with every problem, also in `details.problems`.
 */
export function parsePermissions(
  value: PermissionsInput | unknown,
  subject = 'The permissions',
): Permissions {
  return parseData(permissionsSchema, value, subject);
}

/**
 * Reads a bare limits value of the host: sizes may be texts, `Infinity` is no limit, absent limits stay absent; frozen.
 *
 * @throws `ERR_OPTIONS` with every problem, also in `details.problems`.
 */
export function parseLimits(value: LimitsInput | unknown, subject = 'The limits'): Partial<Limits> {
  return parseData(hostLimitsSchema, value, subject);
}

function parseData<Output>(schema: z.ZodType<Output>, value: unknown, subject: string): Output {
  const snapshot = snapshotData(value);
  if (snapshot.ok) return parseOptions(schema, snapshot.value, subject);
  const { steps: _, ...problem } = snapshot.problem;
  throw optionsError(subject, [problem]);
}
