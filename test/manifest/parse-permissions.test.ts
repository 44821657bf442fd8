import { expect, test } from 'vitest';
import { OptionsError } from '../../src/errors/cordon-error.js';
import { parsePermissions } from '../../src/manifest/parse-permissions.js';
import { NO_PERMISSIONS } from '../../src/manifest/permissions.js';
import { thrown } from '../thrown.js';

test('a grant is read as the permissions of a manifest are', () => {
  const given = {
    http: ['API.example.com:443'],
    hostFunctions: ['kv_read'],
    fs: { read: { '/data/': './data' } },
  };
  const permissions = parsePermissions(given);
  expect(permissions).toEqual({
    ...NO_PERMISSIONS,
    http: [{ host: 'api.example.com', ports: [443] }],
    hostFunctions: [{ name: 'kv_read', optional: false }],
    fs: { read: { '/data': './data' }, write: {} },
  });
  for (const value of [
    permissions,
    permissions.http,
    permissions.http[0],
    permissions.fs,
    permissions.fs.read,
  ]) {
    expect(Object.isFrozen(value)).toBe(true);
  }
  expect(Object.isFrozen(given.fs.read)).toBe(false);
  expect(parsePermissions({})).toEqual(NO_PERMISSIONS);
});

test('permissions that are wrong are an error of the host, under the name that the caller gives', () => {
  const error = thrown(
    () => parsePermissions({ http: ['a/b'], files: {} }, 'The answer of onPermissionRequest'),
    OptionsError,
  );
  expect(error.code).toBe('ERR_OPTIONS');
  expect(error.message).toMatch(
    /^The answer of onPermissionRequest: 2 problems:\n {2}http\[0\]: found "a\/b"/,
  );
  expect(error.details.problems).toHaveLength(2);
  expect(thrown(() => parsePermissions(undefined), OptionsError).message).toContain(
    'found nothing, expected an object with "http"',
  );
  expect(thrown(() => parsePermissions(new Map()), OptionsError).message).toContain(
    'found an instance of a class',
  );
});
