import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyFingerprint } from '../../src/integrity/trusted-key.js';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { openHost } from '../host/open-host.js';
import { temporaryFolder, writePlugin } from '../host/plugin-folder.js';
import { newKey, sha256 } from '../integrity/signing.js';
import { concat, custom } from '../wasm/wat.js';
import { cordon } from './run.js';

const echo = guest(() => ECHO);
const digest = sha256(echo);
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A folder with keys `acme.key` and `acme.pub`, and a plugin that names a signature. */
function workshop(more: Readonly<Record<string, unknown>> = {}): string {
  const folder = temporaryFolder();
  writeKeys(folder, 'acme');
  writePlugin(join(folder, 'shout'), echo, {
    name: '@acme/shout',
    signature: 'shout.sigstore.json',
    ...more,
  });
  return folder;
}

function writeKeys(folder: string, name: string): void {
  const { privateKey, pem } = newKey();
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(folder, `${name}.key`), secret, { mode: 0o600 });
  writeFileSync(join(folder, `${name}.pub`), pem);
}

const fingerprint = (folder: string, name = 'acme') =>
  keyFingerprint(createPublicKey(readFileSync(join(folder, `${name}.pub`), 'utf8')));

describe('cordon keygen', () => {
  it.each(['ed25519', 'ecdsa-p256'])('makes a key pair of the type %s', async (type) => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await cordon(['keygen', '--type', type], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `Private key: cordon.key  (keep it secret)\nPublic key:  cordon.pub\nFingerprint: ${fingerprint(folder, 'cordon')}\n`,
    );
    const secret = readFileSync(join(folder, 'cordon.key'), 'utf8');
    expect(secret).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(keyFingerprint(createPublicKey(createPrivateKey(secret)))).toBe(fingerprint(folder, 'cordon'));
    expect(statSync(join(folder, 'cordon.key')).mode & 0o777).toBe(0o600);
  });

  it('keeps keys that are there, both of them, unless it is told to overwrite', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'acme.pub'), 'mine');
    const kept = await cordon(['keygen', '--out', 'acme'], folder);
    expect(kept).toEqual({
      code: 2,
      stdout: '',
      stderr: 'cordon: acme.pub is there already; --force overwrites it\n',
    });
    expect(existsSync(join(folder, 'acme.key'))).toBe(false);
    writeFileSync(join(folder, 'acme.key'), 'mine', { mode: 0o644 });
    expect((await cordon(['keygen', '--out', 'acme', '--force'], folder)).code).toBe(0);
    expect(statSync(join(folder, 'acme.key')).mode & 0o777).toBe(0o600);
    expect(fingerprint(folder)).toMatch(/^.{43}=$/);
  });

  it('encrypts the private key by a passphrase of a file or a variable', async () => {
    const folder = workshop();
    writeFileSync(join(folder, 'phrase'), 'correct horse\nsecond line\n');
    const argv = ['keygen', '--out', 'safe', '--passphrase-file', 'phrase'];
    expect((await cordon(argv, folder)).code).toBe(0);
    expect(readFileSync(join(folder, 'safe.key'), 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    const sign = ['sign', 'shout', '--key', 'safe.key'];
    expect((await cordon(sign, folder)).stderr).toBe(
      'cordon: safe.key is encrypted: add --passphrase-env <name> or --passphrase-file <path>\n',
    );
    const env = [...sign, '--passphrase-env', 'PHRASE'];
    expect((await cordon(env, folder, { PHRASE: 'wrong' })).stderr).toBe(
      'cordon: safe.key is not a private key in PEM, or its passphrase is another\n',
    );
    expect((await cordon(env, folder, { PHRASE: '' })).stderr).toBe(
      'cordon: the variable PHRASE is not set\n',
    );
    expect(await cordon(env, folder, { PHRASE: 'correct horse' })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('cordon sign and cordon verify', () => {
  it('sign a plugin that a host then takes', async () => {
    const folder = workshop();
    const print = fingerprint(folder);
    expect(await cordon(['sign', 'shout', '--key', 'acme.key'], folder)).toEqual({
      code: 0,
      stderr: '',
      stdout: `@acme/shout@1.0.0 is signed by ${print}: shout/shout.sigstore.json\n  main  ${digest}\n`,
    });
    expect(await cordon(['verify', 'shout/plugin.json', '--key', 'acme.pub'], folder)).toEqual({
      code: 0,
      stderr: '',
      stdout: `@acme/shout@1.0.0 is signed by acme.pub (${print})\n  main  ${digest}\n`,
    });
    const pem = readFileSync(join(folder, 'acme.pub'), 'utf8');
    const host = await openHost({ validation: { signatures: 'require', trustedKeys: [pem] } });
    await host.load(join(folder, 'shout', 'plugin.json'));
    expect(host.info('@acme/shout').signedBy?.fingerprint).toBe(print);
  });

  it('print JSON', async () => {
    const folder = workshop();
    await cordon(['sign', 'shout', '--key', 'acme.key'], folder);
    const { stdout } = await cordon(['verify', 'shout', '--key', 'acme.pub', '--json'], folder);
    expect(JSON.parse(stdout)).toEqual({
      plugin: '@acme/shout',
      version: '1.0.0',
      signedBy: { key: 'acme.pub', fingerprint: fingerprint(folder) },
      modules: [{ name: 'main', sha256: digest }],
    });
  });

  it('say what is wrong, and end with 1', async () => {
    const folder = workshop();
    const verify = ['verify', 'shout', '--key', 'acme.pub'];
    expect(await cordon(verify, folder)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'cordon: ERR_SIGNATURE: The signature of @acme/shout@1.0.0 cannot be read from shout.sigstore.json: The file ' +
        `shout.sigstore.json of plugin @acme/shout@1.0.0 cannot be read from ${join(folder, 'shout')}: it does not exist. Correct the path in ` +
        'plugin.json, or build the file.\n',
    });
    await cordon(['sign', 'shout', '--key', 'acme.key'], folder);
    writeKeys(folder, 'other');
    expect((await cordon(['verify', 'shout', '--key', 'other.pub'], folder)).stderr).toContain(
      'was made by a key that is not in validation.trustedKeys',
    );
    writeFileSync(join(folder, 'shout', 'plugin.wasm'), concat(echo, custom('x', 'x')));
    const tampered = await cordon([...verify, '--key', 'other.pub'], folder);
    expect(tampered).toMatchObject({ code: 1, stdout: '' });
    expect(tampered.stderr).toContain('is over another module "main"');
  });

  it('tell what to add to a manifest that names no signature; --out writes elsewhere', async () => {
    const folder = workshop({ signature: undefined });
    expect(await cordon(['sign', 'shout', '--key', 'acme.key'], folder)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'cordon: ERR_MANIFEST: The manifest of @acme/shout@1.0.0 names no file for its signature. Add "signature": ' +
        '"shout.sigstore.json" to it.\n',
    });
    const out = await cordon(['sign', 'shout', '--key', 'acme.key', '--out', 'elsewhere.json'], folder);
    expect(out).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(folder, 'elsewhere.json'), 'utf8')).mediaType).toContain('sigstore');
  });

  it('sign linked modules, those behind a pinned URL without fetching them', async () => {
    const integrity = `sha256-${Buffer.from(digest, 'hex').toString('base64')}`;
    const folder = workshop({
      wasm: [
        { name: 'main', path: 'plugin.wasm' },
        { name: 'lib', url: 'https://plugins.invalid/lib.wasm', integrity },
      ],
    });
    const { stdout } = await cordon(['sign', 'shout', '--key', 'acme.key'], folder);
    expect(stdout).toContain(`\n  main  ${digest}\n  lib  ${digest}\n`);
    expect((await cordon(['verify', 'shout', '--key', 'acme.pub'], folder)).code).toBe(0);
  });

  it('sign a module that carries its manifest', async () => {
    const folder = workshop();
    const manifest = { manifestVersion: 1, name: 'bare', version: '1.0.0', signature: 'bare.sig' };
    const file = join(folder, 'bare.wasm');
    writeFileSync(file, concat(echo, custom('cordon.manifest', JSON.stringify(manifest))));
    expect((await cordon(['sign', 'bare.wasm', '--key', 'acme.key'], folder)).stderr).toBe('');
    expect((await cordon(['verify', file, '--key', 'acme.pub'], folder)).code).toBe(0);
    writeFileSync(file, echo);
    expect(await cordon(['sign', 'bare.wasm', '--key', 'acme.key'], folder)).toMatchObject({
      code: 2,
      stderr: 'cordon: bare.wasm has no manifest inside; name its plugin.json, or the folder of it\n',
    });
  });

  it('do not sign what does not have the digest that its manifest states', async () => {
    const folder = workshop({ wasm: { path: 'plugin.wasm', integrity: `sha256-${'A'.repeat(43)}=` } });
    const { code, stderr } = await cordon(['sign', 'shout', '--key', 'acme.key'], folder);
    expect([code, stderr.slice(0, 21)]).toEqual([1, 'cordon: ERR_INTEGRITY']);
  });

  it('do not write through a link that leads out of the plugin’s folder', async () => {
    const folder = workshop({ signature: 'out/shout.sig' });
    symlinkSync(temporaryFolder(), join(folder, 'shout', 'out'));
    const { code, stderr } = await cordon(['sign', 'shout', '--key', 'acme.key'], folder);
    expect(code).toBe(1);
    expect(stderr).toContain('leads out of the plugin’s folder');
  });

  it.skipIf(process.platform === 'win32')('warn of a private key that others can read', async () => {
    const folder = workshop();
    chmodSync(join(folder, 'acme.key'), 0o644);
    expect(await cordon(['sign', 'shout', '--key', 'acme.key'], folder)).toMatchObject({
      code: 0,
      stderr: 'cordon: others can read acme.key (mode 644): chmod 600 acme.key\n',
    });
  });

  it.skipIf(!hasOpenssl).each([
    ['ed25519', ['-algorithm', 'ed25519']],
    ['P-256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['encrypted', ['-algorithm', 'ed25519', '-aes-256-cbc', '-pass', 'pass:secret']],
  ])('take keys that openssl made: %s', async (name, options) => {
    const folder = workshop();
    const openssl = (...argv: string[]) => execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' });
    openssl('genpkey', ...options, '-out', 'own.key');
    openssl('pkey', '-in', 'own.key', '-passin', 'pass:secret', '-pubout', '-out', 'own.pub');
    chmodSync(join(folder, 'own.key'), 0o600);
    const phrase = name === 'encrypted' ? ['--passphrase-env', 'PHRASE'] : [];
    const signed = await cordon(['sign', 'shout', '--key', 'own.key', ...phrase], folder, {
      PHRASE: 'secret',
    });
    expect(signed).toMatchObject({ code: 0, stderr: '' });
    expect((await cordon(['verify', 'shout', '--key', 'own.pub'], folder)).code).toBe(0);
  });

  it.skipIf(!hasOpenssl)(
    'make what openssl checks: the envelope of the bundle, with the key of keygen',
    async () => {
      const folder = workshop();
      await cordon(['keygen', '--out', 'p256', '--type', 'ecdsa-p256'], folder);
      await cordon(['sign', 'shout', '--key', 'p256.key'], folder);
      const bundle = JSON.parse(readFileSync(join(folder, 'shout/shout.sigstore.json'), 'utf8'));
      const { payload, payloadType, signatures } = bundle.dsseEnvelope;
      const bytes = Buffer.from(payload, 'base64');
      const head = `DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `;
      writeFileSync(join(folder, 'pae'), Buffer.concat([Buffer.from(head), bytes]));
      writeFileSync(join(folder, 'sig'), Buffer.from(signatures[0].sig, 'base64'));
      const argv = ['dgst', '-sha256', '-verify', 'p256.pub', '-signature', 'sig', 'pae'];
      expect(execFileSync('openssl', argv, { cwd: folder, encoding: 'utf8' })).toBe('Verified OK\n');
    },
  );
});

describe('a wrong command line', () => {
  it.each([
    [
      ['keygen', 'x'],
      "too many arguments for 'keygen'. Expected 0 arguments but got 1. See cordon keygen --help.",
    ],
    [['keygen', '--type', 'rsa'], '--type rsa is not ed25519 or ecdsa-p256'],
    [['keygen', '--froce'], "unknown option '--froce'; did you mean --force? See cordon keygen --help."],
    [
      ['keygen', '--out', 'no/such/folder/key'],
      'no/such/folder/key.key cannot be written: it does not exist',
    ],
    [
      ['keygen', '--passphrase-env', 'A', '--passphrase-file', 'b'],
      '--passphrase-env and --passphrase-file do not go together',
    ],
    [['sign', '--key', 'k'], "missing required argument 'plugin'. See cordon sign --help."],
    [
      ['sign', 'a', 'b', '--key', 'k'],
      "too many arguments for 'sign'. Expected 1 argument but got 2. See cordon sign --help.",
    ],
    [['sign', 'a'], "required option '--key <path>' not specified. See cordon sign --help."],
    [['sign', 'a', '--key', 'none'], 'none cannot be read: it does not exist'],
    [['sign', 'none', '--key', 'acme.key'], 'none is not there'],
    [['sign', 'shout', '--key', 'acme.pub'], 'acme.pub is not a private key in PEM'],
    [['verify', 'shout'], "required option '--key <path>' not specified. See cordon verify --help."],
    [['verify', 'shout', '--key', 'acme.key'], 'acme.key is not a public key in PEM, Ed25519 or ECDSA P-256'],
    [['verify', 'none', '--key', 'acme.pub'], 'none is not there'],
  ])('%j', async (argv, said) => {
    const folder = workshop();
    chmodSync(join(folder, 'acme.pub'), 0o600);
    expect(await cordon(argv, folder)).toEqual({ code: 2, stdout: '', stderr: `cordon: ${said}\n` });
  });
});
