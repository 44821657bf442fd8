import { readSignature } from '../../src/integrity/read-signature.js';
import { verifySignature } from '../../src/integrity/verify-signature.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';
import { type Command, EXIT } from './console.js';
import { readPublicKey } from './key-files.js';
import { onlyArgument, readArguments } from './read-arguments.js';
import { signablePlugin } from './signable-plugin.js';
import { UsageError } from './usage-error.js';

const OPTIONS = { key: { type: 'string', multiple: true }, json: { type: 'boolean' } } as const;

const HELP = `Usage: cordon verify <plugin> --key <path>... [options]

Says whether a host that trusts these public keys and requires signatures would take the plugin. Runs nothing of it.
<plugin> is its folder, its plugin.json, or a .wasm with a manifest inside.

  --key <path>  a public key: SPKI in PEM; may be repeated
  --json        print JSON

Exit codes: 0; 1 the signature does not count, and stderr says why; 2 the command line or a file that it names is wrong.
`;

/** `cordon verify`. */
export const verifyCommand: Command = {
  summary: "Check a plugin's signature as a host would",
  help: HELP,
  async run(argv, io) {
    const { values, positionals } = readArguments('verify', argv, OPTIONS);
    const location = onlyArgument('verify', positionals, '<plugin>');
    const { key = [], json = false } = values;
    if (key.length === 0)
      throw new UsageError('verify needs the public keys that are trusted: add --key <path>');
    const keys = [];
    for (const path of key) keys.push(await readPublicKey(path));
    const { candidate, modules } = await signablePlugin(location);
    const { manifest } = candidate;
    const signer = verifySignature({
      bundle: await readSignature(candidate),
      manifest,
      modules,
      keys,
      now: Date.now(),
      parseManifest: (value) => parseManifest(value),
    });
    const { name, version } = manifest;
    if (json) {
      io.out(`${JSON.stringify({ plugin: name, version, signedBy: signer, modules }, undefined, 2)}\n`);
      return EXIT.ok;
    }
    io.out(`${name}@${version} is signed by ${signer.key} (${signer.fingerprint})\n`);
    for (const module of modules) io.out(`  ${module.name}  ${module.sha256}\n`);
    return EXIT.ok;
  },
};
