import { channel, tracingChannel } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, defineHostFunction, type HostOptions } from 'cordon';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { ECHO, hostCaller, http, lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, recorder, rejection, silent } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const KEY = 'sk-live-4f9d2a77';
const config = { p: { key: { secret: KEY }, theme: 'dark' } };

/** Everything that the host says, in one text. */
async function listening(options: HostOptions = {}) {
  const logger = recorder();
  const said: unknown[] = [];
  const host = await openHost({ config, logger, ...options });
  for (const event of ['lifecycle', 'violation', 'call', 'log', 'warning', 'plugin:restarted'] as const) {
    host.on(event, (payload: unknown) => said.push(payload));
  }
  for (const name of ['cordon:lifecycle', 'cordon:violation']) {
    const note = (message: unknown) => said.push((message as { event: unknown }).event);
    channel(name).subscribe(note);
    onTestFinished(() => void channel(name).unsubscribe(note));
  }
  const none = () => {};
  for (const name of ['cordon:call', 'cordon:host-function', 'cordon:http', 'cordon:load']) {
    // The output of a call is in its message, for whoever made the call.
    const note = ({ error, ...message }: { error?: unknown; name?: string; url?: string }) =>
      said.push(error, message.name, message.url);
    const listeners = { start: none, end: none, asyncStart: none, asyncEnd: note, error: note } as never;
    tracingChannel(name).subscribe(listeners);
    onTestFinished(() => tracingChannel(name).unsubscribe(listeners));
  }
  const text = () =>
    JSON.stringify(
      [
        said,
        host.metrics(),
        logger.lines,
        host.list().map(({ name }) => [host.info(name), host.health(name)]),
        host.health(),
      ],
      (_, value) =>
        value instanceof Error
          ? `${value.stack} ${value.message}`
          : typeof value === 'bigint'
            ? `${value}`
            : value,
    );
  return { host, text };
}

describe('a secret of a config', () => {
  it('reaches the guest as it is', async () => {
    const host = await openHost({ config });
    const p = await host.load(plugin('p', lab, { config: { theme: 'light' } }));
    expect((await p.call('config', 'key')).text()).toBe(KEY);
    expect((await p.call('config', 'theme')).text()).toBe('dark');
  });

  it('is not in a line that the guest logs', async () => {
    const { host, text } = await listening();
    const p = await host.load(
      plugin(
        'p',
        guest(() => `${ECHO} ${fn('say', '(call $log_info (call $input_offset))')}`),
      ),
    );
    await p.call('say', `the key is ${KEY}, ${encodeURIComponent(KEY)} and ${btoa(KEY)}`);
    expect(text()).toContain('the key is [secret], [secret] and [secret]');
    expect(text()).not.toContain(KEY);
  });

  it('is not in an error that the guest makes of it', async () => {
    const { host, text } = await listening();
    const p = await host.load(plugin('p', lab));
    const error = await rejection(p.call('fail_input', `no such key: ${KEY}`));
    expect(error).toMatchObject({ code: 'ERR_GUEST', plugin: 'p', callId: expect.any(String) });
    expect(`${error.message}${error.stack}${JSON.stringify(error.details)}`).not.toContain(KEY);
    expect(error.message).toContain('no such key: [secret]');
    expect(text()).not.toContain(KEY);
  });

  it('is not in a violation, a quarantine or the health that tells of it', async () => {
    const { host, text } = await listening({ quarantine: { maxViolations: 1 } });
    const p = await host.load(plugin('p', http));
    const error = await rejection(p.call('get', { url: `http://${KEY}.example.com/${KEY}` }));
    expect(error.code).toBe('ERR_PERMISSION');
    host.release('p');
    host.quarantine('p', `it knows ${KEY}`);
    const refused = await rejection(p.call('echo'));
    expect(refused.code).toBe('ERR_QUARANTINED');
    expect(
      `${error.message} ${JSON.stringify(error.details)} ${refused.message} ${refused.stack}`,
    ).not.toContain(KEY);
    expect(text()).toContain('it knows [secret]');
    expect(text()).not.toContain(KEY);
  });

  it('is not in what is written down of a quarantine', async () => {
    const stateDirectory = temporaryFolder();
    const { host } = await listening({ stateDirectory, quarantine: { maxViolations: 1 } });
    const [p] = await host.load([plugin('p', http), plugin('q', lab)]);
    await rejection(p!.call('get', { url: `http://${KEY}.example.com/${KEY}` }));
    host.quarantine('q', `it knows ${KEY}`);
    await host.close();
    const kept = readdirSync(stateDirectory).map((name) => readFileSync(join(stateDirectory, name), 'utf8'));
    expect(kept).toHaveLength(2);
    expect(kept.join()).toContain('it knows [secret]');
    expect(kept.join()).not.toContain(KEY);
  });

  it('is not in the trace of a request that is refused, or that fails', async () => {
    const { host, text } = await listening({ grants: { '*': { http: ['127.0.0.1'] } } });
    const p = await host.load(plugin('p', http, { permissions: { http: ['127.0.0.1'] } }));
    await rejection(p.call('get', { url: `http://example.com/${KEY}` }));
    await p.call('get', { url: `http://127.0.0.1:1/${KEY}` });
    expect(text()).toContain('http://127.0.0.1:1/[secret]');
    expect(text()).not.toContain(KEY);
  });

  it('is not in log lines that it was broken into', async () => {
    const { host, text } = await listening();
    const wasm = guest(() => `${ECHO} ${fn('say', '(call $log_info (call $input_offset))')}`);
    const p = await host.load(plugin('p', wasm));
    await p.call('say', `Authorization: ${KEY.slice(0, 8)}`);
    await p.call('say', `${KEY.slice(8)}, as it says`);
    expect(text()).toContain('Authorization: [secret]');
    expect(text()).toContain('[secret], as it says');
  });

  it('is not in an error of a host function that was given it', async () => {
    const { host, text } = await listening({
      hostFunctions: {
        use: defineHostFunction({ params: ['text'], result: 'text' }, (key) => {
          throw new Error(`the server refused ${key}`);
        }),
      },
      grants: { '*': { hostFunctions: ['use'] } },
    });
    const p = await host.load(plugin('p', hostCaller('use'), { permissions: { hostFunctions: ['use'] } }));
    const error = await rejection(p.call('host', KEY));
    expect(error.message).toContain('the server refused [secret]');
    expect(`${error.stack} ${(error.cause as Error).stack}`).not.toContain(KEY);
    expect(text()).not.toContain(KEY);
  });

  it('is not in the error of a load that fails with it', async () => {
    const { host, text } = await listening();
    const tells = guest(
      (word) =>
        `${ECHO} (func (export "on_activate") (result i32) (call $error_set (call $config_get ${word('key')})) (i32.const 1))`,
    );
    const error = await rejection(host.load(plugin('p', tells)));
    expect(error.message).toContain('[secret]');
    expect(`${error.message} ${error.stack}`).not.toContain(KEY);
    expect(text()).not.toContain(KEY);
  });

  it('goes back to the caller as output: that is for the application', async () => {
    const { host } = await listening();
    const p = await host.load(plugin('p', lab));
    expect((await p.call('echo', KEY)).text()).toBe(KEY);
  });

  it.each([
    [{ secret: 'abc' }],
    [{ secret: 1234 }],
    [{ secret: KEY, more: true }],
    [{ secrets: KEY }],
    [{ secret: 'x'.repeat(65_537) }],
    [42],
  ])('has to be one: %j is refused, and not shown', async (key) => {
    const options = { config: { p: { key } }, logger: silent } as unknown as HostOptions;
    const error = await rejection(createHost(options));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain('a text, or { secret } with a text of 4 to 65536 characters');
    expect(error.message).not.toContain(KEY);
  });
});
