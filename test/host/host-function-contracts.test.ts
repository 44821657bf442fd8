import { createHost, defineHostFunction, definePlugin, jsonSchema } from 'cordon';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { hostCaller } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';

const ASKS = { permissions: { hostFunctions: ['host'] } };
const guest = (manifest: object = {}) => plugin('p', hostCaller('host'), { ...ASKS, ...manifest });

/** Calls this host function with this input, as a guest does. */
async function call(host: ReturnType<typeof defineHostFunction>, input: unknown) {
  const opened = await openHost({ hostFunctions: { host }, grants: { '*': { hostFunctions: ['host'] } } });
  return (await opened.load(guest())).call('host', input);
}

describe('a host function with schemas', () => {
  const note = z.object({ id: z.string().min(1), tags: z.array(z.string()).default([]) });

  it('gets what its schema makes of the argument, and gives what it makes of the result', async () => {
    const seen: unknown[] = [];
    const host = defineHostFunction(
      {
        params: [note],
        result: z.object({ at: z.date().transform((date) => date.getTime()) }),
      },
      (value) => {
        seen.push(value);
        return { at: new Date(5) };
      },
    );
    expect((await call(host, { id: 'a' })).json()).toEqual({ at: 5 });
    expect(seen).toEqual([{ id: 'a', tags: [] }]);
  });

  it.each([
    ['text', z.string(), 'text'],
    ['text', z.string().optional(), 'text'],
    ['text', z.enum(['a', 'b']), 'text'],
    ['text', z.literal('a'), 'text'],
    ['text', z.string().transform(Number), 'text'],
    ['bytes', z.instanceof(Uint8Array), 'bytes'],
    ['JSON', z.number(), 'json'],
    ['JSON', z.union([z.string(), z.number()]), 'json'],
    ['JSON', z.enum({ a: 1, b: 2 }), 'json'],
    ['text', jsonSchema({ type: 'string' }), 'text'],
    ['text', jsonSchema({ enum: ['a', 'b'] }), 'text'],
    ['bytes', jsonSchema({ contentMediaType: 'application/octet-stream' }), 'bytes'],
    ['JSON', jsonSchema({ type: ['string', 'null'] }), 'json'],
    ['an i32', { type: 'i32', schema: z.int().min(0) }, 'i32'],
  ] as const)('crosses as %s by what the schema is about (%#)', (_, given, type) => {
    expect(defineHostFunction({ params: [given] }, () => {}).params).toEqual([type]);
  });

  it('refuses an argument that does not fit, before the handler, and says where', async () => {
    const handler = vi.fn();
    const error = await rejection(
      call(defineHostFunction({ params: [{ name: 'note', schema: note }], result: 'text' }, handler), {
        id: 5,
        tags: ['x', 7],
      }),
    );
    expect(error).toMatchObject({
      code: 'ERR_HOST_FUNCTION',
      plugin: 'p',
      details: {
        hostFunction: 'host',
        argument: 0,
        issues: [
          { path: 'id', message: expect.any(String) },
          { path: 'tags.1', message: expect.any(String) },
        ],
      },
    });
    expect(error.message).toMatch(
      /Argument 1 \("note"\) of the host function "host" does not fit its contract: id: .*; tags\.1: /,
    );
    expect(handler).not.toHaveBeenCalled();
  });

  it('refuses a result that does not fit, and the next call is served', async () => {
    let answer: unknown = { id: '' };
    const host = defineHostFunction({ params: ['text'], result: note }, () => answer as { id: string });
    const opened = await openHost({ hostFunctions: { host }, grants: { '*': { hostFunctions: ['host'] } } });
    const p = await opened.load(guest());
    const error = await rejection(p.call('host', 'x'));
    expect(error).toMatchObject({ code: 'ERR_HOST_FUNCTION', details: { issues: [{ path: 'id' }] } });
    expect(error.message).toContain('What the host function "host" returned does not fit its contract: id: ');
    answer = { id: 'b' };
    expect((await p.call('host', 'x')).json()).toEqual({ id: 'b', tags: [] });
  });

  it('may have schemas of any kind that follows Standard Schema, async ones and ones that fail', async () => {
    const standard = (validate: (value: unknown) => never) => ({
      '~standard': { version: 1 as const, vendor: 'test', validate },
    });
    const broken = standard(() => {
      throw new Error('no database');
    });
    const failing = await rejection(
      call(
        defineHostFunction({ params: [broken], result: 'text' }, () => ''),
        '5',
      ),
    );
    expect(failing).toMatchObject({ code: 'ERR_HOST_FUNCTION' });
    expect(failing.message).toContain('its schema failed: no database');
    const slow = z.string().refine(async (text) => text !== 'bad', { error: 'is bad' });
    const host = defineHostFunction({ params: [slow], result: 'text' }, (text) => `${text}!`);
    expect((await call(host, 'good')).text()).toBe('good!');
    expect((await rejection(call(host, 'bad'))).message).toContain('is bad');
  });

  it.each([
    [{ params: [{ schema: 5 }] }, '"params[0].schema"'],
    [{ params: [{}] }, '"params[0]"'],
    [{ params: [{ type: 'string' }] }, '"params[0].type"'],
    [{ params: [{ type: 'text', name: 'a b' }] }, '"params[0].name"'],
    [{ params: [{ type: 'text', schem: z.string() }] }, 'only "name", "type" and "schema"'],
    [
      {
        params: [
          { type: 'text', name: 'a' },
          { type: 'i32', name: 'a' },
        ],
      },
      'different names',
    ],
    [{ result: { type: 'void' } }, '"result.type"'],
    [{ description: 5 }, '"description"'],
  ])('that is declared as %j is refused', (options, part) => {
    expect(() => defineHostFunction(options as never, () => {})).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS', message: expect.stringContaining(part) }),
    );
  });
});

describe('the host functions of a definition', () => {
  const definition = definePlugin({
    name: 'p',
    exports: { host: { input: z.string() } },
    imports: { host: { params: [z.string()], result: z.object({ n: z.number() }) } },
  });
  const host = defineHostFunction(definition.imports.host!, () => ({ n: 1 }));
  const open = (hostFunctions: object) =>
    openHost({
      hostFunctions: hostFunctions as never,
      grants: { '*': { hostFunctions: ['host'] } },
      catalog: [guest()],
    });

  it('are those that the host has', async () => {
    const loaded = await (await open({ host })).load(definition);
    expect((await loaded.call('host', 'x')).json()).toEqual({ n: 1 });
    expect(await (await open({ other: { host } })).load(definition).catch((error) => error.code)).toBe(
      'ERR_IMPORT',
    );
  });

  it('that the host does not have, or has with other types, are refused before anything is loaded', async () => {
    const none = await open({ hots: host });
    const missing = await rejection(none.load(definition));
    expect(missing).toMatchObject({ code: 'ERR_OPTIONS', plugin: 'p', details: { hostFunction: 'host' } });
    expect(missing.message).toContain('this host has "hots"');
    expect(none.list()).toEqual([]);
    const other = await open({ host: defineHostFunction({ params: ['json'], result: 'json' }, () => 1) });
    expect((await rejection(other.load(definition))).message).toContain(
      'as (text) -> json, and this host has (json) -> json',
    );
  });

  it('that are no such thing are refused', async () => {
    for (const imports of [5, { host: 5 }, { host: { params: ['string'] } }, { host: { param: [] } }]) {
      expect(() => definePlugin({ name: 'p', exports: {}, imports: imports as never })).toThrow(
        expect.objectContaining({ code: 'ERR_OPTIONS' }),
      );
    }
    await expect(createHost({ hostFunctions: { host: definition.imports.host as never } })).rejects.toThrow(
      'defineHostFunction',
    );
  });
});

describe('"imports" of a manifest', () => {
  it('has to say what the host has', async () => {
    const host = defineHostFunction({ params: ['text'], result: 'json' }, () => ({ n: 1 }));
    const opened = await openHost({ hostFunctions: { host }, grants: { '*': { hostFunctions: ['host'] } } });
    const wrong = guest({ imports: { host: { params: ['json'], result: 'json' } } });
    const error = await rejection(opened.load(wrong));
    expect(error).toMatchObject({ code: 'ERR_IMPORT', plugin: 'p' });
    expect(error.message).toContain(
      '"imports" of the manifest says (json) -> json, the host has (text) -> json',
    );
    const right = guest({ imports: { host: { params: ['text'], result: { schema: { type: 'object' } } } } });
    expect((await (await opened.load(right)).call('host', 'x')).json()).toEqual({ n: 1 });
  });
});

describe('jsonSchema', () => {
  const schema = jsonSchema<{ n: number }>({
    type: 'object',
    properties: { n: { type: 'integer', default: 5 }, inner: { $ref: '#/$defs/inner' } },
    required: ['n'],
    $defs: { inner: { type: 'object', properties: { again: { $ref: '#/$defs/inner' } } } },
  });
  const look = async (value: unknown) => schema['~standard'].validate(value);

  it('checks values, keeps what it does not name and changes nothing', async () => {
    const value = { n: 1, more: { a: 1 } };
    expect(await look(value)).toEqual({ value });
    expect(await look({ n: 1.5 })).toMatchObject({ issues: [{ path: ['n'] }] });
    expect(await look({ n: 1, inner: { again: { again: 5 } } })).toMatchObject({
      issues: [{ path: ['inner', 'again', 'again'] }],
    });
  });

  it('sends a text among other values as JSON, and reads what its schema is about', async () => {
    const either = jsonSchema<string | number>({ type: ['string', 'number'] });
    const definition = (input: object, output: object) =>
      definePlugin({ name: 'p', exports: { host: { input: input as never, output: output as never } } });
    const echo = defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes) => bytes);
    const opened = await openHost({
      hostFunctions: { host: echo },
      grants: { '*': { hostFunctions: ['host'] } },
      catalog: [guest()],
    });
    const text = jsonSchema<string>({ type: 'string' });
    const through = async (input: object, output: object, value: unknown) =>
      (await opened.load(definition(input, output))).call('host', value as never);
    expect(await through(either, either, '5')).toBe('5');
    expect(await through(either, text, '5')).toBe('"5"');
    expect(await through(text, text, '5')).toBe('5');
    expect(await through(text, either, '5')).toBe(5);
    const bytes = jsonSchema<Uint8Array>({ contentMediaType: 'application/octet-stream' });
    expect(await through(bytes, bytes, Uint8Array.of(0, 255))).toEqual(Uint8Array.of(0, 255));
    expect((await rejection(through(text, either, 'x'))).code).toBe('ERR_OUTPUT');
  });

  it.each([
    [{ unevaluatedProperties: false }, '"unevaluatedProperties" is not understood'],
    [{ items: { $ref: 'https://example.com/x' } }, 'leads to another document'],
    [{ properties: { a: { $ref: '#/$defs/none' } } }, 'leads nowhere'],
    [{ type: 'text' }, 'there is no type "text"'],
    [[], 'found no object'],
    [{ type: () => {} }, 'plain data'],
  ])('refuses %j', (given, part) => {
    expect(() => jsonSchema(given as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS', message: expect.stringContaining(part) }),
    );
  });
});
