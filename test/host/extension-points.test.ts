import type { ExtensionContract, Host, HostOptions, InMemoryPlugin } from 'cordon';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fn, guest } from '../fixtures/guests/guest.js';
import { lab } from '../fixtures/guests/guests.js';
import { collect, openHost, plugin, rejection } from './open-host.js';

/** `say` answers with a text, `add` with its input twice, `none` with nothing, `null` with null, `bad` fails, `wait` never ends. */
const voice = (said: string) =>
  guest(
    (text) => `
    ${fn('say', `(call $reply ${text(JSON.stringify(said))})`)}
    ${fn('add', '(call $reply (call $input_offset))')}
    ${fn('none', '')}
    ${fn('null', `(call $reply ${text('null')})`)}
    ${fn('bad', `(call $error_set ${text(`${said} cannot`)}) (return (i32.const 1))`)}
    ${fn('wait', '(loop $on (br $on))')}
    ${fn('on_activate', '')}`,
  );

const voices = { a: voice('A'), b: voice('B'), c: voice('C') };

function contributor(
  name: keyof typeof voices,
  entry: string | object,
  more: Partial<InMemoryPlugin['manifest']> = {},
): InMemoryPlugin {
  return plugin(name, voices[name], { contributes: { greet: entry } as never, ...more });
}

async function hostWith(plugins: readonly InMemoryPlugin[], options: HostOptions = {}): Promise<Host> {
  const host = await openHost({ catalog: [...plugins], ...options });
  for (const { manifest } of plugins) await host.load(`${manifest.name}`);
  return host;
}

const text = { output: z.string() } satisfies ExtensionContract;

describe('order', () => {
  it('is by priority, then by activation, then by the list of the plugin', async () => {
    const host = await hostWith([
      contributor('b', 'say'),
      contributor('a', [
        { export: 'say', priority: -1 },
        { export: 'none', priority: 5 },
        { export: 'null', priority: 5 },
      ]),
      contributor('c', { export: 'say', priority: 0 }),
    ]);
    const point = host.extensionPoint('greet');
    expect(point.contributions().map((one) => `${one.plugin}.${one.export} ${one.priority}`)).toEqual([
      'a.none 5',
      'a.null 5',
      'b.say 0',
      'c.say 0',
      'a.say -1',
    ]);
    const inParallel = await point.parallel('');
    expect(inParallel.results.map((one) => `${one.plugin}.${one.export}`)).toEqual(
      point.contributions().map((one) => `${one.plugin}.${one.export}`),
    );
  });
});

describe('runs', () => {
  it('all and parallel answer with every value, typed and checked', async () => {
    const host = await hostWith([contributor('a', 'say'), contributor('b', 'say'), plugin('lab', lab)]);
    const point = host.extensionPoint('greet', text);
    for (const run of [await point.all('x'), await point.parallel('x')]) {
      const values: readonly string[] = run.values;
      expect(values).toEqual(['"A"', '"B"']);
      expect(run.results[0]).toMatchObject({
        plugin: 'a',
        version: '1.0.0',
        export: 'say',
        ok: true,
        value: '"A"',
      });
      expect(run.results[0]!.durationMs).toBeGreaterThan(0);
      expect(run.skipped).toEqual([]);
      expect(Object.isFrozen(run) && Object.isFrozen(run.results)).toBe(true);
    }
  });

  it('first takes the first that answers something', async () => {
    const host = await hostWith([
      contributor('a', 'none'),
      contributor('b', 'null'),
      contributor('c', 'say'),
    ]);
    const run = await host.extensionPoint('greet', { output: z.unknown() }).first('');
    expect([run.value, run.plugin, run.results.length]).toEqual(['C', 'c', 3]);
    await host.unload('c');
    const none =
      (await host.plugin('a')) &&
      (await hostWith([contributor('a', 'none')])).extensionPoint('greet').first('');
    expect(await none).toMatchObject({ value: undefined, plugin: undefined });
  });

  it('first asks the application what an answer is, and nobody after it', async () => {
    const host = await hostWith([contributor('a', 'say'), contributor('b', 'say'), contributor('c', 'bad')]);
    const run = await host
      .extensionPoint('greet', { ...text, isAnswer: (value: string) => value === '"B"' })
      .first('');
    expect([run.plugin, run.results.map((one) => one.plugin)]).toEqual(['b', ['a', 'b']]);
  });

  it('waterfall hands on what came out; nothing changes nothing', async () => {
    const host = await hostWith([contributor('a', 'add'), contributor('b', 'none'), contributor('c', 'say')]);
    const point = host.extensionPoint('greet', { input: z.string(), output: z.string() });
    expect((await point.waterfall('start')).value).toBe('"C"');
    await host.unload('c');
    expect((await point.waterfall('start')).value).toBe('start');
    const untyped = await (await hostWith([contributor('a', 'say'), contributor('b', 'add')]))
      .extensionPoint('greet')
      .waterfall('');
    expect((untyped.value as { text(): string }).text()).toBe('"A"');
  });

  it('without anybody come to nothing', async () => {
    const host = await openHost();
    const point = host.extensionPoint('greet', text);
    expect(await point.all('x')).toEqual({ results: [], skipped: [], values: [] });
    expect((await point.waterfall('x')).value).toBe('x');
    expect((await point.first('x')).value).toBeUndefined();
  });
});

describe('a failure', () => {
  const plugins = [contributor('a', 'say'), contributor('b', 'bad'), contributor('c', 'say')];

  it('ends the run by default, with the plugin’s own code', async () => {
    const host = await hostWith(plugins);
    const point = host.extensionPoint('greet', text);
    for (const mode of ['all', 'parallel', 'waterfall'] as const) {
      const error = await rejection(point[mode](''));
      expect(error).toMatchObject({ code: 'ERR_GUEST', plugin: 'b', details: { extensionPoint: 'greet' } });
      expect(error.message).toContain('B cannot');
      expect(error.cause).toMatchObject({ code: 'ERR_GUEST' });
    }
  });

  it('is passed over where the contract, the run or the host says so', async () => {
    const host = await hostWith(plugins);
    const strict = host.extensionPoint('greet', text);
    const run = await strict.all('', { failurePolicy: 'skip' });
    expect(run.values).toEqual(['"A"', '"C"']);
    expect(run.results[1]).toMatchObject({ plugin: 'b', ok: false, error: { code: 'ERR_GUEST' } });
    const lenient = (await hostWith(plugins)).extensionPoint('greet', { ...text, failurePolicy: 'skip' });
    expect((await lenient.parallel('')).values).toEqual(['"A"', '"C"']);
    expect((await lenient.first('')).plugin).toBe('a');
    const byHost = await hostWith(plugins, { plugins: { b: { failurePolicy: 'skip' } } });
    expect((await byHost.extensionPoint('greet', text).all('')).values).toHaveLength(2);
  });

  it('of a plugin that the host does not do without ends the run, whatever the contract says', async () => {
    const host = await hostWith(plugins, {
      plugins: { b: { failurePolicy: 'fail' }, '*': { failurePolicy: 'skip' } },
    });
    const point = host.extensionPoint('greet', { ...text, failurePolicy: 'skip' });
    expect(await rejection(point.all('', { failurePolicy: 'skip' }))).toMatchObject({ plugin: 'b' });
  });

  it('is an answer that does not fit the contract', async () => {
    const host = await hostWith(plugins);
    const point = host.extensionPoint('greet', { output: z.strictObject({}), failurePolicy: 'skip' });
    const run = await point.all('');
    expect(run.results.map(({ error }) => error?.code)).toEqual(['ERR_OUTPUT', 'ERR_GUEST', 'ERR_OUTPUT']);
    const other = (await hostWith([contributor('a', 'say')])).extensionPoint('greet', {
      input: z.string().max(2),
      failurePolicy: 'skip',
    } as ExtensionContract);
    expect((await other.waterfall('x')).value).toBe('x');
  });

  it('is an empty output where all are asked for a value, and not where the first or the last counts', async () => {
    const host = await hostWith([contributor('a', 'none')]);
    const point = host.extensionPoint('greet', { output: z.object({}), failurePolicy: 'skip' });
    expect((await point.all('')).results).toMatchObject([{ ok: false, error: { code: 'ERR_OUTPUT' } }]);
    for (const run of [await point.first(''), await point.waterfall('')]) {
      expect([run.results[0]!.ok, run.values]).toEqual([true, []]);
    }
  });

  it('is none of the plugins where the input is wrong', async () => {
    const host = await hostWith([contributor('a', 'say')]);
    const point = host.extensionPoint('greet', { input: z.number(), failurePolicy: 'skip' });
    expect(await rejection(point.all('x' as never))).toMatchObject({ code: 'ERR_INPUT', plugin: undefined });
  });
});

describe('an end from outside', () => {
  it('stops a run that is aborted, late, or of a host that closes', async () => {
    const host = await hostWith([contributor('a', 'wait'), contributor('b', 'say')]);
    const point = host.extensionPoint('greet', { failurePolicy: 'skip' });
    const aborted = new AbortController();
    const run = point.all('', { signal: aborted.signal });
    aborted.abort();
    expect(await rejection(run)).toMatchObject({ code: 'ERR_ABORTED', details: { extensionPoint: 'greet' } });
    expect(await rejection(point.parallel('', { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ERR_ABORTED',
    });
    expect(await rejection(point.all('', { timeoutMs: 30 }))).toMatchObject({ code: 'ERR_TIMEOUT' });
    const each = await point.all('', { callTimeoutMs: 30 });
    expect(each.results.map(({ error }) => error?.code)).toEqual(['ERR_TIMEOUT', undefined]);
    const late = rejection(point.parallel(''));
    await host.close({ drainMs: 0 });
    expect(await late).toMatchObject({ code: 'ERR_CLOSED' });
    expect(await rejection(point.all(''))).toMatchObject({ code: 'ERR_CLOSED' });
  });

  it('of one plugin in parallel ends the others’ calls', async () => {
    const host = await hostWith([contributor('a', 'wait'), contributor('b', 'bad')]);
    expect(await rejection(host.extensionPoint('greet').parallel(''))).toMatchObject({
      code: 'ERR_GUEST',
      plugin: 'b',
    });
  });
});

describe('plugins that come and go', () => {
  it('quarantined ones are left out, and told of once', async () => {
    const host = await hostWith([contributor('a', 'say'), contributor('b', 'say')]);
    const warnings = collect(host, 'warning');
    const point = host.extensionPoint('greet', text);
    host.quarantine('a', 'a test');
    for (let i = 0; i < 3; i++) {
      const run = await point.all('');
      expect([run.values, run.skipped]).toEqual([
        ['"B"'],
        [{ plugin: 'a', version: '1.0.0', reason: 'quarantined' }],
      ]);
    }
    expect(warnings).toMatchObject([
      { topic: 'extension', plugin: 'a', detail: { extensionPoint: 'greet', reason: 'quarantined' } },
    ]);
    host.release('a');
    expect((await point.all('')).values).toEqual(['"A"', '"B"']);
  });

  it('one that is unloaded, or reloaded, while a run is on its way there', async () => {
    const again = plugin('b', voices.c, { version: '2.0.0', contributes: { greet: 'say' } });
    const other = plugin('b', voices.c, { version: '3.0.0', contributes: { other: 'say' } });
    const host = await hostWith([contributor('a', 'say'), contributor('b', 'say')], {
      catalog: [contributor('a', 'say'), contributor('b', 'say'), again, other],
    });
    await host.reload('b', { to: '1.0.0' });
    let during: (() => Promise<unknown>) | undefined;
    const validate = async (value: unknown) => {
      const work = during;
      during = undefined;
      await work?.();
      return { value: String(value) };
    };
    const output = { '~standard': { version: 1 as const, vendor: 'test', validate } };
    const point = host.extensionPoint('greet', { output });
    during = () => host.reload('b', { to: '2.0.0' });
    expect((await point.all('')).results.map(({ version, value }) => [version, value])).toEqual([
      ['1.0.0', 'A'],
      ['2.0.0', 'C'],
    ]);
    during = () => host.reload('b', { to: '3.0.0' });
    expect((await point.all('')).skipped).toEqual([{ plugin: 'b', version: '3.0.0', reason: 'changed' }]);
    await host.reload('b', { to: '2.0.0' });
    during = () => host.unload('b');
    expect((await point.all('')).skipped).toEqual([{ plugin: 'b', version: '2.0.0', reason: 'gone' }]);
  });
});

describe('what is wrong', () => {
  it('a contribution to nothing is a warning, with the name that was meant', async () => {
    const host = await openHost({ catalog: [plugin('x', voices.a, { contributes: { greeet: 'say' } })] });
    const warnings = collect(host, 'warning');
    host.extensionPoint('greet');
    await host.load('x');
    expect(warnings).toMatchObject([
      { topic: 'extension', plugin: 'x', message: expect.stringContaining('Did it mean "greet"?') },
    ]);
  });

  it('a contribution of an export that is not there refuses the load', async () => {
    const host = await openHost();
    const error = await rejection(host.load(contributor('a', 'shout')));
    expect(error).toMatchObject({
      code: 'ERR_MANIFEST',
      details: { missing: ['shout'], extensionPoint: 'greet' },
    });
  });

  it('names and contracts that are none, and names that are taken', async () => {
    const host = await openHost();
    host.extensionPoint('constructor');
    for (const name of ['', 'a b', '__proto__', 'x'.repeat(129), 5, undefined, 'constructor']) {
      expect(() => host.extensionPoint(name as never), String(name)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTIONS' }),
      );
    }
    for (const contract of [
      { inputs: z.string() },
      { input: {} },
      { failurePolicy: 'ignore' },
      { timeoutMs: -1 },
      5,
      null,
    ]) {
      expect(() => host.extensionPoint('fresh', contract as never)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTIONS' }),
      );
    }
    const point = host.extensionPoint('fresh');
    for (const options of [{ timeout: 5 }, { signal: 5 }, 5, { failurePolicy: 'x' }]) {
      expect((await rejection(point.all('', options as never))).code).toBe('ERR_OPTIONS');
    }
    expect((await point.all('')).results).toEqual([]);
  });

  it('prototype names of points that nobody contributes to find nobody', async () => {
    const host = await hostWith([contributor('a', 'say')]);
    expect(host.extensionPoint('toString').contributions()).toEqual([]);
  });
});
