import { readSignature } from '../../src/integrity/read-signature.js';
import { verifySignature } from '../../src/integrity/verify-signature.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';
import { type AddCommand, collect } from './command.js';
import type { Console } from './console.js';
import { EXIT } from './exit-code.js';
import { readPublicKey } from './key-files.js';
import { signablePlugin } from './signable-plugin.js';

interface VerifyOptions {
  readonly key: readonly string[];
  readonly json?: boolean;
}

/** `cordon verify`. */
export const addVerify: AddCommand = (program, act) => {
  program
    .command('verify')
    .summary("check a plugin's signature as a host would")
    .description(
      'Says whether a host that trusts these public keys and requires signatures would take the plugin. Runs nothing of it.',
    )
    .argument('<plugin>', 'its folder, its plugin.json, or a .wasm with a manifest inside')
    .requiredOption('--key <path>', 'a public key: SPKI in PEM; may be repeated', collect)
    .option('--json', 'print JSON')
    .action(act(verify));
};

async function verify(io: Console, location: string, { key, json = false }: VerifyOptions): Promise<number> {
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
    io.json({ plugin: name, version, signedBy: signer, modules });
    return EXIT.ok;
  }
  io.out(`${name}@${version} is signed by ${signer.key} (${signer.fingerprint})\n`);
  for (const module of modules) io.out(`  ${module.name}  ${module.sha256}\n`);
  return EXIT.ok;
}
