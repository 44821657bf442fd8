import { cordonError } from '../../errors/cordon-error.js';
import { MAX_URL_CHARACTERS } from '../../policy/egress.js';
import { MAX_REQUEST_HEADER_BYTES } from './request-headers.js';

/** One request as a guest means it. */
export interface HttpRequest {
  readonly url: string;
  /** Default `GET`. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Must not change until the request is settled. An empty one counts as none. */
  readonly body?: Uint8Array | undefined;
}

/** JSON may need six characters for one; more than that is not a request. */
const MAX_REQUEST_CHARACTERS = 6 * (MAX_URL_CHARACTERS + MAX_REQUEST_HEADER_BYTES);

/**
 * Reads what a guest hands to `extism:host/env` `http_request`: JSON with `url`, and `method` and `headers` (or
 * `header`, as older plug-in kits write it), which may be null. Other keys are ignored.
 * @throws ERR_HOST_FUNCTION with the key that is wrong.
 */
export function parseGuestRequest(text: string, body: Uint8Array): HttpRequest {
  if (text.length > MAX_REQUEST_CHARACTERS) {
    throw invalid(`it has ${text.length} characters, the limit is ${MAX_REQUEST_CHARACTERS}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  if (!isObject(value)) throw invalid(`expected a JSON object, found ${nameOf(value)}`);
  const { url, method } = value;
  if (typeof url !== 'string') throw invalid(`expected a string in "url", found ${nameOf(url)}`);
  if (method !== undefined && method !== null && typeof method !== 'string') {
    throw invalid(`expected a string in "method", found ${nameOf(method)}`);
  }
  const headers = value.headers ?? value.header ?? {};
  if (!isObject(headers)) throw invalid(`expected an object in "headers", found ${nameOf(headers)}`);
  for (const [name, content] of Object.entries(headers)) {
    if (typeof content !== 'string') {
      throw invalid(
        `expected a string in "headers" at ${JSON.stringify(name.slice(0, 64))}, found ${nameOf(content)}`,
      );
    }
  }
  return {
    url,
    method: method || 'GET',
    headers: headers as Record<string, string>,
    ...(body.byteLength > 0 && { body }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function invalid(problem: string, cause?: unknown): Error {
  const message = `The HTTP request of the guest cannot be read: ${problem}. It is JSON: { "url", "method"?, "headers"? }.`;
  return cordonError('ERR_HOST_FUNCTION', message, { cause });
}
