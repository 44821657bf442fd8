import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { type Command, EXIT } from './console.js';
import { fingerprintOf, PASSPHRASE_HELP, PASSPHRASE_OPTIONS, passphraseOf, writeWhole } from './key-files.js';
import { readArguments } from './read-arguments.js';
import { UsageError } from './usage-error.js';

const OPTIONS = {
  out: { type: 'string' },
  type: { type: 'string' },
  force: { type: 'boolean' },
  ...PASSPHRASE_OPTIONS,
} as const;

const HELP = `Usage: cordon keygen [options]

Makes a key pair that signs plugins: <out>.key, the private key (PKCS#8 in PEM, readable by you alone), and <out>.pub,
the public key (SPKI in PEM), which hosts name in validation.trustedKeys.

  --out <path>              where, without the endings; default cordon
  --type <type>             ed25519 or ecdsa-p256; default ed25519
  --force                   overwrite keys that are there: what they signed can then not be signed again
${PASSPHRASE_HELP}

Exit codes: 0; 2 the command line is wrong, or the files cannot be written.
`;

/** `cordon keygen`. */
export const keygenCommand: Command = {
  summary: 'Make a key pair that signs plugins',
  help: HELP,
  async run(argv, io) {
    const { values, positionals } = readArguments('keygen', argv, OPTIONS);
    if (positionals.length > 0)
      throw new UsageError(`keygen takes no argument; did you mean --out ${positionals[0]}?`);
    const { out = 'cordon', type = 'ed25519', force = false } = values;
    if (out === '') throw new UsageError('--out needs a path');
    const passphrase = await passphraseOf(values);
    const { privateKey, publicKey } = keyPair(type);
    const [secret, open] = [`${out}.key`, `${out}.pub`];
    if (!force) await refuseExisting(secret, open);
    await writeWhole(secret, privatePem(privateKey, passphrase), { mode: 0o600, force });
    try {
      await writeWhole(open, publicKey.export({ type: 'spki', format: 'pem' }) as string, {
        mode: 0o644,
        force,
      });
    } catch (error) {
      if (!force) await rm(secret, { force: true });
      throw error;
    }
    io.out(
      `Private key: ${secret}  (keep it secret)\nPublic key:  ${open}\nFingerprint: ${fingerprintOf(publicKey)}\n`,
    );
    return EXIT.ok;
  },
};

function keyPair(type: string): { privateKey: KeyObject; publicKey: KeyObject } {
  if (type === 'ed25519') return generateKeyPairSync('ed25519');
  if (type === 'ecdsa-p256') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  throw new UsageError(`--type ${type} is not ed25519 or ecdsa-p256`);
}

function privatePem(key: KeyObject, passphrase: string | undefined): string {
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }) as string;
}

async function refuseExisting(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) throw new UsageError(`${path} is there already; --force overwrites it`);
  }
}
