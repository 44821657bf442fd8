import { describe, expect, it } from 'vitest';
import { lab } from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin, recorder, rejection } from './open-host.js';

describe('the lifecycle of a plugin', () => {
  it('is told transition by transition', async () => {
    const host = await openHost();
    const events = collect(host, 'lifecycle');
    const p = await host.load(plugin('p', lab));
    await p.call('echo', 'x');
    await p.unload();
    expect(events.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      'resolved -> loading',
      'loading -> ready',
      'ready -> running',
      'running -> ready',
      'ready -> draining',
      'draining -> unloaded',
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ plugin: 'p', version: '1.0.0', at: expect.any(Number) });
      expect(Object.isFrozen(event)).toBe(true);
    }
  });

  it('is told under plugin:<state> too, with the same payload', async () => {
    const host = await openHost();
    const [all, ready, unloaded] = [
      collect(host, 'lifecycle'),
      collect(host, 'plugin:ready'),
      collect(host, 'plugin:unloaded'),
    ];
    const p = await host.load(plugin('p', lab));
    await p.unload();
    expect(ready[0]).toBe(all.find(({ to }) => to === 'ready'));
    expect(unloaded).toHaveLength(1);
  });

  it('has running once for calls that overlap', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const running = collect(host, 'plugin:running');
    const ready = collect(host, 'plugin:ready');
    await Promise.all(Array.from({ length: 20 }, () => p.call('echo', 'x')));
    expect([running.length, ready.length]).toEqual([1, 1]);
  });

  it('is what the handle says when it is told', async () => {
    const host = await openHost();
    const states: [string, string][] = [];
    host.on('lifecycle', ({ plugin: name, to }) => {
      if (to === 'loading') return;
      states.push([to, host.list().find((one) => one.name === name)?.state ?? 'gone']);
    });
    const p = await host.load(plugin('p', lab));
    await p.call('echo');
    expect(states).toEqual([
      ['ready', 'ready'],
      ['running', 'running'],
      ['ready', 'ready'],
    ]);
  });
});

describe('a call', () => {
  it('is told when it is over, with its figures', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const told = next(host, 'call');
    await p.call('echo', 'grüße');
    const event = await told;
    expect(event).toMatchObject({
      plugin: 'p',
      version: '1.0.0',
      fn: 'echo',
      ok: true,
      inputBytes: 7,
      outputBytes: 7,
      callId: expect.any(String),
    });
    expect(event).not.toHaveProperty('code');
    for (const figure of [event.durationMs, event.queuedMs, event.cpuMs])
      expect(figure).toBeGreaterThanOrEqual(0);
    expect(event.fuel).toBeGreaterThan(0);
    expect(event.memoryBytes).toBeGreaterThanOrEqual(65_536);
    expect(Object.isFrozen(event)).toBe(true);
  });

  it('that fails has the code of its error, and the same id', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const told = next(host, 'call');
    const error = await rejection(p.call('fail'));
    expect(await told).toMatchObject({ ok: false, code: 'ERR_GUEST', callId: error.callId });
  });

  it('has no fuel where the host does not meter', async () => {
    const host = await openHost({ metering: false });
    const p = await host.load(plugin('p', lab));
    const told = next(host, 'call');
    await p.call('echo');
    expect(await told).not.toHaveProperty('fuel');
  });

  it('that was refused before it had an id is not told', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const calls = collect(host, 'call');
    await rejection(p.call('no such function'));
    await p.call('echo');
    expect(calls.map(({ fn }) => fn)).toEqual(['echo']);
  });

  it('is told before its promise settles', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const order: string[] = [];
    host.on('call', () => order.push('event'));
    await p.call('echo').then(() => order.push('answer'));
    expect(order).toEqual(['event', 'answer']);
  });
});

describe('a violation', () => {
  it('is told before the end of its call, with the call’s id', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const order: string[] = [];
    host.on('violation', ({ kind }) => order.push(`violation ${kind}`));
    host.on('call', ({ code }) => order.push(`call ${code}`));
    const told = next(host, 'violation');
    const error = await rejection(p.call('spin', '', { timeoutMs: 30 }));
    expect(order).toEqual(['violation timeout', 'call ERR_TIMEOUT']);
    expect(await told).toMatchObject({
      id: expect.any(String),
      plugin: 'p',
      version: '1.0.0',
      kind: 'timeout',
      severity: 'medium',
      message: expect.stringContaining('30 ms'),
      detail: { limit: 30 },
      callId: error.callId,
      count: 1,
      at: expect.any(Number),
    });
  });

  it('is frozen to its depth', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const told = next(host, 'violation');
    await rejection(p.call('bad_output'));
    const event = await told;
    expect(Object.isFrozen(event)).toBe(true);
    expect(Object.isFrozen(event.detail)).toBe(true);
  });

  it('is counted by its kind', async () => {
    const host = await openHost({ quarantine: { maxViolations: 10 } });
    const p = await host.load(plugin('p', lab));
    const violations = collect(host, 'violation');
    await rejection(p.call('recurse'));
    await rejection(p.call('bad_output'));
    await rejection(p.call('bad_load'));
    expect(violations.map(({ kind, count }) => [kind, count])).toEqual([
      ['stack', 1],
      ['abi', 1],
      ['abi', 2],
    ]);
    expect(new Set(violations.map(({ id }) => id)).size).toBe(3);
  });
});

describe('a guest’s log', () => {
  it('is told line by line with its level, and goes to the plugin’s own logger', async () => {
    const logger = recorder();
    const host = await openHost({ logger });
    const p = await host.load(plugin('p', lab));
    const lines = collect(host, 'log');
    await p.call('log', 'a line');
    expect(lines.map(({ level, message }) => [level, message])).toEqual(
      ['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, 'a line']),
    );
    expect(lines[0]).toMatchObject({
      plugin: 'p',
      version: '1.0.0',
      callId: expect.any(String),
      at: expect.any(Number),
    });
    const written = logger.lines.filter(({ message }) => message === 'a line');
    expect(written.map(({ level }) => level)).toEqual(['trace', 'debug', 'info', 'warn', 'error']);
    expect(written[0]!.fields).toMatchObject({ plugin: 'p', version: '1.0.0' });
  });

  it('cannot write more than one line, or colours, at a time', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const line = next(host, 'log');
    await p.call('log', 'first\nsecond \u001b[31mred\u202e');
    expect((await line).message).toBe('first\\nsecond \\x1b[31mred\\u202e');
  });

  it('is kept to the last line where the guest traps', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const lines = collect(host, 'log');
    await rejection(p.call('log_and_trap', 'famous last words'));
    expect(lines.map(({ message }) => message)).toEqual(['famous last words']);
  });

  it('is told before the end of its call', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const order: string[] = [];
    host.on('log', ({ level }) => order.push(level));
    host.on('call', () => order.push('call'));
    await p.call('log', 'x');
    expect(order).toEqual(['trace', 'debug', 'info', 'warn', 'error', 'call']);
  });
});

describe('a listener', () => {
  it('that throws or rejects breaks nothing: it is logged, and the others run', async () => {
    const logger = recorder();
    const host = await openHost({ logger });
    const heard: string[] = [];
    host.on('lifecycle', () => {
      throw new Error('a bad listener');
    });
    host.on('lifecycle', async () => {
      throw new Error('a bad async listener');
    });
    host.on('lifecycle', ({ to }) => heard.push(to));
    const p = await host.load(plugin('p', lab));
    expect((await p.call('echo', 'x')).text()).toBe('x');
    expect(heard).toEqual(['loading', 'ready', 'running', 'ready']);
    const errors = logger.lines
      .filter(({ level }) => level === 'error')
      .map(({ fields }) => String(fields.err));
    expect(errors).toContain('Error: a bad listener');
    expect(errors).toContain('Error: a bad async listener');
  });

  it('that unloads the plugin in the midst of things does no harm', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const unloaded = next(host, 'plugin:unloaded');
    host.once('violation', () => void host.unload('p', { drainMs: 0 }));
    await rejection(p.call('bad_output'));
    await unloaded;
    expect(host.list()).toEqual([]);
  });

  it('that closes the host when a call ends does no harm', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    host.once('call', () => void host.close());
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => p.call('echo', 'x')));
    expect(results).toHaveLength(5);
    await host.close();
  });
});
