import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { toI32 } from '../fixtures/guests/guest.js';
import { hostCaller, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, openHost, plugin, rejection } from './open-host.js';

const ONE_THREAD = { threads: { min: 1, max: 1 }, quarantine: { maxViolations: 100 } };

describe('calls of all sizes', () => {
  it('are answered in the order in which they were made, whichever way they travel', async () => {
    const host = await openHost(ONE_THREAD);
    const echo = await host.load(plugin('echo', lab));
    const sizes = [0, 1, 100, 16_383, 16_384, 16_385, 200_000, 7, 5000, 5461, 5462, 2_000_000, 3];
    const ended: number[] = [];
    const calls = Array.from({ length: 120 }, async (_, i) => {
      const size = sizes[i % sizes.length]!;
      const text = i % 2 === 0;
      const input = text ? 'ä'.repeat(size >> 1) : new Uint8Array(size).fill(i);
      const output = await echo.call('echo', input);
      ended.push(i);
      if (text) expect(output.text() === input).toBe(true);
      else expect(Buffer.compare(output.bytes(), input as Uint8Array)).toBe(0);
    });
    await Promise.all(calls);
    expect(ended).toEqual(Array.from({ length: 120 }, (_, i) => i));
  });

  it('keep their order beside failures, which travel as messages', async () => {
    const host = await openHost(ONE_THREAD);
    const guest = await host.load(plugin('a', lab));
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    await Promise.all([
      guest.call('count').then(note('1')),
      guest.call('fail').then(note('not'), note('2 failed')),
      guest.call('count').then(note('3')),
      guest.call('echo', new Uint8Array(100_000)).then(note('4')),
      guest.call('count').then(note('5')),
    ]);
    expect(ended).toEqual(['1', '2 failed', '3', '4', '5']);
  });

  it('that are cancelled while they wait in memory are never begun', async () => {
    const waiting = deferred();
    const host = await openHost({
      ...ONE_THREAD,
      hostFunctions: {
        wait: defineHostFunction({ params: ['bytes'], result: 'bytes' }, async (input) => {
          await waiting.promise;
          return input;
        }),
      },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const [asking, counting] = await host.load([
      plugin('asking', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }),
      plugin('counting', lab),
    ]);
    const blocked = asking!.call('host');
    const controller = new AbortController();
    const late = [1, 2, 3].map(() => rejection(counting!.call('count', '', { signal: controller.signal })));
    controller.abort();
    for (const error of await Promise.all(late)) expect(error.code).toBe('ERR_ABORTED');
    waiting.resolve();
    await blocked;
    expect(toI32((await counting!.call('count')).bytes())).toBe(1);
  });

  it('find their log lines and events before their answers', async () => {
    const host = await openHost(ONE_THREAD);
    const guest = await host.load(plugin('a', lab));
    const logged = collect(host, 'log');
    const ended = collect(host, 'call');
    for (let i = 0; i < 50; i++) await guest.call('log', 'a line');
    const lines = logged.length / 50;
    expect(lines).toBeGreaterThan(0);
    expect(logged.map(({ callId }) => callId)).toEqual(
      ended.flatMap(({ callId }) => new Array(lines).fill(callId)),
    );
  });
});

const PROGRAM = `
import { createHost } from 'cordon';
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const wasm = Buffer.from(process.argv[1], 'base64');
const host = await createHost({ logger: silent, threads: { min: 1, max: 1 } });
const plugin = await host.load({ manifest: { manifestVersion: 1, name: 'a', version: '1.0.0' }, wasm });
for (let i = 0; i < 300; i++) await plugin.call('echo', 'again');
`;

describe('a process', () => {
  const run = async (program: string) => {
    const wasm = Buffer.from(lab).toString('base64');
    const args = ['--input-type=module', '-e', program, wasm];
    return (await promisify(execFile)(process.execPath, args, { timeout: 60_000 })).stdout;
  };

  it('ends by itself after its last call, though nobody closed the host', async () => {
    expect(await run(`${PROGRAM} console.log('done');`)).toBe('done\n');
  });

  it('does not spin when nothing is under way', async () => {
    const idle = `${PROGRAM}
      const { cpuUsage } = process;
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const { user, system } = cpuUsage(before);
      console.log(JSON.stringify((user + system) / 1000));
      await host.close();`;
    // Milliseconds of processor time in two seconds, all threads together; one that spins would use all 2000.
    expect(Number(await run(idle))).toBeLessThan(500);
  });
});
