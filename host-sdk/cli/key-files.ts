import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { fileProblem, readFileCapped } from '../../src/integrity/read-file.js';
import { keyFingerprint, signingKeyKind, type TrustedKey } from '../../src/integrity/trusted-key.js';
import type { Console } from './console.js';
import { UsageError } from './usage-error.js';

/** A key or a passphrase has no more. */
const MAX_BYTES = 16_384;
const KINDS = 'Ed25519 or ECDSA P-256';

export interface PassphraseValues {
  readonly passphraseEnv?: string;
  readonly passphraseFile?: string;
}

/** The options by which a passphrase is given: never as an argument, which every user of the machine can see. */
export function passphraseOptions(command: Command): Command {
  return command
    .option(
      '--passphrase-env <name>',
      'the environment variable that holds the passphrase of the private key',
    )
    .option('--passphrase-file <path>', 'the file whose first line is the passphrase');
}

/** The passphrase, where one is given. */
export async function passphraseOf(values: PassphraseValues): Promise<string | undefined> {
  const { passphraseEnv: name, passphraseFile: path } = values;
  if (name !== undefined && path !== undefined) {
    throw new UsageError('--passphrase-env and --passphrase-file do not go together');
  }
  if (name === undefined && path === undefined) return undefined;
  const found = path === undefined ? process.env[name!] : (await readSmall(path)).split(/\r?\n/)[0];
  if (found) return found;
  throw new UsageError(path === undefined ? `the variable ${name} is not set` : `${path} has no passphrase`);
}

/** A private key as OpenSSL writes it. Tells where others can read the file. */
export async function readPrivateKey(
  path: string,
  passphrase: string | undefined,
  io: Console,
): Promise<KeyObject> {
  const pem = await readSmall(path);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    // What Node says to a missing passphrase differs between versions.
    if (passphrase === undefined && /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
      throw new UsageError(`${path} is encrypted: add --passphrase-env <name> or --passphrase-file <path>`);
    }
    throw new UsageError(
      passphrase === undefined
        ? `${path} is not a private key in PEM`
        : `${path} is not a private key in PEM, or its passphrase is another`,
    );
  }
  if (!signingKeyKind(key)) throw new UsageError(`${path} is a key of another kind; expected ${KINDS}`);
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && mode & 0o077) {
    io.err(`cordon: others can read ${path} (mode ${(mode & 0o777).toString(8)}): chmod 600 ${path}\n`);
  }
  return key;
}

/** A public key as the host trusts it, named for its file. */
export async function readPublicKey(path: string): Promise<TrustedKey> {
  const pem = await readSmall(path);
  const refuse = () => new UsageError(`${path} is not a public key in PEM, ${KINDS}`);
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) throw refuse();
  try {
    if (!signingKeyKind(createPublicKey(pem))) throw refuse();
  } catch {
    throw refuse();
  }
  return { pem, id: path, scopes: ['*'], revoked: false };
}

/** Fingerprint of a public key, or of the public half of a private one. */
export function fingerprintOf(key: KeyObject): string {
  return keyFingerprint(key.type === 'private' ? createPublicKey(key) : key);
}

export interface WriteOptions {
  readonly mode: number;
  /** Take the place of a file that is there. */
  readonly force: boolean;
}

/** Writes a file whole. What is there is kept, unless `force`, and then replaced at once. */
export async function writeWhole(path: string, text: string, { mode, force }: WriteOptions): Promise<void> {
  const target = force ? `${path}.${randomUUID()}.tmp` : path;
  try {
    await writeFile(target, text, { mode, flag: 'wx' });
    if (force) await rename(target, path);
  } catch (error) {
    if (force) await rm(target, { force: true });
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new UsageError(
      exists
        ? `${path} is there already; --force overwrites it`
        : `${path} cannot be written: ${fileProblem(error)}`,
    );
  }
}

async function readSmall(path: string): Promise<string> {
  try {
    const bytes = await readFileCapped(await realpath(path), {
      maxBytes: MAX_BYTES,
      tooLarge: (observed) => new Error(`it has ${observed} bytes, and at most ${MAX_BYTES} are read`),
    });
    return Buffer.from(bytes).toString('utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${fileProblem(error)}`);
  }
}
