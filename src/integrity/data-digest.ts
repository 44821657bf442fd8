import { createHash } from 'node:crypto';

/** The digest of JSON-like data whatever the order of its keys: `sha256-` and base64. `undefined` is as good as absent. */
export function dataDigest(value: unknown): string {
  return `sha256-${createHash('sha256').update(canonicalJson(value)).digest('base64')}`;
}

/** JSON without spaces, the keys of each object in the order of their UTF-16 units. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const keys = Object.keys(inner).sort();
    return Object.fromEntries(keys.map((key) => [key, (inner as Record<string, unknown>)[key]]));
  });
}
