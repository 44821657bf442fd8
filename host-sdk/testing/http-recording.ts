import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { HopResult } from '../../src/bridge/http/send-hop.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import { hopResult, type MockRequest, shown } from './mock-http.js';
import { redactAddress, redactHeaders } from './redact-exchange.js';

const bodySchema = z
  .union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.string() })])
  .optional();
const headersSchema = z.record(z.string(), z.string());
const exchangeSchema = z.strictObject({
  request: z.strictObject({ method: z.string(), url: z.string(), headers: headersSchema, body: bodySchema }),
  response: z.union([
    z.strictObject({ status: z.int().min(100).max(599), headers: headersSchema, body: bodySchema }),
    z.strictObject({ failure: z.string() }),
  ]),
});
const fileSchema = z.strictObject({ version: z.literal(1), exchanges: z.array(exchangeSchema).max(100_000) });

type Exchange = z.output<typeof exchangeSchema>;
type Body = z.output<typeof bodySchema>;

const MAX_FILE_CHARACTERS = 256 * 1024 * 1024;

/** What a plugin asked of the network and what it was answered, in a file that tests can be run with again. */
export class HttpRecording {
  readonly #path: string;
  readonly #secret: ReadonlySet<string>;
  readonly #exchanges: Exchange[];
  /** How often each request was answered: the n-th time gets the n-th answer, and then the last. */
  readonly #times = new Map<string, number>();

  private constructor(path: string, secret: ReadonlySet<string>, exchanges: Exchange[]) {
    this.#path = path;
    this.#secret = secret;
    this.#exchanges = exchanges;
  }

  /** Begins a new one; nothing is read. */
  static empty(path: string, redactedHeaders: readonly string[]): HttpRecording {
    return new HttpRecording(path, lower(redactedHeaders), []);
  }

  /** @throws ERR_OPTIONS for a file that is not there, or is no recording */
  static read(path: string, redactedHeaders: readonly string[]): HttpRecording {
    return new HttpRecording(path, lower(redactedHeaders), parse(path));
  }

  /** The answer that was recorded. @throws ERR_HOST_FUNCTION where there is none */
  replay(request: MockRequest): HopResult {
    const key = this.#key(request);
    const found = this.#exchanges.filter((one) => keyOf(one.request) === key);
    const times = this.#times.get(key) ?? 0;
    const exchange = found[Math.min(times, found.length - 1)];
    if (!exchange) {
      throw cordonError(
        'ERR_HOST_FUNCTION',
        `${this.#path} has no answer to ${shown({ ...request, url: redactAddress(request.url) })}${request.body ? ` with this body of ${request.body.byteLength} bytes` : ''}. It has ${this.#known()}. Record it anew with http: { file, record: true }.`,
        { details: { file: this.#path, method: request.method } },
      );
    }
    this.#times.set(key, times + 1);
    const { response } = exchange;
    if ('failure' in response) return hopResult(response, request);
    return hopResult({ ...response, body: bytesOf(response.body) ?? '' }, request);
  }

  record(request: MockRequest, result: HopResult): void {
    this.#exchanges.push({
      request: this.#request(request),
      response:
        'redirect' in result
          ? { status: result.redirect.status, headers: { location: redactAddress(result.redirect.location) } }
          : result.response.failure || result.response.status === 0
            ? { failure: result.response.failure?.code ?? 'NETWORK' }
            : {
                status: result.response.status,
                headers: redactHeaders(result.response.headers, this.#secret),
                body: bodyOf(result.response.body),
              },
    });
  }

  /** Writes the file in one step. */
  async save(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const text = JSON.stringify({ version: 1, exchanges: this.#exchanges }, undefined, 2);
    await writeFile(`${this.#path}.new`, `${text}\n`);
    await rename(`${this.#path}.new`, this.#path);
  }

  #request({ method, url, headers, body }: MockRequest): Exchange['request'] {
    return {
      method,
      url: redactAddress(url),
      headers: redactHeaders(headers, this.#secret),
      ...(body && { body: bodyOf(body) }),
    };
  }

  #key(request: MockRequest): string {
    return keyOf(this.#request(request));
  }

  #known(): string {
    const known = [...new Set(this.#exchanges.map(({ request }) => shown(request)))];
    if (known.length === 0) return 'none at all';
    return known.length > 10
      ? `${known.slice(0, 10).join(', ')} and ${known.length - 10} more`
      : known.join(', ');
  }
}

/** Method, address and body tell requests apart; headers carry dates, versions and secrets. */
function keyOf({ method, url, body }: Exchange['request']): string {
  return JSON.stringify([method, url, body ?? null]);
}

function lower(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}

function bodyOf(bytes: Uint8Array): Body {
  if (bytes.byteLength === 0) return undefined;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}

function bytesOf(body: Body): Uint8Array | string | undefined {
  if (!body) return undefined;
  return 'text' in body ? body.text : new Uint8Array(Buffer.from(body.base64, 'base64'));
}

function parse(path: string): Exchange[] {
  const refuse = (why: string, cause?: unknown): Error =>
    cordonError(
      'ERR_OPTIONS',
      `The recording ${path} cannot be replayed: ${why}. Record it with http: { file, record: true }.`,
      { cause },
    );
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw refuse(missing ? 'there is no such file' : (cause as Error).message, cause);
  }
  if (text.length > MAX_FILE_CHARACTERS) throw refuse('it is larger than 256 MiB');
  try {
    return fileSchema.parse(JSON.parse(text)).exchanges;
  } catch (cause) {
    throw refuse('it is no recording of version 1', cause);
  }
}
