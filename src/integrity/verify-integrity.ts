import { cordonError } from '../errors/cordon-error.js';
import type { Artifact } from './artifact.js';
import { describePlugin, type FileSubject } from './module-too-large.js';

/**
 * Compares an artifact with the digest that a manifest or a lockfile states.
 * @param expected `sha256-` and the base64 of 32 bytes, in its one canonical spelling.
 * @throws ERR_INTEGRITY with both digests, the plugin and the file.
 */
export function verifyIntegrity(artifact: Artifact, expected: string, subject: FileSubject): void {
  if (expected === artifact.integrity) return;
  const info = {
    plugin: subject.plugin,
    version: subject.version,
    details: { expected, actual: artifact.integrity, file: subject.file, origin: artifact.origin },
  };
  const what = `The file ${subject.file} of ${describePlugin(subject)}`;
  if (!isSha256Integrity(expected)) {
    throw cordonError(
      'ERR_INTEGRITY',
      `${what} cannot be checked: the stated integrity "${expected}" is not "sha256-" and the base64 of 32 ` +
        `bytes. The digest of the file is ${artifact.integrity}.`,
      info,
    );
  }
  throw cordonError(
    'ERR_INTEGRITY',
    `${what} is not what was stated: expected ${expected}, found ${artifact.integrity} (${artifact.bytes.length} ` +
      `bytes from ${artifact.origin}). State the new digest if the change was meant; otherwise treat the file as ` +
      'tampered with.',
    info,
  );
}

/** Whether `text` is `sha256-` and the canonical base64 of 32 bytes. */
export function isSha256Integrity(text: string): boolean {
  if (!text.startsWith('sha256-')) return false;
  const digest = Buffer.from(text.slice(7), 'base64');
  return digest.length === 32 && digest.toString('base64') === text.slice(7);
}
