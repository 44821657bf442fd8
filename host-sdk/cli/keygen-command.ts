import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import type { AddCommand } from './command.js';
import type { Console } from './console.js';
import { EXIT } from './exit-code.js';
import {
  fingerprintOf,
  type PassphraseValues,
  passphraseOf,
  passphraseOptions,
  writeWhole,
} from './key-files.js';
import { UsageError } from './usage-error.js';

interface KeygenOptions extends PassphraseValues {
  readonly out: string;
  readonly type: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `cordon keygen`. */
export const addKeygen: AddCommand = (program, act) => {
  const command = program
    .command('keygen')
    .summary('make a key pair that signs plugins')
    .description(
      'Makes a key pair that signs plugins: <out>.key, the private key (PKCS#8 in PEM, readable by you alone), and <out>.pub, ' +
        'the public key (SPKI in PEM), which hosts name in validation.trustedKeys.',
    )
    .option('--out <path>', 'where, without the endings', 'cordon')
    .option('--type <type>', 'ed25519 or ecdsa-p256', 'ed25519')
    .option('--force', 'overwrite keys that are there: what they signed can then not be signed again');
  passphraseOptions(command).option('--json', 'print JSON').action(act(keygen));
};

async function keygen(io: Console, options: KeygenOptions): Promise<number> {
  const { out, type, force = false } = options;
  if (out === '') throw new UsageError('--out needs a path');
  const passphrase = await passphraseOf(options);
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
  if (options.json) {
    const report = { privateKey: secret, publicKey: open, fingerprint: fingerprintOf(publicKey) };
    io.json(report);
    return EXIT.ok;
  }
  io.out(
    `Private key: ${secret}  (keep it secret)\nPublic key:  ${open}\nFingerprint: ${fingerprintOf(publicKey)}\n`,
  );
  return EXIT.ok;
}

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
