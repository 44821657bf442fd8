import { cordonError } from '../errors/cordon-error.js';
import type { Manifest } from '../manifest/manifest.js';
import { parseManifest } from '../manifest/parse-manifest.js';
import type { BrokenCandidate, PluginCandidate } from './catalog-source.js';
import { isParsed, markParsed } from './parsed-manifests.js';
import { canonicalVersion } from './version-order.js';

/**
 * Makes sure that what a source answered is what was asked for: a manifest as the parser makes them, of that name. Sources
 * that an application brought may give manifests as they are written in files.
 */
export function checkCandidate(
  given: PluginCandidate,
  name: string,
  source: string,
): { readonly candidate: PluginCandidate } | { readonly broken: BrokenCandidate } {
  let origin = source;
  try {
    if (typeof given?.origin === 'string') origin = given.origin;
    const raw: Manifest | undefined = given?.manifest;
    const ready = raw !== undefined && isParsed(raw);
    const manifest = ready ? raw : markParsed(parseManifest(raw, { file: origin }));
    if (manifest.name !== name || canonicalVersion(manifest.version) !== manifest.version) {
      throw cordonError(
        'ERR_MANIFEST',
        `${origin} is ${manifest.name}@${manifest.version}, and the catalog source "${source}" was asked for ${name}.`,
        { plugin: name, details: { found: manifest.name, version: manifest.version, source } },
      );
    }
    checkFacts(given, name, source);
    return { candidate: ready ? given : withManifest(given, manifest, origin, source) };
  } catch (error) {
    return { broken: { origin, source, name, error: error as Error } };
  }
}

/** What is decided by must be what it should be: a date that is none would pass for "not known". */
function checkFacts({ publishedAt, yanked }: PluginCandidate, name: string, source: string): void {
  const refuse = (field: string, found: unknown, expected: string): Error =>
    cordonError(
      'ERR_MANIFEST',
      `The catalog source "${source}" says of ${name} that "${field}" is ${found === null ? 'null' : `${typeof found} ${String(found)}`}; expected ${expected}.`,
      { plugin: name, details: { source, field } },
    );
  if (publishedAt !== undefined && !Number.isFinite(publishedAt)) {
    throw refuse('publishedAt', publishedAt, 'milliseconds since 1970');
  }
  if (yanked !== undefined && typeof yanked !== 'string')
    throw refuse('yanked', yanked, 'the reason as a text');
}

function withManifest(
  given: PluginCandidate,
  manifest: Manifest,
  origin: string,
  source: string,
): PluginCandidate {
  return Object.freeze({
    manifest,
    origin,
    source,
    ...(given.yanked !== undefined && { yanked: given.yanked }),
    ...(given.publishedAt !== undefined && { publishedAt: given.publishedAt }),
    read: (item, options) => given.read(item, options),
    ...(given.readSignature && { readSignature: (options) => given.readSignature!(options) }),
  } satisfies PluginCandidate);
}
