import { describe, expect, it } from 'vitest';
import { signEnvelope } from '../../src/integrity/dsse.js';
import { bundleText } from '../../src/integrity/signature-bundle.js';
import { PREDICATE_TYPE, STATEMENT_PAYLOAD } from '../../src/integrity/signed-statement.js';
import type { TrustedKey } from '../../src/integrity/trusted-key.js';
import { verifySignature } from '../../src/integrity/verify-signature.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';
import { type KeyPair, newKey, sha256, signed, trusted } from './signing.js';

const NOW = Date.UTC(2026, 5, 1);
const key = newKey();
const other = newKey();
const wasm = Buffer.from('the module');
const written = {
  manifestVersion: 1,
  name: '@acme/a',
  version: '1.2.0',
  wasm: 'a.wasm',
  signature: 'a.sigstore.json',
  permissions: { http: ['api.example.com'] },
};

interface Case {
  readonly bundle?: string | Uint8Array;
  readonly manifest?: object;
  readonly modules?: Readonly<Record<string, Uint8Array>>;
  readonly keys?: readonly TrustedKey[];
  readonly now?: number;
}

function verify({ bundle = signed(key, written, { main: wasm }), ...given }: Case = {}) {
  return verifySignature({
    bundle: typeof bundle === 'string' ? Buffer.from(bundle) : bundle,
    manifest: parseManifest(given.manifest ?? written),
    modules: Object.entries(given.modules ?? { main: wasm }).map(([name, bytes]) => ({
      name,
      sha256: sha256(bytes),
    })),
    keys: given.keys ?? [trusted(key)],
    now: given.now ?? NOW,
    parseManifest: (value) => parseManifest(value),
  });
}

function reason(given: Case): unknown {
  try {
    verify(given);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE', plugin: '@acme/a', version: '1.2.0' });
    expect((error as Error).message).toMatch(/^The signature of @acme\/a@1\.2\.0 .{10}/s);
    return (error as { details: { reason: string } }).details.reason;
  }
  return expect.fail('it was accepted');
}

/** A payload that says whatever is wanted, signed by the trusted key. */
function saying(statement: unknown, payloadType = STATEMENT_PAYLOAD): string {
  const payload = Buffer.from(typeof statement === 'string' ? statement : JSON.stringify(statement));
  return bundleText(signEnvelope(payloadType, payload, key.privateKey), key.fingerprint);
}

const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'a.wasm', digest: { sha256: sha256(wasm) } }],
  predicateType: PREDICATE_TYPE,
  predicate: written,
};

describe('a signature counts', () => {
  it.each(['ed25519', 'ecdsa-p256'] as const)('by a trusted key of the kind %s', (kind) => {
    const mine = newKey(kind);
    const signer = verify({ bundle: signed(mine, written, { main: wasm }), keys: [trusted(mine)] });
    expect(signer).toEqual({ key: mine.fingerprint, fingerprint: mine.fingerprint });
  });

  it('by whichever of several keys made it, which is told by its id', () => {
    const keys = [trusted(other, { id: 'old' }), trusted(key, { id: 'new' })];
    expect(verify({ keys })).toEqual({ key: 'new', fingerprint: key.fingerprint });
    expect(verify({ keys, bundle: signed(other, written, { main: wasm }) }).key).toBe('old');
  });

  it.each([
    ['its fingerprint', (one: KeyPair) => one.fingerprint],
    ['its id', () => 'new'],
    ['a name of another tool', () => 'projects/acme/keys/1'],
    ['nothing', () => ''],
  ])('where the hint of its key is %s', (_, hint) => {
    const keys = [trusted(other), trusted(key, { id: 'new' })];
    expect(verify({ keys, bundle: signed(key, written, { main: wasm }, hint(key)) }).key).toBe('new');
  });

  it('as other tools write it: the subject by its file, an older statement, the manifest in another order', () => {
    const predicate = Object.fromEntries(Object.entries(written).reverse());
    const bundle = saying({ ...statement, _type: 'https://in-toto.io/Statement/v0.1', predicate });
    expect(verify({ bundle }).fingerprint).toBe(key.fingerprint);
  });

  it('where the manifest says the same in other words: a default, the place of the signature, $schema', () => {
    const manifest = { ...written, instance: 'stateful', priority: 0, signature: 'sig', $schema: 'x' };
    expect(verify({ manifest }).fingerprint).toBe(key.fingerprint);
  });

  it('over several modules, each by its name', () => {
    const modules = { main: wasm, lib: Buffer.from('lib') };
    const manifest = {
      ...written,
      wasm: [
        { name: 'main', path: 'a' },
        { name: 'lib', path: 'b' },
      ],
    };
    expect(verify({ manifest, modules, bundle: signed(key, manifest, modules) }).key).toBe(key.fingerprint);
  });

  it('over the main module alone where the signed manifest pins the others', () => {
    const lib = Buffer.from('lib');
    const integrity = `sha256-${Buffer.from(sha256(lib), 'hex').toString('base64')}`;
    const manifest = {
      ...written,
      wasm: [
        { name: 'main', path: 'a' },
        { name: 'lib', path: 'b', integrity },
      ],
    };
    const bundle = signed(key, manifest, { 'a.wasm': wasm });
    expect(verify({ manifest, modules: { main: wasm, lib }, bundle }).key).toBe(key.fingerprint);
    const swapped = { main: wasm, lib: Buffer.from('evil') };
    expect(reason({ manifest, modules: swapped, bundle })).toBe('other-module');
  });

  it('from the first to the last moment of its key', () => {
    const keys = [trusted(key, { notBefore: NOW, notAfter: NOW })];
    expect(verify({ keys }).key).toBe(key.fingerprint);
  });

  it.each(['*', '@acme/*', '@acme/a'])('in the scope %s', (scope) => {
    expect(verify({ keys: [trusted(key, { scopes: [scope] })] }).key).toBe(key.fingerprint);
  });
});

describe('a signature does not count', () => {
  it.each<[string, Case]>([
    ['unknown-key', { keys: [] }],
    ['unknown-key', { keys: [trusted(other)] }],
    ['unknown-key', { keys: [trusted(other)], bundle: signed(key, written, { main: wasm }, '') }],
    ['wrong-signature', { bundle: signed(other, written, { main: wasm }, key.fingerprint) }],
    ['revoked-key', { keys: [trusted(key, { revoked: true })] }],
    ['revoked-key', { keys: [trusted(key), trusted(key, { revoked: true })] }],
    ['key-not-yet-valid', { keys: [trusted(key, { notBefore: NOW + 1 })] }],
    ['expired-key', { keys: [trusted(key, { notAfter: NOW - 1 })] }],
    ['wrong-scope', { keys: [trusted(key, { scopes: ['@other/*', '@acme/ab', '@acm/*'] })] }],
    ['wrong-scope', { keys: [trusted(key, { scopes: [] })] }],
    ['other-module', { modules: { main: Buffer.from('another') } }],
    ['other-statement', { bundle: saying(statement, 'application/json') }],
    ['other-statement', { bundle: saying('{') }],
    ['other-statement', { bundle: saying('null') }],
    ['other-statement', { bundle: saying({ ...statement, _type: 'x' }) }],
    [
      'other-statement',
      { bundle: saying({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' }) },
    ],
    ['other-statement', { bundle: saying({ ...statement, subject: [] }) }],
    ['other-statement', { bundle: saying({ ...statement, subject: [null] }) }],
    ['other-statement', { bundle: saying({ ...statement, subject: [{ digest: { sha512: 'aa' } }] }) }],
    [
      'other-statement',
      { bundle: saying({ ...statement, subject: [statement.subject[0], statement.subject[0]] }) },
    ],
    ['other-manifest', { bundle: saying({ ...statement, predicate: undefined }) }],
    ['other-manifest', { bundle: saying({ ...statement, predicate: { Data: 'x' } }) }],
    ['other-manifest', { bundle: saying({ ...statement, predicate: { ...written, extra: 1 } }) }],
    ['other-manifest', { manifest: { ...written, permissions: { http: ['evil.example.com'] } } }],
    ['other-manifest', { manifest: { ...written, limits: { memoryBytes: '1GiB' } } }],
  ])('%s (%#)', (expected, given) => {
    expect(reason(given)).toBe(expected);
  });

  it('names the fields that are not what was signed', () => {
    const manifest = { ...written, permissions: {}, config: { a: 'b' } };
    expect(() => verify({ manifest })).toThrow(/another manifest: config, permissions are not what/);
  });

  it('says which key expired, and when', () => {
    const keys = [trusted(key, { id: 'acme 2025', notAfter: Date.UTC(2026, 0, 1) })];
    expect(() => verify({ keys })).toThrow(/by key acme 2025, which counted until 2026-01-01T00:00:00.000Z/);
  });

  it('for another version or name, though the module is the same', () => {
    expect(() => verify({ manifest: { ...written, version: '1.1.0' } })).toThrow(/version is not what/);
    expect(() => verify({ manifest: { ...written, name: '@acme/b' } })).toThrow(/name is not what/);
  });

  it('where two signed modules changed places', () => {
    const modules = { main: wasm, lib: Buffer.from('lib') };
    const manifest = {
      ...written,
      wasm: [
        { name: 'main', path: 'a' },
        { name: 'lib', path: 'b' },
      ],
    };
    const bundle = signed(key, manifest, modules);
    expect(reason({ manifest, bundle, modules: { main: modules.lib, lib: wasm } })).toBe('other-module');
  });

  it('for a module that it does not speak about', () => {
    const manifest = {
      ...written,
      wasm: [
        { name: 'main', path: 'a' },
        { name: 'lib', path: 'b' },
      ],
    };
    const modules = { main: wasm, lib: wasm };
    expect(reason({ manifest, modules, bundle: signed(key, manifest, { main: wasm }) })).toBe(
      'module-not-covered',
    );
    const neither = signed(key, manifest, { x: wasm, y: wasm });
    expect(reason({ manifest, modules, bundle: neither })).toBe('module-not-covered');
  });

  it('with any byte of its payload or signature changed', () => {
    const bundle = JSON.parse(signed(key, written, { main: wasm }));
    const { payload, signatures } = bundle.dsseEnvelope;
    for (const at of [0, 7, 40]) {
      for (const [text, put] of [
        [payload, (changed: string) => ({ ...bundle.dsseEnvelope, payload: changed })],
        [
          signatures[0].sig,
          (changed: string) => ({ ...bundle.dsseEnvelope, signatures: [{ sig: changed }] }),
        ],
      ] as const) {
        const bytes = Buffer.from(text, 'base64');
        bytes[at]! ^= 1;
        const changed = { ...bundle, dsseEnvelope: put(bytes.toString('base64')) };
        expect(reason({ bundle: JSON.stringify(changed) })).toBe('wrong-signature');
      }
    }
  });
});
