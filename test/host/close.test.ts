import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHost, defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO, hooks, hostCaller, lab, spinsAtStart } from '../fixtures/guests/guests.js';
import { liveTimers, watchTimers } from './live-timers.js';
import {
  activeResources,
  collect,
  deferred,
  leftOver,
  next,
  openHost,
  plugin,
  rejection,
  silent,
} from './open-host.js';

describe('close', () => {
  it('takes down plugins in the reverse order of their activation', async () => {
    const host = await openHost({
      catalog: [plugin('base', hooks), plugin('top', hooks, { dependencies: { base: '*' } })],
    });
    await host.load('top');
    const order: string[] = [];
    host.on('log', ({ plugin: name, message }) => order.push(`${name} ${message}`));
    host.on('plugin:unloaded', ({ plugin: name }) => order.push(`${name} unloaded`));
    await host.close();
    expect(order).toEqual(['top deactivated', 'top unloaded', 'base deactivated', 'base unloaded']);
    expect(host.health().status).toBe('stopped');
  });

  it('may be done twice, and at the same time', async () => {
    const host = await openHost();
    await host.load(plugin('p', lab));
    const unloaded = collect(host, 'plugin:unloaded');
    await Promise.all([host.close(), host.close(), host[Symbol.asyncDispose]()]);
    await host.close();
    expect(unloaded).toHaveLength(1);
  });

  it('of a host that did nothing is as good', async () => {
    const host = await openHost();
    await host.close();
  });

  it('refuses whatever comes after', async () => {
    const host = await openHost({ catalog: [plugin('p', lab)] });
    const p = await host.load('p');
    const closing = host.close();
    const refused = [host.load('p'), host.unload('p'), host.reload('p'), host.resolve('p'), p.call('echo')];
    for (const error of await Promise.all(refused.map((one) => rejection(one))))
      expect(error.code).toBe('ERR_CLOSED');
    await closing;
    expect(() => host.plugin('p')).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
    expect(host.list()).toEqual([]);
    expect(host.stats().threads).toBe(0);
  });

  it('ends resolutions and loads that wait for a catalog which never answers', async () => {
    const asked = deferred();
    const hang = () => {
      asked.resolve();
      return new Promise<never>(() => {});
    };
    const never = { id: 'never', candidates: hang, broken: hang };
    const host = await openHost({ catalog: never });
    const waiting = [host.resolve('a'), host.load('a'), host.broken()].map((one) =>
      one.then(
        () => 'done',
        ({ code }) => code,
      ),
    );
    await asked.promise;
    await host.close();
    // Whose turn had not come yet was not aborted.
    const ended = expect.stringMatching(/^ERR_(ABORTED|CLOSED)$/);
    expect(await Promise.all(waiting)).toEqual(['ERR_ABORTED', ended, 'done']);
  });

  it('lets running calls finish within drainMs', async () => {
    const entered = deferred();
    const gate = deferred<string>();
    const host = await openHost({
      hostFunctions: {
        wait: defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
          entered.resolve();
          return gate.promise;
        }),
      },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const p = await host.load(plugin('p', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }));
    const call = p.call('host');
    await entered.promise;
    const closing = host.close({ drainMs: Number.POSITIVE_INFINITY });
    gate.resolve('finished');
    expect((await call).text()).toBe('finished');
    await closing;
  });

  it('ends what does not finish, and settles every call', async () => {
    const host = await openHost({ budget: { concurrentCalls: 2 } });
    const [p, q] = await host.load([plugin('p', lab), plugin('q', lab)]);
    const calls = [p!.call('spin'), ...Array.from({ length: 30 }, () => p!.call('echo')), q!.call('spin')];
    const errors = Promise.all(calls.map((call) => rejection(call)));
    await host.close({ drainMs: 0 });
    for (const { code } of await errors) expect(code).toBe('ERR_CLOSED');
  });

  it('ends a guest that cannot be stopped otherwise', async () => {
    const host = await openHost({ metering: false });
    const p = await host.load(plugin('p', lab));
    const running = next(host, 'plugin:running');
    const call = rejection(p.call('spin'));
    await running;
    await host.close({ drainMs: 0 });
    expect((await call).code).toBe('ERR_CLOSED');
  });

  it('ends a call in a host function that never settles, and aborts it', async () => {
    const entered = deferred<AbortSignal>();
    const host = await openHost({
      hostFunctions: {
        wait: defineHostFunction({ params: ['bytes'], result: 'bytes' }, (_, { signal }) => {
          entered.resolve(signal);
          return new Promise<never>(() => {});
        }),
      },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const p = await host.load(plugin('p', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }));
    const call = rejection(p.call('host'));
    const signal = await entered.promise;
    await host.close({ drainMs: 0 });
    expect((await call).code).toBe('ERR_CLOSED');
    expect(signal.aborted).toBe(true);
  });

  it('during a load calls it off, and nothing of it is left', async () => {
    const host = await openHost({
      catalog: [plugin('base', lab), plugin('top', lab, { dependencies: { base: '*' } })],
    });
    const loads = ['top', 'base'].map((name) => rejection(host.load(name)));
    await host.close();
    for (const { code } of await Promise.all(loads)) expect(['ERR_CLOSED', 'ERR_ABORTED']).toContain(code);
    expect(host.stats().instances).toBe(0);
  });

  it('during a start that hangs ends with it', async () => {
    const host = await openHost({ limits: { startTimeoutMs: 300 } });
    const loading = next(host, 'plugin:loading');
    const load = rejection(host.load(plugin('p', spinsAtStart)));
    await loading;
    await host.close({ drainMs: 0 });
    expect(['ERR_CLOSED', 'ERR_ABORTED', 'ERR_TIMEOUT']).toContain((await load).code);
  });

  it('goes on where on_deactivate fails', async () => {
    const fails = guest(() => `${ECHO} (func (export "on_deactivate") (unreachable))`);
    const host = await openHost();
    await host.load(plugin('p', fails));
    const warned = next(host, 'warning');
    await host.close();
    expect(await warned).toMatchObject({ plugin: 'p', code: 'ERR_TRAP' });
  });

  it('is what await using does', async () => {
    watchTimers();
    const before = activeResources();
    let threads: () => number;
    {
      await using host = await createHost({ logger: silent });
      const p = await host.load(plugin('p', lab));
      await p.call('echo');
      threads = () => host.stats().threads;
      expect(threads()).toBeGreaterThan(0);
    }
    expect(threads()).toBe(0);
    expect(liveTimers()).toEqual([]);
    expect(await leftOver(before)).toEqual([]);
  });
});

describe('twenty hosts one after the other', () => {
  it('leave nothing', async () => {
    watchTimers();
    const before = activeResources();
    for (let i = 0; i < 20; i++) {
      const host = await createHost({ logger: silent, threads: { min: 1, max: 1 } });
      const p = await host.load(plugin('p', lab));
      await p.call('echo', 'x');
      await host.close();
      expect(host.stats().threads).toBe(0);
    }
    expect(liveTimers()).toEqual([]);
    expect(await leftOver(before)).toEqual([]);
  });
});

describe('a process', () => {
  const run = async (body: string): Promise<{ code: number | null; out: string; err: string }> => {
    const bytes = Buffer.from(lab).toString('base64');
    const program = `
      import { createHost } from 'cordon';
      const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };
      const wasm = Buffer.from('${bytes}', 'base64');
      const plugin = (name) => ({ manifest: { manifestVersion: 1, name, version: '1.0.0' }, wasm });
      ${body}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      texts.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      texts.err += chunk;
    });
    const [code] = await once(child, 'close');
    return { code, ...texts };
  };

  it('ends by itself after close', async () => {
    const result = await run(`
      const host = await createHost({ logger });
      const [p, q] = await host.load([plugin('p'), plugin('q')]);
      console.log((await p.call('echo', 'answered')).text());
      await q.call('spin', '', { timeoutMs: 50 }).catch((error) => console.log(error.code));
      const running = p.call('spin').catch((error) => console.log(error.code));
      await host.close({ drainMs: 0 });
      await running;`);
    expect(result).toEqual({ code: 0, out: 'answered\nERR_TIMEOUT\nERR_CLOSED\n', err: '' });
  });

  it('waits for its calls, though nothing else keeps it alive', async () => {
    const result = await run(`
      const host = await createHost({ logger });
      const p = await host.load(plugin('p'));
      p.call('spin', '', { timeoutMs: 300 }).catch((error) => console.log(error.code));`);
    expect(result).toEqual({ code: 0, out: 'ERR_TIMEOUT\n', err: '' });
  });

  it('is not kept alive by a host that is forgotten', async () => {
    const result = await run(`
      const host = await createHost({ logger });
      const p = await host.load(plugin('p'));
      console.log((await p.call('echo', 'bye')).text());`);
    expect(result).toEqual({ code: 0, out: 'bye\n', err: '' });
  });
});
