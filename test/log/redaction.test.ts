import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cordonError } from '../../src/errors/cordon-error.js';
import { redactingLogger } from '../../src/log/redacting-logger.js';
import { Redaction } from '../../src/log/redaction.js';
import { recorder } from '../host/open-host.js';

const KEY = 'sk-live "4f/9+=';
const redaction = new Redaction([KEY]);

describe('a secret', () => {
  it.each([
    ['as it is', KEY],
    ['in JSON', JSON.stringify({ key: KEY })],
    ['in a URL', `https://example.com/?key=${encodeURIComponent(KEY)}&x=1`],
    ['in base64', Buffer.from(KEY).toString('base64')],
    ['in base64url', Buffer.from(KEY).toString('base64url')],
  ])('is masked %s', (_, text) => {
    const masked = redaction.text(`before ${text} after`);
    expect(masked).toMatch(/^before .*\[secret\].* after$/);
    expect(masked).not.toMatch(/4f|NGYv/);
  });

  it('is masked wherever it stands in data, which is not touched itself', () => {
    const data = { list: [1, { deep: `x${KEY}` }], [`k${KEY}`]: true, bytes: new Uint8Array(3) };
    const masked = redaction.value(data) as Record<string, unknown>;
    expect(JSON.stringify(masked)).not.toContain('4f');
    expect(masked['k[secret]']).toBe(true);
    expect(masked.bytes).toBe(data.bytes);
    expect(data.list[1]).toEqual({ deep: `x${KEY}` });
  });

  it('is masked in an error, with its cause, its stack and its details, and the error stays what it is', () => {
    const error = cordonError('ERR_GUEST', `it said ${KEY}`, {
      plugin: 'p',
      details: { said: KEY },
      cause: new TypeError(KEY),
    });
    const masked = redaction.value(error);
    expect(masked).toBeInstanceOf(error.constructor);
    expect(masked).toMatchObject({ code: 'ERR_GUEST', plugin: 'p', message: 'it said [secret]' });
    expect(masked.details).toEqual({ said: '[secret]' });
    expect(masked.cause).toBeInstanceOf(TypeError);
    expect(`${masked.stack}${(masked.cause as Error).stack}${(masked.cause as Error).message}`).not.toContain(
      '4f',
    );
  });

  it('leaves what does not have it as it is', () => {
    const data = Object.freeze({ a: 'nothing', b: [{ c: null }] });
    const error = new Error('nothing');
    expect(redaction.value(data)).toBe(data);
    expect(redaction.value(error)).toBe(error);
    const around: Error & { own?: unknown } = new Error('round');
    around.own = { around };
    around.cause = around;
    expect(redaction.value(around).message).toBe('round');
  });

  it('is masked in data that goes round and in which much refers to the same', () => {
    let shared: Record<string, unknown> = { said: KEY };
    for (let i = 0; i < 60; i++) shared = { left: shared, right: shared };
    const around: Record<string, unknown> = { shared, said: KEY };
    around.self = around;
    const masked = redaction.value(around) as typeof around;
    expect(masked.said).toBe('[secret]');
    expect(masked.self).toBe(masked);
    const error = new AggregateError([new Error(KEY)], `all failed: ${KEY}`);
    error.cause = error;
    const told = redaction.value(error) as AggregateError;
    expect(told.errors[0].message).toBe('[secret]');
    expect(told.cause).toBe(told);
    expect(error.errors[0].message).toBe(KEY);
  });

  it('is masked in the name of a property, whatever its name', () => {
    const masked = redaction.value(JSON.parse(`{ "__proto__": "${KEY.replaceAll('"', '\\"')}" }`)) as object;
    expect(Object.getOwnPropertyDescriptor(masked, '__proto__')?.value).toBe('[secret]');
  });

  it('is not left in by hiding it deep', () => {
    let deep: unknown = KEY;
    for (let i = 0; i < 20_000; i++) deep = { deep };
    const masked = redaction.value({ deep });
    expect(masked).not.toEqual({ deep });
    let inner: unknown = masked;
    while (typeof inner === 'object' && inner !== null && 'deep' in inner) inner = inner.deep;
    expect(inner).toBe('[secret]');
  });

  it('of several lines is masked line by line', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ\n-----END PRIVATE KEY-----';
    const many = new Redaction([pem]);
    expect(many.text('line MC4CAQAwBQYDK2VwBCIEIJ.')).toBe('line [secret].');
    expect(many.text(`all ${pem.replaceAll('\n', '\\n')}`)).toBe('all [secret]');
  });

  it('that begins like another is masked whole', () => {
    expect(new Redaction(['abcd', 'abcdefgh']).text('abcdefgh abcd')).toBe('[secret] [secret]');
  });

  it('whatever its characters, is not in what comes out', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: 'binary' }), fc.string(), fc.string(), (secret, a, b) => {
        const masked = new Redaction([secret]).text(a + secret + b);
        expect(masked.replaceAll('[secret]', '\u0000')).not.toContain(secret);
      }),
    );
  });
});

describe('without secrets', () => {
  it('nothing is done', () => {
    const none = new Redaction([]);
    const logger = recorder();
    const data = { a: 1 };
    expect(none.active).toBe(false);
    expect(none.value(data)).toBe(data);
    expect(redactingLogger(logger, none)).toBe(logger);
  });
});

describe('a logger that masks', () => {
  it('does so at every level and in children', () => {
    const logger = recorder();
    const masking = redactingLogger(logger, redaction).child({ plugin: 'p' });
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) {
      masking[level]?.({ err: new Error(KEY), said: KEY }, `says ${KEY}`);
    }
    expect(logger.lines).toHaveLength(5);
    for (const line of logger.lines) {
      expect(line).toMatchObject({ message: 'says [secret]', fields: { plugin: 'p', said: '[secret]' } });
      expect((line.fields.err as Error).message).toBe('[secret]');
    }
  });
});
