import { expect, test } from 'vitest';
import { OptionsError } from '../../src/errors/cordon-error.js';
import { parseLimits, parsePermissions } from '../../src/manifest/parse-host-value.js';
import { NO_PERMISSIONS } from '../../src/manifest/permissions.js';

function refusal(act: () => unknown): OptionsError {
  try {
    act();
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

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
  const error = refusal(() =>
    parsePermissions({ http: ['a/b'], files: {} }, 'The answer of onPermissionRequest'),
  );
  expect(error.code).toBe('ERR_OPTIONS');
  expect(error.message).toMatch(
    /^The answer of onPermissionRequest: 2 problems:\n {2}http\[0\]: found "a\/b"/,
  );
  expect(error.details.problems).toHaveLength(2);
  expect(refusal(() => parsePermissions(undefined)).message).toContain(
    'found nothing, expected an object with "http"',
  );
  expect(refusal(() => parsePermissions(new Map())).message).toContain('found an instance of a class');
});

test('limits keep what is absent absent, and may be infinite', () => {
  expect(parseLimits({ memoryBytes: '1 KiB', timeoutMs: Number.POSITIVE_INFINITY, fuel: undefined })).toEqual(
    {
      memoryBytes: 1024,
      timeoutMs: Number.POSITIVE_INFINITY,
    },
  );
  expect(Object.isFrozen(parseLimits({}))).toBe(true);
  const error = refusal(() => parseLimits({ fuel: -1, timeout: 5 }));
  expect(error.message).toContain('fuel: found -1, expected a whole number from 0, or Infinity');
  expect(error.message).toContain('timeout: found an unknown key, expected "timeoutMs"');
});
