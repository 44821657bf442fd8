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
  const snapshot = snapshotData(value);
  if (snapshot.ok) return parseOptions(permissionsSchema, snapshot.value, subject);
  const { steps: _, ...problem } = snapshot.problem;
  throw optionsError(subject, [problem]);
}
