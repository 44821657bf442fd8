import { expect, test } from 'vitest';
import { createArtifact } from '../../src/integrity/artifact.js';
import { isSha256Integrity, verifyIntegrity } from '../../src/integrity/verify-integrity.js';

const subject = { plugin: '@acme/a', version: '1.0.0', file: 'a.wasm' };

test('an artifact with the stated digest passes', async () => {
  const artifact = await createArtifact(Buffer.from('abc'), 'memory');
  expect(() => verifyIntegrity(artifact, artifact.integrity, subject)).not.toThrow();
  expect(artifact.integrity).toBe('sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=');
});

test('one changed byte is ERR_INTEGRITY with both digests, the plugin and the file', async () => {
  const stated = await createArtifact(Buffer.from('abc'), 'memory');
  const changed = await createArtifact(Buffer.from('abd'), '/plugins/a');
  let error: unknown;
  try {
    verifyIntegrity(changed, stated.integrity, subject);
  } catch (e) {
    error = e;
  }
  expect(error).toMatchObject({
    code: 'ERR_INTEGRITY',
    plugin: '@acme/a',
    version: '1.0.0',
    details: {
      expected: stated.integrity,
      actual: changed.integrity,
      file: 'a.wasm',
      origin: '/plugins/a',
    },
  });
  expect((error as Error).message).toContain('a.wasm of plugin @acme/a@1.0.0');
  expect((error as Error).message).toContain(stated.integrity);
  expect((error as Error).message).toContain(changed.integrity);
});

test.each([
  ['', false],
  ['sha256-', false],
  ['sha256-AAAA', false],
  ['sha384-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=', false],
  ['sha256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=', false],
  ['sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0', false],
  ['sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1=', false],
  ['sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=', true],
])('%j as an integrity is %s', async (text, valid) => {
  expect(isSha256Integrity(text)).toBe(valid);
  if (valid) return;
  const artifact = await createArtifact(Buffer.from('abc'), 'memory');
  expect(() => verifyIntegrity(artifact, text, subject)).toThrow(/cannot be checked/);
});
