import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogSource, Host, HostOptions, InMemoryPlugin, PluginSpec } from 'cordon';
import { describe, expect, it } from 'vitest';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO, trapsAtStart } from '../fixtures/guests/guests.js';
import { newKey, sha256, signed } from '../integrity/signing.js';
import { concat, custom } from '../wasm/wat.js';
import { collect, next, openHost, recorder, rejection } from './open-host.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

const echo = guest(() => ECHO);
/** Another module that does the same. */
const changed = concat(echo, custom('note', 'x'));
const key = newKey();
const SIGNATURE = 'plugin.sigstore.json';

const require = (more: object = {}): HostOptions => ({
  validation: { signatures: 'require', trustedKeys: [key.pem], ...more },
});

/** A signed plugin on disk. */
function writeSigned(more: Readonly<Record<string, unknown>> = {}, module: Uint8Array = echo): string {
  const folder = join(temporaryFolder(), 'a');
  const manifest = { name: 'a', signature: SIGNATURE, ...more };
  writePlugin(folder, module, manifest);
  const predicate = { manifestVersion: 1, version: '1.0.0', wasm: 'plugin.wasm', ...manifest };
  writeFileSync(join(folder, SIGNATURE), signed(key, predicate, { main: module }));
  return folder;
}

function inMemory(more: Readonly<Record<string, unknown>> = {}): InMemoryPlugin {
  const manifest = { manifestVersion: 1, name: 'a', version: '1.0.0', ...more } as InMemoryPlugin['manifest'];
  return { manifest, wasm: echo, signature: signed(key, manifest, { main: echo }) };
}

/** Loads what must be refused. Answers with the reason. */
async function refusal(host: Host, what: PluginSpec): Promise<unknown> {
  const violations = collect(host, 'violation');
  const error = await rejection(host.load(what));
  expect(error).toMatchObject({ code: 'ERR_SIGNATURE', plugin: 'a' });
  expect(violations).toMatchObject([
    {
      plugin: 'a',
      version: '1.0.0',
      kind: 'signature',
      severity: 'critical',
      detail: { reason: error.details.reason },
    },
  ]);
  expect(host.list()).toEqual([]);
  return error.details.reason;
}

describe('a host that requires signatures', () => {
  it('loads what a trusted key signed, and says which', async () => {
    const host = await openHost(require({ trustedKeys: [{ pem: key.pem, id: 'acme' }] }));
    const plugin = await host.load(join(writeSigned(), 'plugin.json'));
    expect((await plugin.call('echo', 'hi')).text()).toBe('hi');
    expect(host.info('a').signedBy).toEqual({ key: 'acme', fingerprint: key.fingerprint });
  });

  it('loads signed plugins of a catalog and in memory', async () => {
    const folder = writeSigned();
    const host = await openHost({ ...require(), catalog: [folder, inMemory({ name: 'b' })] });
    expect(await host.load(['a', 'b'])).toHaveLength(2);
    const text = inMemory({ name: 'c' });
    await host.load({ ...text, signature: Buffer.from(text.signature as string) });
    expect(host.list().every(({ name }) => host.info(name).signedBy?.key === key.fingerprint)).toBe(true);
  });

  it('refuses what is not signed', async () => {
    const host = await openHost(require());
    const { signature: _, ...unsigned } = inMemory();
    expect(await refusal(host, unsigned)).toBe('unsigned');
    const folder = temporaryFolder();
    expect(await refusal(host, writePlugin(folder, echo, { name: 'a' }))).toBe('unsigned');
    // A bare module without a manifest.
    writeFileSync(join(folder, 'a.wasm'), echo);
    const error = await rejection(host.load(join(folder, 'a.wasm')));
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE', details: { reason: 'unsigned' } });
  });

  it('refuses a module and a manifest that were changed after they were signed', async () => {
    const host = await openHost(require());
    const folder = writeSigned();
    writeFileSync(join(folder, 'plugin.wasm'), changed);
    expect(await refusal(host, join(folder, 'plugin.json'))).toBe('other-module');
    const other = writeSigned();
    writePlugin(other, echo, { name: 'a', signature: SIGNATURE, permissions: { env: ['HOME'] } });
    expect(await refusal(host, join(other, 'plugin.json'))).toBe('other-manifest');
  });

  it('runs nothing of it before, and asks nobody about its permissions', async () => {
    let asked = 0;
    const host = await openHost({
      ...require(),
      onPermissionRequest: async () => {
        asked++;
        return 'grant';
      },
    });
    const manifest = {
      manifestVersion: 1,
      name: 'a',
      version: '1.0.0',
      permissions: { env: ['HOME'] },
    } as const;
    expect(await refusal(host, { manifest, wasm: trapsAtStart, signature: '{}' })).toBe('malformed');
    expect(asked).toBe(0);
  });

  it.each<[string, object, string]>([
    ['revoked', { revoked: true }, 'revoked-key'],
    ['expired', { notAfter: '2020-01-01' }, 'expired-key'],
    ['from tomorrow on', { notBefore: '2999-01-01' }, 'key-not-yet-valid'],
    ['of another scope', { scopes: ['@acme/*'] }, 'wrong-scope'],
  ])('refuses a key that is %s', async (_, more, expected) => {
    const host = await openHost(require({ trustedKeys: [{ pem: key.pem, ...more }] }));
    expect(await refusal(host, inMemory())).toBe(expected);
  });

  it('takes the old key and the new one while keys rotate, and then the new one only', async () => {
    const next = newKey('ecdsa-p256');
    const plugins = (name: string) => {
      const { manifest } = inMemory({ name });
      return { manifest, wasm: echo, signature: signed(next, manifest, { main: echo }) };
    };
    const both = await openHost(require({ trustedKeys: [key.pem, next.pem] }));
    await both.load([inMemory(), plugins('b')]);
    const then = await openHost(
      require({ trustedKeys: [{ pem: key.pem, notAfter: '2020-01-01' }, next.pem] }),
    );
    await then.load(plugins('b'));
    await then.unload('b');
    expect(await refusal(then, inMemory())).toBe('expired-key');
  });

  it('says at once that no plugin can be loaded where there is no key', async () => {
    const logger = recorder();
    const host = await openHost({ ...require({ trustedKeys: [] }), logger });
    expect(logger.lines).toMatchObject([{ level: 'warn', message: /trustedKeys is empty/ }]);
    expect(await refusal(host, inMemory())).toBe('unknown-key');
  });

  it('looks at linked modules, each by its name', async () => {
    const wasm = { main: echo, lib: changed };
    const manifest = {
      manifestVersion: 1,
      name: 'a',
      version: '1.0.0',
      wasm: [{ name: 'main' }, { name: 'lib' }],
    } as const;
    const signature = signed(key, manifest, wasm);
    const host = await openHost(require());
    expect(await refusal(host, { manifest, signature, wasm: { main: changed, lib: echo } })).toBe(
      'other-module',
    );
    expect(await refusal(host, { manifest, signature, wasm: { main: echo, lib: echo } })).toBe(
      'other-module',
    );
    await host.load({ manifest, signature, wasm });
  });

  it('looks at a manifest that travels inside its module', async () => {
    const folder = temporaryFolder();
    const manifest = { manifestVersion: 1, name: 'a', version: '1.0.0', signature: 'a.sig' };
    const module = concat(echo, custom('cordon.manifest', Buffer.from(JSON.stringify(manifest))));
    writeFileSync(join(folder, 'a.wasm'), module);
    writeFileSync(join(folder, 'a.sig'), signed(key, manifest, { main: module }));
    const host = await openHost(require());
    await host.load(join(folder, 'a.wasm'));
    await host.unload('a');
    const other = { ...manifest, permissions: { env: ['HOME'] } };
    writeFileSync(
      join(folder, 'a.wasm'),
      concat(echo, custom('cordon.manifest', Buffer.from(JSON.stringify(other)))),
    );
    expect(await refusal(host, join(folder, 'a.wasm'))).toBe('other-manifest');
  });

  it('looks at modules behind a URL, of a source of the application', async () => {
    const manifest = {
      manifestVersion: 1,
      name: 'a',
      version: '1.0.0',
      wasm: { url: 'https://plugins.example/a.wasm' },
      signature: 'https-source',
    };
    let module = echo;
    const source: CatalogSource = {
      id: 'mine',
      candidates: async () => [
        {
          manifest: manifest as never,
          origin: 'mine',
          source: 'mine',
          read: async () => module,
          readSignature: async () => Buffer.from(signed(key, manifest, { main: echo })),
        },
      ],
    };
    const host = await openHost({ ...require(), catalog: [source] });
    await host.load('a');
    await host.unload('a');
    module = changed;
    expect(await refusal(host, 'a')).toBe('other-module');
  });

  it('checks again at a reload; what served goes on serving', async () => {
    const folder = writeSigned();
    const host = await openHost(require());
    const plugin = await host.load(join(folder, 'plugin.json'));
    writeFileSync(join(folder, 'plugin.wasm'), changed);
    expect(await rejection(host.reload('a'))).toMatchObject({ details: { reason: 'other-module' } });
    expect((await plugin.call('echo', 'still')).text()).toBe('still');
    const manifest = {
      manifestVersion: 1,
      name: 'a',
      version: '1.0.0',
      wasm: 'plugin.wasm',
      signature: SIGNATURE,
    };
    writeFileSync(join(folder, SIGNATURE), signed(key, manifest, { main: changed }));
    await host.reload('a');
    expect(host.info('a').integrity).toBe(`sha256-${Buffer.from(sha256(changed), 'hex').toString('base64')}`);
  });

  it('takes down a whole set where one of it is not signed', async () => {
    const { signature: _, ...unsigned } = inMemory({ dependencies: { b: '*' } });
    const host = await openHost({ ...require(), catalog: [inMemory({ name: 'b' }), unsigned] });
    expect(await refusal(host, 'a')).toBe('unsigned');
  });
});

describe('the file of a signature', () => {
  it.each<[string, (folder: string) => void, string]>([
    ['is missing', () => {}, 'unreadable'],
    ['is a folder', (folder) => mkdirSync(join(folder, SIGNATURE)), 'unreadable'],
    ['is empty', (folder) => writeFileSync(join(folder, SIGNATURE), ''), 'malformed'],
    ['is not JSON', (folder) => writeFileSync(join(folder, SIGNATURE), 'PGP'), 'malformed'],
    ['is huge', (folder) => writeFileSync(join(folder, SIGNATURE), Buffer.alloc(3 * 2 ** 20)), 'too-large'],
    [
      'lies outside of the folder, behind a link',
      (folder) => {
        const outside = join(folder, '..', 'outside.json');
        writeFileSync(outside, signed(key, {}, { main: echo }));
        symlinkSync(outside, join(folder, SIGNATURE));
      },
      'unreadable',
    ],
  ])('that %s is refused', async (_, prepare, expected) => {
    const folder = join(temporaryFolder(), 'a');
    const path = writePlugin(folder, echo, { name: 'a', signature: SIGNATURE });
    prepare(folder);
    const host = await openHost(require());
    expect(await refusal(host, path)).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'unreadable'],
    ['a number', 7, 'unreadable'],
    ['null', null, 'unreadable'],
    ['no signature at all', '\0', 'malformed'],
  ])('of a plugin in memory that is %s is refused', async (_, signature, expected) => {
    const { manifest } = inMemory({ signature: 'named.json' });
    const host = await openHost(require());
    expect(await refusal(host, { manifest, wasm: echo, signature } as InMemoryPlugin)).toBe(expected);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['fails', () => Promise.reject(new Error('gone')), 'unreadable'],
    ['gives a text', async () => '{}', 'unreadable'],
    ['gives too much', async () => new Uint8Array(3 * 2 ** 20), 'too-large'],
    ['has none', async () => undefined, 'unsigned'],
  ])('of a source that %s is refused', async (_, read, expected) => {
    const source = {
      id: 'mine',
      candidates: async () => [
        { ...inMemory(), origin: 'mine', source: 'mine', read: async () => echo, readSignature: read },
      ],
    } as unknown as CatalogSource;
    const host = await openHost({ ...require(), catalog: [source] });
    expect(await refusal(host, 'a')).toBe(expected);
  });

  it('is not waited for any more once the load is aborted', async () => {
    const stop = new AbortController();
    const source = {
      id: 'mine',
      candidates: async () => [
        {
          ...inMemory(),
          origin: 'mine',
          source: 'mine',
          read: async () => echo,
          readSignature: () => {
            stop.abort();
            return new Promise(() => {});
          },
        },
      ],
    } as unknown as CatalogSource;
    const host = await openHost({ ...require(), catalog: [source] });
    expect((await rejection(host.load('a', { signal: stop.signal }))).code).toBe('ERR_ABORTED');
  });
});

describe('a host that warns', () => {
  it('loads what is not signed or wrongly so, each time with a violation and a warning, and does not shut it out', async () => {
    const host = await openHost({
      validation: { signatures: 'warn', trustedKeys: [key.pem] },
      quarantine: { maxViolations: 2 },
    });
    const violations = collect(host, 'violation');
    const warnings = collect(host, 'warning');
    const { signature: _, ...unsigned } = inMemory();
    for (const reason of ['unsigned', 'malformed', 'other-module']) {
      const signature = {
        unsigned: undefined,
        malformed: '{',
        'other-module': signed(key, unsigned.manifest, { main: changed }),
      }[reason]!;
      const plugin = await host.load({ ...unsigned, ...(signature !== undefined && { signature }) });
      expect((await plugin.call('echo', 'hi')).text()).toBe('hi');
      expect(host.info('a').signedBy).toBeUndefined();
      expect(violations.at(-1)).toMatchObject({ kind: 'signature', detail: { reason } });
      expect(warnings.at(-1)).toMatchObject({
        topic: 'signature',
        plugin: 'a',
        code: 'ERR_SIGNATURE',
        detail: { reason },
      });
      await host.unload('a');
    }
    expect(violations).toHaveLength(3);
  });

  it('has nothing to say where the signature counts', async () => {
    const host = await openHost({ validation: { signatures: 'warn', trustedKeys: [key.pem] } });
    const violations = collect(host, 'violation');
    await host.load(inMemory());
    expect(violations).toEqual([]);
    expect(host.info('a').signedBy?.fingerprint).toBe(key.fingerprint);
  });
});

describe('a host that does not look at signatures', () => {
  it('reads none', async () => {
    const host = await openHost();
    await host.load({ ...inMemory(), signature: 'nonsense' });
    expect(host.info('a').signedBy).toBeUndefined();
  });
});

describe('a revoked digest', () => {
  it.each(['off', 'warn', 'require'] as const)('is refused with signatures: %s', async (signatures) => {
    const revokedDigests = [sha256(echo).toUpperCase()];
    const host = await openHost({ validation: { signatures, trustedKeys: [key.pem], revokedDigests } });
    expect(await refusal(host, inMemory())).toBe('revoked-digest');
  });

  it('is that of any of the linked modules, in either spelling', async () => {
    const integrity = `sha256-${Buffer.from(sha256(changed), 'hex').toString('base64')}`;
    const host = await openHost({ validation: { revokedDigests: [integrity] } });
    await host.load({ ...inMemory({ name: 'b' }) });
    await host.unload('b');
    const manifest = {
      manifestVersion: 1,
      name: 'a',
      version: '1.0.0',
      wasm: [{ name: 'main' }, { name: 'lib' }],
    };
    expect(await refusal(host, { manifest, wasm: { main: echo, lib: changed } } as InMemoryPlugin)).toBe(
      'revoked-digest',
    );
  });
});

describe('options of signatures', () => {
  const ed25519 = newKey();
  it.each<[string, NonNullable<HostOptions['validation']>]>([
    ['a key of another kind', { trustedKeys: [rsa()] }],
    [
      'the same key twice in other words',
      { trustedKeys: [ed25519.pem, { pem: `\n${ed25519.pem}\n`, revoked: true }] },
    ],
    [
      'a private key',
      { trustedKeys: [ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string] },
    ],
    ['a digest that is none', { revokedDigests: ['sha256-abc'] }],
    ['a digest of another kind', { revokedDigests: ['a'.repeat(63)] }],
  ])('refuse %s', async (_, validation) => {
    expect((await rejection(openHost({ validation }))).code).toBe('ERR_OPTIONS');
  });
});

function rsa(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return publicKey.export({ type: 'spki', format: 'pem' }) as string;
}

it('a host that watches takes a new module once its signature has come, too', async () => {
  const folder = writeSigned();
  const host = await openHost({ ...require(), watch: { debounceMs: 10 } });
  await host.load(join(folder, 'plugin.json'));
  const refused = next(host, 'violation');
  writeFileSync(join(folder, 'plugin.wasm'), changed);
  expect((await refused).detail).toMatchObject({ reason: 'other-module' });
  const reloaded = next(host, 'plugin:reloaded');
  const manifest = {
    manifestVersion: 1,
    name: 'a',
    version: '1.0.0',
    wasm: 'plugin.wasm',
    signature: SIGNATURE,
  };
  writeFileSync(join(folder, SIGNATURE), signed(key, manifest, { main: changed }));
  expect(await reloaded).toMatchObject({ plugin: 'a', version: '1.0.0' });
});
