import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createArtifact } from '../../src/integrity/artifact.js';
import { readArtifact } from '../../src/integrity/read-artifact.js';

const item = { name: 'main', path: 'dist/a.wasm' };

function source(read: (options: { maxBytes: number; signal?: AbortSignal | undefined }) => unknown) {
  return {
    manifest: { name: '@acme/a', version: '1.2.3' },
    origin: '/plugins/a/plugin.json',
    read: (_item: unknown, options: { maxBytes: number; signal?: AbortSignal | undefined }) =>
      Promise.resolve(read(options)) as Promise<Uint8Array>,
  };
}

describe('an artifact', () => {
  test('owns exactly the bytes of a view on a larger buffer', async () => {
    const pool = Buffer.from('secretABCDEsecret');
    const artifact = await createArtifact(pool.subarray(6, 11), 'memory');
    expect(Buffer.from(artifact.bytes.buffer).toString()).toBe('ABCDE');
    pool.fill(0);
    expect(Buffer.from(artifact.bytes).toString()).toBe('ABCDE');
  });

  test('owns a copy of bytes in shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    const artifact = await createArtifact(shared, 'memory');
    expect(artifact.bytes.buffer).toBeInstanceOf(ArrayBuffer);
  });

  test('carries its sha256 as hex and as integrity', async () => {
    const bytes = Buffer.from('hello');
    const artifact = await createArtifact(bytes, 'memory');
    const hash = createHash('sha256').update(bytes).digest();
    expect(artifact.sha256).toBe(hash.toString('hex'));
    expect(artifact.integrity).toBe(`sha256-${hash.toString('base64')}`);
    expect(artifact.origin).toBe('memory');
  });

  test('of no bytes has the digest of nothing', async () => {
    const artifact = await createArtifact(new Uint8Array(0), 'memory');
    expect(artifact.sha256).toBe(createHash('sha256').digest('hex'));
  });
});

describe('reading an artifact', () => {
  test('passes the cap and the signal on to the source', async () => {
    const { signal } = new AbortController();
    let seen: unknown;
    await readArtifact(
      source((options) => {
        seen = options;
        return new Uint8Array(3);
      }),
      item,
      { maxBytes: 10, signal },
    );
    expect(seen).toEqual({ maxBytes: 10, signal });
  });

  test('refuses more bytes than the cap also where the source ignores it', async () => {
    const reading = readArtifact(
      source(() => new Uint8Array(11)),
      item,
      { maxBytes: 10 },
    );
    await expect(reading).rejects.toMatchObject({
      code: 'ERR_MODULE_TOO_LARGE',
      plugin: '@acme/a',
      version: '1.2.3',
      details: { limit: 10, observed: 11, file: 'dist/a.wasm' },
    });
  });

  test.each([[undefined], [null], ['text'], [{}], [[1, 2]]])(
    'refuses %j in place of bytes',
    async (value) => {
      await expect(
        readArtifact(
          source(() => value),
          item,
          { maxBytes: 10 },
        ),
      ).rejects.toMatchObject({ code: 'ERR_MANIFEST' });
    },
  );

  test('rejects at once when the signal fires although the source never answers', async () => {
    const controller = new AbortController();
    const reading = readArtifact(
      source(() => new Promise(() => {})),
      item,
      { maxBytes: 10, signal: controller.signal },
    );
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({
      code: 'ERR_ABORTED',
      cause: { message: 'enough' },
    });
  });
});
