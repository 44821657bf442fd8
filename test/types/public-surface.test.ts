import {
  type CallEvent,
  createHost,
  defineHostFunction,
  definePlugin,
  type Host,
  type HostFunction,
  type HostFunctionContext,
  jsonSchema,
  type LifecycleEvent,
  type Manifest,
  type Output,
  type PermissionHandler,
  type Plugin,
  type PluginState,
  type TypedPlugin,
  type ViolationEvent,
  type ViolationKind,
} from 'cordon';
import { mockHostFunction } from 'cordon/testing';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

// Checked by the compiler (`npx tsc -b`); vitest only runs what has no effect.
declare const host: Host;

describe('createHost', () => {
  it('gives a host, from nothing or from options', () => {
    expectTypeOf(createHost).returns.resolves.toEqualTypeOf<Host>();
    expectTypeOf(createHost).toBeCallableWith();
    expectTypeOf(createHost).toBeCallableWith({
      catalog: './plugins',
      limits: { memoryBytes: '32MiB', timeoutMs: Infinity },
    });
    expectTypeOf(createHost).toBeCallableWith({
      catalog: ['./plugins', ['npm:@acme/plugins']],
      isolation: { '*': 'thread' },
    });
    // @ts-expect-error an unknown option
    expectTypeOf(createHost).toBeCallableWith({ catalogue: [] });
    // @ts-expect-error metering is true or false
    expectTypeOf(createHost).toBeCallableWith({ metering: 'yes' });
  });

  it('takes an async permission handler as it is written', () => {
    const grants = async () => 'grant' as const;
    expectTypeOf(grants).toExtend<PermissionHandler>();
    expectTypeOf(createHost).toBeCallableWith({ onPermissionRequest: async () => 'deny' });
    expectTypeOf(createHost).toBeCallableWith({
      onPermissionRequest: async ({ permissions }) => ({ env: permissions.env }),
    });
  });
});

describe('a host', () => {
  it('is disposable', () => {
    expectTypeOf<Host>().toExtend<AsyncDisposable>();
    expectTypeOf<Plugin>().toExtend<AsyncDisposable>();
  });

  it('loads one, several, or a typed one', () => {
    const load = () => ({
      one: host.load('a@^1'),
      several: host.load(['a', 'b']),
      list: host.load([] as string[]),
      byUrl: host.load(new URL('file:///plugin.json')),
      memory: host.load({
        manifest: { manifestVersion: 1, name: 'a', version: '1.0.0' },
        wasm: new Uint8Array(),
      }),
      typed: host.load(definePlugin({ name: 'a', exports: { f: { input: z.number() } } })),
    });
    type Loads = ReturnType<typeof load>;
    expectTypeOf<Loads['one']>().resolves.toEqualTypeOf<Plugin>();
    expectTypeOf<Loads['several']>().resolves.toEqualTypeOf<[Plugin, Plugin]>();
    expectTypeOf<Loads['list']>().resolves.toEqualTypeOf<Plugin[]>();
    expectTypeOf<Loads['byUrl']>().resolves.toEqualTypeOf<Plugin>();
    expectTypeOf<Loads['memory']>().resolves.toEqualTypeOf<Plugin>();
    expectTypeOf<Awaited<Loads['typed']>>().toExtend<TypedPlugin<Record<'f', { input: z.ZodNumber }>>>();
  });

  it('tells events with their payloads', () => {
    const listen = () => {
      host.on('violation', (event) => {
        expectTypeOf(event).toEqualTypeOf<ViolationEvent>();
        expectTypeOf(event.kind).toEqualTypeOf<ViolationKind>();
      });
      host.on('lifecycle', (event) => expectTypeOf(event).toEqualTypeOf<LifecycleEvent>());
      host.on('call', (event) => expectTypeOf(event).toEqualTypeOf<CallEvent>());
      host.on('plugin:quarantined', (event) => expectTypeOf(event.to).toEqualTypeOf<'quarantined'>());
      // @ts-expect-error no such event
      host.on('plugin:exploded', () => {});
    };
    expectTypeOf(listen).returns.toBeVoid();
  });

  it('calls by name', () => {
    expectTypeOf<Host['call']>().returns.resolves.toEqualTypeOf<Output>();
    expectTypeOf<Plugin['call']>().toBeCallableWith('fn', { any: 'value' }, { timeoutMs: 5, priority: 1 });
    // @ts-expect-error an unknown option of a call
    expectTypeOf<Plugin['call']>().toBeCallableWith('fn', '', { timeout: 5 });
  });
});

describe('a handle', () => {
  it('is read-only data and calls', () => {
    expectTypeOf<Plugin['state']>().toEqualTypeOf<PluginState>();
    expectTypeOf<Plugin['manifest']>().toEqualTypeOf<Manifest>();
    expectTypeOf<Plugin['exports']>().toEqualTypeOf<readonly string[]>();
  });

  it('that is typed knows its functions, their inputs and outputs', () => {
    const definition = definePlugin({
      name: 'a',
      exports: {
        size: { input: z.string(), output: z.number() },
        when: {
          input: z.date().transform((date) => date.getTime()),
          output: z.number().transform((ms) => new Date(ms)),
        },
        raw: {},
      },
    });
    const calls = (typed: Awaited<ReturnType<typeof load>>) => ({
      size: typed.call('size', 'text'),
      when: typed.call('when', new Date()),
      raw: typed.call('raw', { anything: true }),
      // @ts-expect-error a wrong input
      wrong: typed.call('size', 5),
      // @ts-expect-error no such function
      none: typed.call('sizes', ''),
    });
    const load = () => host.load(definition);
    type Calls = ReturnType<typeof calls>;
    expectTypeOf<Calls['size']>().resolves.toEqualTypeOf<number>();
    expectTypeOf<Calls['when']>().resolves.toEqualTypeOf<Date>();
    expectTypeOf<Calls['raw']>().resolves.toEqualTypeOf<Output>();
  });
});

describe('defineHostFunction', () => {
  it('types the handler by the declaration', () => {
    defineHostFunction(
      { params: ['text', 'bytes', 'json', 'i32', 'i64', 'f64'], result: 'bytes' },
      (...args) => {
        expectTypeOf(args).toEqualTypeOf<
          [string, Uint8Array, unknown, number, bigint, number, HostFunctionContext]
        >();
        return 'text is fine for bytes';
      },
    );
    defineHostFunction({}, (ctx) => {
      expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>();
    });
    defineHostFunction({ params: ['text'], result: 'i64' }, async () => 5n);
  });

  it('types the handler by its schemas, on both sides', () => {
    const note = z.object({ id: z.string(), tags: z.array(z.string()).default([]) });
    const at = z.date().transform((date) => date.getTime());
    const functions = () => ({
      schemas: defineHostFunction(
        { params: [note, { name: 'n', type: 'i64' }, { type: 'f64', schema: z.number() }], result: at },
        (...args) => {
          expectTypeOf(args).toEqualTypeOf<
            [{ id: string; tags: string[] }, bigint, number, HostFunctionContext]
          >();
          return new Date();
        },
      ),
      // @ts-expect-error the schema's input is a date
      wrong: defineHostFunction({ result: at }, () => 5),
      named: defineHostFunction({ params: [{ name: 'note', schema: note }], result: 'void' }, ({ id }) => {
        expectTypeOf(id).toEqualTypeOf<string>();
      }),
      json: defineHostFunction({ params: [jsonSchema<{ n: 1 }>({})] }, ({ n }) => {
        expectTypeOf(n).toEqualTypeOf<1>();
      }),
    });
    expectTypeOf<ReturnType<typeof functions>['schemas']>().toEqualTypeOf<HostFunction>();
    expectTypeOf(mockHostFunction).toBeCallableWith({ params: ['text'], result: 'text' }, 'answer');
    const mocks = () => {
      mockHostFunction({ params: [note], result: z.string() }, ({ tags }) => tags.join());
      // @ts-expect-error a number is no text
      mockHostFunction({ params: [note], result: z.string() }, ({ tags }) => tags.length);
    };
    expectTypeOf(mocks).returns.toBeVoid();
  });

  it('refuses what does not fit', () => {
    const wrong = () => {
      // @ts-expect-error no such type
      defineHostFunction({ params: ['string'] }, () => {});
      // @ts-expect-error a number is no text
      defineHostFunction({ result: 'text' }, () => 5);
      // @ts-expect-error one parameter, and not a number
      defineHostFunction({ params: ['text'] }, (n: number) => n);
    };
    expectTypeOf(wrong).returns.toBeVoid();
  });
});
