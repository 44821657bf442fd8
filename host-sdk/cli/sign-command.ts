import { createPublicKey } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { containedPath } from '../../src/catalog/contained-path.js';
import { signEnvelope } from '../../src/integrity/dsse.js';
import { bundleText } from '../../src/integrity/signature-bundle.js';
import { STATEMENT_PAYLOAD, statementBytes } from '../../src/integrity/signed-statement.js';
import { verifySignature } from '../../src/integrity/verify-signature.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';
import { type Command, EXIT } from './console.js';
import {
  fingerprintOf,
  PASSPHRASE_HELP,
  PASSPHRASE_OPTIONS,
  passphraseOf,
  readPrivateKey,
  writeWhole,
} from './key-files.js';
import { onlyArgument, readArguments } from './read-arguments.js';
import { signablePlugin, signatureFile } from './signable-plugin.js';
import { UsageError } from './usage-error.js';

const OPTIONS = { key: { type: 'string' }, out: { type: 'string' }, ...PASSPHRASE_OPTIONS } as const;

const HELP = `Usage: cordon sign <plugin> --key <path> [options]

Signs a plugin: the digests of its modules and its manifest, into the file that the manifest names in "signature".
<plugin> is its folder, its plugin.json, or a .wasm with a manifest inside.

  --key <path>              the private key: PKCS#8 in PEM, Ed25519 or ECDSA P-256
  --out <path>              write the signature there instead
${PASSPHRASE_HELP}

Exit codes: 0; 1 the plugin is not what it should be, and stderr says why; 2 the command line or a file that it names is
wrong.
`;

/** `cordon sign`. */
export const signCommand: Command = {
  summary: 'Sign a plugin: its modules and its manifest',
  help: HELP,
  async run(argv, io) {
    const { values, positionals } = readArguments('sign', argv, OPTIONS);
    const location = onlyArgument('sign', positionals, '<plugin>');
    if (values.key === undefined) throw new UsageError('sign needs a private key: add --key <path>');
    const key = await readPrivateKey(values.key, await passphraseOf(values), io);
    const plugin = await signablePlugin(location);
    const { manifest } = plugin.candidate;
    const file = values.out ?? signatureFile(plugin);
    if (values.out === undefined) await refuseOutside(plugin.folder, file);
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
    io.out(
      `${manifest.name}@${manifest.version} is signed by ${signer.fingerprint}: ${relative('', file)}\n`,
    );
    for (const { name, sha256 } of plugin.modules) io.out(`  ${name}  ${sha256}\n`);
    return EXIT.ok;
  },
};

/** The folder of the file has to lie in the plugin's, also after links are followed. */
async function refuseOutside(folder: string, file: string): Promise<void> {
  const inside = relative(folder, dirname(file));
  if (inside !== '') await containedPath(folder, { file: join(inside) });
}
