import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { type CallTrace, defineHostFunction, type HostFunctionTrace, type Trace } from 'cordon';
import { describe, expect, it, onTestFinished } from 'vitest';
import { section, tableRows } from '../docs/markdown.js';
import { caller, hostCaller, http, lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';

type Step = 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error';

/** Everything that a tracing channel tells until the test is over. */
function listen<Message extends Trace>(name: string, onStart: (message: Message) => void = () => {}) {
  const steps: { readonly step: Step; readonly message: Message }[] = [];
  const note = (step: Step) => (message: unknown) => {
    steps.push({ step, message: message as Message });
    if (step === 'start') onStart(message as Message);
  };
  const listeners = {
    start: note('start'),
    end: note('end'),
    asyncStart: note('asyncStart'),
    asyncEnd: note('asyncEnd'),
    error: note('error'),
  };
  const tracing = tracingChannel(name);
  tracing.subscribe(listeners);
  onTestFinished(() => void tracing.unsubscribe(listeners));
  return {
    steps,
    of: (step: Step) => steps.filter((one) => one.step === step).map(({ message }) => message),
  };
}

describe('the channel of calls', () => {
  it('tells of the start and the end with one message', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const { steps } = listen<CallTrace>('cordon:call');
    await p.call('echo', 'x', { tenant: 'blue' });
    expect(steps.map(({ step }) => step)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(new Set(steps.map(({ message }) => message)).size).toBe(1);
    expect(steps[0]!.message).toMatchObject({
      plugin: 'p',
      version: '1.0.0',
      fn: 'echo',
      isExport: true,
      tenant: 'blue',
      callId: expect.any(String),
      figures: { ok: true, inputBytes: 1, outputBytes: 1 },
    });
    expect(steps[0]!.message.host).toBe(host);
  });

  it('tells of errors, also of a call that was refused', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const { of } = listen<CallTrace>('cordon:call');
    const errors = [await rejection(p.call('trap')), await rejection(p.call('absent'))];
    expect(of('error').map(({ error }) => error)).toEqual(errors);
    expect(of('error').map(({ isExport }) => isExport)).toEqual([true, false]);
    expect(of('asyncEnd')[1]!.callId).toBeUndefined();
  });

  it('knows which call made a call', async () => {
    const host = await openHost({ catalog: [plugin('base', lab)] });
    const top = await host.load(
      plugin('top', caller({ go: ['base', 'echo'] }), { dependencies: { base: '*' } }),
    );
    const { of } = listen<CallTrace>('cordon:call');
    await top.call('go', 'x');
    const [outer, inner] = of('start');
    expect([outer!.plugin, inner!.plugin]).toEqual(['top', 'base']);
    expect(inner!.caller).toBe(outer);
    expect(outer!.caller).toBeUndefined();
  });

  it('costs no message where nobody listens, and a call that began unheard is not told of', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    await p.call('echo');
    const { steps } = listen('cordon:call');
    expect(steps).toEqual([]);
  });
});

describe('the channel of host functions', () => {
  const withGreet = async (greet: () => unknown) => {
    const host = await openHost({
      hostFunctions: {
        greet: defineHostFunction({ params: ['bytes'], result: 'text' }, greet as () => string),
      },
      grants: { '*': { hostFunctions: ['greet'] } },
    });
    return host.load(plugin('p', hostCaller('greet'), { permissions: { hostFunctions: ['greet'] } }));
  };

  it('knows the call, and lets the function run where a subscriber wants it', async () => {
    const storage = new AsyncLocalStorage<string>();
    const p = await withGreet(async () => {
      await null;
      return storage.getStore() ?? 'nowhere';
    });
    const calls = listen<CallTrace>('cordon:call');
    const { of } = listen<HostFunctionTrace>('cordon:host-function', (message) => {
      message.run = (work) => storage.run('in a context of its own', work);
    });
    expect((await p.call('host')).text()).toBe('in a context of its own');
    expect(of('start')[0]).toMatchObject({
      name: 'greet',
      plugin: 'p',
      callId: calls.of('start')[0]!.callId,
    });
    expect(of('start')[0]!.call).toBe(calls.of('start')[0]);
  });

  it('tells of what it throws', async () => {
    const p = await withGreet(() => {
      throw new Error('no');
    });
    const { of } = listen<HostFunctionTrace>('cordon:host-function');
    await rejection(p.call('host'));
    expect(of('error')[0]!.error).toMatchObject({ code: 'ERR_HOST_FUNCTION' });
    expect(of('asyncEnd')).toHaveLength(1);
  });
});

describe('the other channels', () => {
  it('tell of HTTP requests and loads', async () => {
    const host = await openHost();
    const loads = listen('cordon:load');
    const p = await host.load(plugin('p', http));
    expect(loads.of('asyncEnd')).toMatchObject([
      { plugin: 'p', version: '1.0.0', origin: expect.stringContaining('memory') },
    ]);
    const requests = listen('cordon:http');
    await rejection(p.call('get', { url: 'https://user:word@example.com/path?token=secret' }));
    expect(requests.of('error')).toMatchObject([
      { plugin: 'p', method: 'GET', status: 0, error: { code: 'ERR_PERMISSION' } },
    ]);
    expect(
      JSON.stringify(requests.of('start')[0]!, (key, value) => (key === 'host' ? 0 : value)),
    ).not.toMatch(/secret|word/);
  });

  it('tell of transitions and violations of every host', async () => {
    const seen: unknown[] = [];
    const note = (message: unknown) => seen.push(message);
    for (const name of ['cordon:lifecycle', 'cordon:violation']) {
      channel(name).subscribe(note);
      onTestFinished(() => void channel(name).unsubscribe(note));
    }
    const hosts = [await openHost(), await openHost()];
    for (const host of hosts) {
      const p = await host.load(plugin('p', lab));
      await rejection(p.call('spin', '', { timeoutMs: 50 }));
      expect(seen).toContainEqual({ host, event: expect.objectContaining({ plugin: 'p', to: 'ready' }) });
      expect(seen).toContainEqual({ host, event: expect.objectContaining({ plugin: 'p', kind: 'timeout' }) });
    }
  });
});

it('docs/reference/diagnostics-channels.md has every channel', () => {
  const page = readFileSync(new URL('../../docs/reference/diagnostics-channels.md', import.meta.url), 'utf8');
  const source = readFileSync(new URL('../../src/events/channels.ts', import.meta.url), 'utf8');
  const made = [...source.matchAll(/hannel\('(cordon:[a-z-]+)'\)/g)].map(([, name]) => name);
  const described = tableRows(section(page, 'Channels'))
    .slice(1)
    .map(([name]) => /`([^`]+)`/.exec(name!)![1]);
  expect(described.sort()).toEqual(made.sort());
});
