import { canonicalJson } from './data-digest.js';
import { findSigner, type Signer } from './find-signer.js';
import { readBundle } from './signature-bundle.js';
import { type SignedSubject, signatureError } from './signature-problem.js';
import { readStatement, type StatementSubject } from './signed-statement.js';
import type { TrustedKey } from './trusted-key.js';

/** A manifest as far as it matters here; every other field is compared, too. */
export interface SignedManifest extends SignedSubject {
  readonly wasm: readonly { readonly name: string; readonly integrity?: string }[];
}

/** A module that is about to be loaded. */
export interface SignedModule {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface VerifySignatureOptions {
  /** The bytes of the sigstore bundle. */
  readonly bundle: Uint8Array;
  /** As parsed, with defaults filled in. */
  readonly manifest: SignedManifest;
  readonly modules: readonly SignedModule[];
  readonly keys: readonly TrustedKey[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Brings the manifest of the statement into the same form as `manifest`; throws where it is none. */
  readonly parseManifest: (value: unknown) => object;
}

/** Fields that a signature does not speak about: where it lies itself, and what editors read. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['signature', '$schema']);

/**
 * Whether a trusted key says that these modules belong to this manifest. The manifest is compared as what it means, not
 * as text: a field that states its default is as good as one that is absent.
 * @throws ERR_SIGNATURE with `details.reason`, a {@link SignatureProblem}
 */
export function verifySignature(options: VerifySignatureOptions): Signer {
  const { manifest, modules } = options;
  const bundle = readBundle(options.bundle, manifest);
  const signer = findSigner(bundle, options.keys, manifest, options.now);
  const { subjects, predicate } = readStatement(bundle.envelope, manifest);
  compareManifests(manifest, predicate, options.parseManifest);
  for (const module of modules) compareModule(module, subjects, manifest);
  return signer;
}

function compareManifests(
  manifest: SignedManifest,
  predicate: unknown,
  parse: VerifySignatureOptions['parseManifest'],
): void {
  let signed: object;
  try {
    signed = parse(predicate);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw signatureError('other-manifest', manifest, `is over something that is no manifest: ${why}`, {
      cause: error,
    });
  }
  const [mine, theirs] = [fieldsOf(manifest), fieldsOf(signed)];
  const fields = [...new Set([...mine.keys(), ...theirs.keys()])]
    .filter((key) => mine.get(key) !== theirs.get(key))
    .sort();
  if (fields.length === 0) return;
  throw signatureError(
    'other-manifest',
    manifest,
    `is over another manifest: ${fields.join(', ')} ${fields.length > 1 ? 'are' : 'is'} not what was signed. Sign again if ` +
      'the change was meant; otherwise treat the manifest as tampered with.',
    { details: { fields } },
  );
}

function fieldsOf(manifest: object): Map<string, string> {
  return new Map(
    Object.entries(manifest)
      .filter(([key, value]) => value !== undefined && !NOT_COMPARED.has(key))
      .map(([key, value]) => [key, canonicalJson(value)]),
  );
}

/**
 * A statement of one subject is about the main module, whatever the tool called it; of several, each is about the module
 * of its name. What it does not name must be pinned by `integrity` in the manifest, which is signed.
 */
function compareModule(
  { name, sha256 }: SignedModule,
  subjects: readonly StatementSubject[],
  manifest: SignedManifest,
): void {
  const only = subjects.length === 1 && name === 'main' ? subjects[0] : undefined;
  const subject = only ?? (subjects.length > 1 ? subjects.find((one) => one.name === name) : undefined);
  const expected = subject?.sha256 ?? hexOf(manifest.wasm.find((item) => item.name === name)?.integrity);
  if (expected === undefined) {
    throw signatureError(
      'module-not-covered',
      manifest,
      `does not speak about the module "${name}". Sign all modules ("cordon sign" does), or state its "integrity" in the manifest.`,
      { details: { module: name } },
    );
  }
  if (expected === sha256) return;
  throw signatureError(
    'other-module',
    manifest,
    `is over another module "${name}": signed was SHA-256 ${expected}, found ${sha256}. Sign again if the change was ` +
      'meant; otherwise treat the file as tampered with.',
    { details: { module: name, expected, actual: sha256 } },
  );
}

function hexOf(integrity: string | undefined): string | undefined {
  return integrity && Buffer.from(integrity.slice('sha256-'.length), 'base64').toString('hex');
}
