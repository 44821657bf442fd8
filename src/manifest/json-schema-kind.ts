/** How a value of a contract crosses to a guest where nothing else is said. */
export type WireType = 'text' | 'bytes' | 'json';

/** What a JSON Schema says of bytes that are no text: JSON Schema has no type for them. */
export const BYTES_MEDIA_TYPE = 'application/octet-stream';

/** `{ "contentMediaType": "application/octet-stream" }`, as OpenAPI 3.1 says it, stands for bytes. */
export function isBytesSchema(schema: Readonly<Record<string, unknown>>): boolean {
  return schema.contentMediaType === BYTES_MEDIA_TYPE && schema.contentEncoding === undefined;
}

/** How a value of this schema crosses to a guest: a text as it is, bytes as they are, all else as JSON. */
export function wireTypeOfJsonSchema(schema: Readonly<Record<string, unknown>>): WireType {
  if (isBytesSchema(schema)) return 'bytes';
  if (schema.type === 'string') return 'text';
  const values = 'const' in schema ? [schema.const] : schema.enum;
  const areTexts =
    Array.isArray(values) && values.length > 0 && values.every((one) => typeof one === 'string');
  return areTexts ? 'text' : 'json';
}
