import { webcrypto } from 'node:crypto';

/** What one file of the cache holds. */
export interface StoredModule {
  /** What was told about the module when it was made; JSON. */
  readonly facts: unknown;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The first bytes of an entry; the last of them is the version of this format. */
const MAGIC = Buffer.from('CORDON\u0000\u0001', 'latin1');
const DIGEST_AT = MAGIC.length;
const HEADER_AT = DIGEST_AT + 32 + 4;
const MAX_HEADER = 64 * 1024;

/** magic, SHA-256 of all that follows, length of the header, header (JSON: key and facts), bytes of the module. */
export async function encodeEntry(key: string, { facts, bytes }: StoredModule): Promise<Uint8Array> {
  const header = Buffer.from(JSON.stringify({ key, facts }));
  const entry = new Uint8Array(HEADER_AT + header.length + bytes.length);
  entry.set(MAGIC);
  new DataView(entry.buffer).setUint32(HEADER_AT - 4, header.length, true);
  entry.set(header, HEADER_AT);
  entry.set(bytes, HEADER_AT + header.length);
  entry.set(await digestOf(entry), DIGEST_AT);
  return entry;
}

/** The entry, or the words for what is wrong with it. The key is compared: a file may have another's name. */
export async function decodeEntry(
  entry: Uint8Array<ArrayBuffer>,
  key: string,
): Promise<StoredModule | string> {
  if (entry.length < HEADER_AT || !MAGIC.equals(entry.subarray(0, DIGEST_AT))) return 'it is no entry';
  const stated = Buffer.from(entry.subarray(DIGEST_AT, DIGEST_AT + 32));
  if (!stated.equals(await digestOf(entry))) return 'its digest is another';
  const length = new DataView(entry.buffer, entry.byteOffset).getUint32(HEADER_AT - 4, true);
  if (length > MAX_HEADER || HEADER_AT + length > entry.length) return 'its header is too long';
  try {
    const text = Buffer.from(entry.subarray(HEADER_AT, HEADER_AT + length)).toString();
    const header = JSON.parse(text) as { key?: unknown; facts?: unknown } | null;
    if (header?.key !== key) return 'it is of another module';
    return { facts: header.facts, bytes: entry.slice(HEADER_AT + length) };
  } catch {
    return 'its header is not JSON';
  }
}

async function digestOf(entry: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await webcrypto.subtle.digest('SHA-256', entry.subarray(DIGEST_AT + 32)));
}
