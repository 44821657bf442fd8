import { createPublicKey } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { containedPath } from '../../src/catalog/contained-path.js';
import { signEnvelope } from '../../src/integrity/dsse.js';
import { bundleText } from '../../src/integrity/signature-bundle.js';
import { STATEMENT_PAYLOAD, statementBytes } from '../../src/integrity/signed-statement.js';
import { verifySignature } from '../../src/integrity/verify-signature.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';
import type { AddCommand } from './command.js';
import type { Console } from './console.js';
import { EXIT } from './exit-code.js';
import {
  fingerprintOf,
  type PassphraseValues,
  passphraseOf,
  passphraseOptions,
  readPrivateKey,
  writeWhole,
} from './key-files.js';
import { signablePlugin, signatureFile } from './signable-plugin.js';

interface SignOptions extends PassphraseValues {
  readonly key: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `cordon sign`. */
export const addSign: AddCommand = (program, act) => {
  const command = program
    .command('sign')
    .summary('sign a plugin: its modules and its manifest')
    .description(
      'Signs a plugin: the digests of its modules and its manifest, into the file that the manifest names in "signature".',
    )
    .argument('<plugin>', 'its folder, its plugin.json, or a .wasm with a manifest inside')
    .requiredOption('--key <path>', 'the private key: PKCS#8 in PEM, Ed25519 or ECDSA P-256')
    .option('--out <path>', 'write the signature there instead');
  passphraseOptions(command).option('--json', 'print JSON').action(act(sign));
};

async function sign(io: Console, location: string, options: SignOptions): Promise<number> {
  const key = await readPrivateKey(options.key, await passphraseOf(options), io);
  const plugin = await signablePlugin(location);
  const { manifest } = plugin.candidate;
  const file = options.out ?? signatureFile(plugin);
  if (options.out === undefined) await refuseOutside(plugin.folder, file);
  const payload = statementBytes({ subjects: plugin.modules, predicate: plugin.written });
  const text = bundleText(signEnvelope(STATEMENT_PAYLOAD, payload, key), fingerprintOf(key));
  // What a host would say to it, before anybody relies on it.
  const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
  const signer = verifySignature({
    bundle: Buffer.from(text),
    manifest,
    modules: plugin.modules,
    keys: [{ pem, scopes: ['*'], revoked: false }],
    now: Date.now(),
    parseManifest: (value) => parseManifest(value),
  });
  await writeWhole(file, text, { mode: 0o644, force: true });
  if (options.json) {
    const { name, version } = manifest;
    const report = {
      plugin: name,
      version,
      signature: relative('', file),
      signedBy: signer,
      modules: plugin.modules,
    };
    io.json(report);
    return EXIT.ok;
  }
  io.out(`${manifest.name}@${manifest.version} is signed by ${signer.fingerprint}: ${relative('', file)}\n`);
  for (const { name, sha256 } of plugin.modules) io.out(`  ${name}  ${sha256}\n`);
  return EXIT.ok;
}

/** The folder of the file has to lie in the plugin's, also after links are followed. */
async function refuseOutside(folder: string, file: string): Promise<void> {
  const inside = relative(folder, dirname(file));
  if (inside !== '') await containedPath(folder, { file: join(inside) });
}
