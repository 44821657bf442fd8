import { describe, expect, it } from 'vitest';
import { MAX_SIGNATURE_BYTES, readBundle } from '../../src/integrity/signature-bundle.js';
import { newKey, signed } from './signing.js';

const subject = { name: 'a', version: '1.0.0' };
const text = signed(newKey(), { name: 'a' }, { main: Buffer.from('x') });
const bundle = JSON.parse(text);

function reason(value: unknown): unknown {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value) ?? '');
  try {
    readBundle(bytes, subject);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE', plugin: 'a' });
    return (error as { details: { reason: string } }).details.reason;
  }
  return 'accepted';
}

const envelope = (more: object) => ({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, ...more } });

describe('a bundle', () => {
  it('is read as it was written', () => {
    const { envelope: read, hint } = readBundle(Buffer.from(text), subject);
    expect(hint).toBe(bundle.verificationMaterial.publicKey.hint);
    expect(JSON.parse(Buffer.from(read.payload).toString())).toMatchObject({ predicate: { name: 'a' } });
  });

  it.each([
    'application/vnd.dev.sigstore.bundle.v0.3+json',
    'application/vnd.dev.sigstore.bundle+json;version=0.1',
    'application/vnd.dev.sigstore.bundle+json;version=0.3',
  ])('of the media type %s is read', (mediaType) => {
    expect(reason({ ...bundle, mediaType })).toBe('accepted');
  });

  it('may hold what is not looked at: a log entry, timestamps, unknown keys', () => {
    const verificationMaterial = { ...bundle.verificationMaterial, tlogEntries: [{ x: 1 }], more: {} };
    expect(reason({ ...bundle, verificationMaterial, unknown: 1 })).toBe('accepted');
  });

  it.each<[string, unknown]>([
    ['nothing', new Uint8Array()],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['no JSON', Buffer.from('{"a":')],
    ['a list', []],
    ['null', null],
    ['a number', 1],
    ['another media type', { ...bundle, mediaType: 'application/json' }],
    ['no envelope', { ...bundle, dsseEnvelope: undefined }],
    ['an envelope that is a text', { ...bundle, dsseEnvelope: 'x' }],
    ['no payload type', envelope({ payloadType: 1 })],
    ['no payload', envelope({ payload: '' })],
    ['a payload that is no base64', envelope({ payload: '*' })],
    ['no signature', envelope({ signatures: [] })],
    ['two signatures', envelope({ signatures: [{ sig: 'AA==' }, { sig: 'AA==' }] })],
    ['signatures that are no list', envelope({ signatures: { 0: { sig: 'AA==' }, length: 1 } })],
    ['a signature that is null', envelope({ signatures: [null] })],
    ['a huge signature', envelope({ signatures: [{ sig: 'A'.repeat(10_000) }] })],
    ['a hint that is no text', { ...bundle, verificationMaterial: { publicKey: { hint: {} } } }],
    ['a deep nest', Buffer.from('['.repeat(500_000))],
    ['a deep nest that ends', Buffer.from(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)],
    ['its fields by a prototype', Buffer.from(`{"__proto__":${text}}`)],
  ])('that is %s is malformed', (_, value) => {
    expect(reason(value)).toBe('malformed');
  });

  it('above the size limit is not parsed', () => {
    expect(reason(new Uint8Array(MAX_SIGNATURE_BYTES + 1))).toBe('too-large');
  });

  it.each([
    ['keyless', { ...bundle, verificationMaterial: { certificate: { rawBytes: 'AA==' } } }],
    ['without material', { ...bundle, verificationMaterial: undefined }],
    [
      'over the module alone',
      { ...bundle, dsseEnvelope: undefined, messageSignature: { signature: 'AA==' } },
    ],
  ])('that is %s is told apart as unsupported', (_, value) => {
    expect(reason(value)).toBe('unsupported');
  });
});
