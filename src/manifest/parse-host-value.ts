import type { z } from 'zod';
import { cordonError } from '../errors/cordon-error.js';
import { deepFreeze } from './deep-freeze.js';
import type { Limits } from './limits.js';
import { hostLimitsSchema, type LimitsInput } from './limits-schema.js';
import type { Permissions } from './permissions.js';
import { type PermissionsInput, permissionsSchema } from './permissions-schema.js';
import { formatProblems } from './problem.js';
import { snapshotData } from './snapshot.js';
import { zodProblems } from './zod-problems.js';

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
  return parseWith(permissionsSchema, value, subject);
}

/**
 * Reads a bare limits value of the host: sizes may be texts, `Infinity` is no limit, absent limits stay absent; frozen.
 *
 * @throws `ERR_OPTIONS` with every problem, also in `details.problems`.
 */
export function parseLimits(value: LimitsInput | unknown, subject = 'The limits'): Partial<Limits> {
  return parseWith(hostLimitsSchema, value, subject);
}

function parseWith<Output>(schema: z.ZodType<Output>, value: unknown, subject: string): Output {
  const snapshot = snapshotData(value);
  const result = snapshot.ok ? schema.safeParse(snapshot.value) : undefined;
  if (result?.success) return result.data;
  const problems = (
    snapshot.ok ? zodProblems(result!.error!.issues, snapshot.value) : [snapshot.problem]
  ).map(({ steps: _, ...problem }) => problem);
  throw cordonError('ERR_OPTIONS', formatProblems(`${subject}:`, problems), {
    details: { problems: deepFreeze(problems) },
  });
}
