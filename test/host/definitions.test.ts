import { createHost, defineManifest, definePlugin, type HostOptions, type Schema } from 'cordon';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';

describe('a plugin by its definition', () => {
  const definition = definePlugin({
    name: 'lab',
    version: '^1.0',
    exports: {
      echo: { input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) },
      fail: { output: z.string() },
      nothing: {},
    },
  });
  const open = async (exports = definition) => {
    const host = await openHost({ catalog: [plugin('lab', lab), plugin('lab', lab, { version: '2.0.0' })] });
    return { host, p: await host.load(exports) };
  };

  it('is loaded in its range, and its calls take and give values', async () => {
    const { p } = await open();
    expect(p.version).toBe('1.0.0');
    expect(await p.call('echo', { n: 5 })).toEqual({ n: 5 });
    expect((await p.call('nothing', 'anything')).text()).toBe('');
    expect((await p.plugin.call('echo', 'untyped')).text()).toBe('untyped');
    expect(p).toMatchObject({ name: 'lab', state: 'ready' });
    expect(p.has('echo')).toBe(true);
  });

  it('refuses an input that does not fit, before the call', async () => {
    const { host, p } = await open();
    const error = await rejection(p.call('echo', { n: 'five' } as never));
    expect(error).toMatchObject({ code: 'ERR_INPUT', plugin: 'lab' });
    expect(error.message).toContain('n:');
    expect(host.stats().calls).toBe(0);
  });

  it('refuses an output that does not fit', async () => {
    const wrong = definePlugin({
      name: 'lab',
      version: '1',
      exports: { echo: { output: z.array(z.string()) } },
    });
    const host = await openHost({ catalog: [plugin('lab', lab)] });
    const p = await host.load(wrong);
    expect(await p.call('echo', '["a"]')).toEqual(['a']);
    expect(await rejection(p.call('echo', '{"not":"a list"}'))).toMatchObject({
      code: 'ERR_OUTPUT',
      plugin: 'lab',
    });
    expect((await rejection(p.call('echo', 'not JSON'))).code).toBe('ERR_OUTPUT');
  });

  it('of text and of bytes takes the output as it is', async () => {
    const texts = definePlugin({
      name: 'lab',
      version: '1',
      exports: {
        echo: { input: z.string(), output: z.string() },
        kept: { output: z.instanceof(Uint8Array) },
      },
    });
    const host = await openHost({ catalog: [plugin('lab', lab)] });
    const p = await host.load(texts);
    expect(await p.call('echo', '5')).toBe('5');
    await p.plugin.call('keep', Uint8Array.of(1, 2));
    expect(await p.call('kept', undefined)).toEqual(Uint8Array.of(1, 2));
  });

  it('may change what goes in and what comes out', async () => {
    const changing = definePlugin({
      name: 'lab',
      version: '1',
      exports: {
        echo: {
          input: z.object({ at: z.date().transform((date) => date.getTime()) }),
          output: z.object({ at: z.number().transform((ms) => new Date(ms)) }),
        },
      },
    });
    const host = await openHost({ catalog: [plugin('lab', lab)] });
    const at = new Date(12345);
    expect(await (await host.load(changing)).call('echo', { at })).toEqual({ at });
  });

  it('may have schemas of any kind that follows Standard Schema, async ones too', async () => {
    const even: Schema<number> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) =>
          typeof value === 'number' && value % 2 === 0 ? { value } : { issues: [{ message: 'is not even' }] },
      },
    };
    const host = await openHost({ catalog: [plugin('lab', lab)] });
    const p = await host.load(
      definePlugin({ name: 'lab', exports: { echo: { input: even, output: even } } }),
    );
    expect(await p.call('echo', 4)).toBe(4);
    const error = await rejection(p.call('echo', 5));
    expect(error.message).toContain('is not even');
  });

  it.each([
    [{ name: 'Not A Name', exports: {} }, '"Not A Name"'],
    [{ exports: {} }, 'definePlugin of a plugin: "name"'],
    [{ name: 'lab', version: 'latest', exports: {} }, '"latest"'],
    [{ name: 'lab', version: 1, exports: {} }, 'definePlugin of lab: "version"'],
    [undefined, 'definePlugin of a plugin: "the whole"'],
    [{ name: 'lab' }, 'definePlugin of lab: "exports"'],
    [{ name: 'lab', exports: {}, versions: '^1' }, '"versions" is wrong: expected "version"'],
    [{ name: 'lab', exports: { echo: 5 } }, 'definePlugin of lab: "exports.echo"'],
    [
      { name: 'lab', exports: { echo: { inputs: z.string() } } },
      '"exports.echo.inputs" is wrong: expected "input"',
    ],
    [{ name: 'lab', exports: { echo: { input: {} } } }, 'definePlugin of lab: "exports.echo.input"'],
  ])('that is %j is refused', (contract, part) => {
    expect(() => definePlugin(contract as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS', message: expect.stringContaining(part) }),
    );
  });
});

describe('a manifest by defineManifest', () => {
  it('is checked and can be loaded', async () => {
    const manifest = defineManifest({
      manifestVersion: 1,
      name: 'p',
      version: '1.0.0',
      limits: { memoryBytes: '8MiB' },
    });
    const host = await openHost();
    const p = await host.load({ manifest, wasm: lab });
    expect((await p.call('echo', 'x')).text()).toBe('x');
    expect(host.info('p').limits.memoryBytes).toBe(8 * 1024 * 1024);
  });

  it('that is wrong names every problem', () => {
    expect(() => defineManifest({ manifestVersion: 1, name: 'P!', version: 'one' } as never)).toThrow(
      /name.*\n?.*version/s,
    );
  });
});

describe('options of a host', () => {
  it.each([
    [{ catalogue: [] }, '"catalog"'],
    [{ limits: { memoryByte: 1 } }, '"memoryBytes"'],
    [{ threads: { min: 4, max: 2 } }, 'max'],
    [{ hostFunctions: { x: () => 1 } }, 'defineHostFunction'],
    [{ logger: console.log }, 'logger'],
    [{ grants: { '@acme/*': {} } }, 'a plugin name, or "*" for all'],
    [{ isolation: { '@acme/*': 'thread' } }, 'isolation'],
  ])('such as %o are refused, and say what is near', async (options, part) => {
    const error = await rejection(createHost(options as HostOptions));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain(part);
  });
});

describe('config', () => {
  it('is the manifest’s, with the host’s in its place', async () => {
    const host = await openHost({ config: { p: { theme: 'dark', extra: 'ä' } } });
    const p = await host.load(plugin('p', lab, { config: { theme: 'light', size: '12' } }));
    const read = async (key: string) => (await p.call('config', key)).text();
    expect(await Promise.all(['theme', 'size', 'extra', 'none', '__proto__'].map(read))).toEqual([
      'dark',
      '12',
      'ä',
      '',
      '',
    ]);
  });

  it('of one plugin is not another’s', async () => {
    const host = await openHost({ config: { q: { secret: 'of q' } } });
    const p = await host.load(plugin('p', lab));
    expect((await p.call('config', 'secret')).text()).toBe('');
  });
});
