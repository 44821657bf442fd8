import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { hostCaller, lab } from '../fixtures/guests/guests.js';
import { deferred, openHost, plugin, rejection } from './open-host.js';

describe('calls of a pool', () => {
  it.each([
    ['the first of them', 0, 0],
    ['the middle one of many, after so many short ones that they all go to one instance', 30, 5000],
  ])('do not wait behind one that computes, where another instance is idle: %s', async (_, place, before) => {
    const host = await openHost({
      threads: { min: 2, max: 2 },
      budget: { cpuPercent: Number.POSITIVE_INFINITY },
      catalog: [plugin('p', lab, { instance: { pool: 2 }, limits: { cpuPercent: 10_000 } })],
    });
    const p = await host.load('p');
    const many = (count: number) => Promise.all(Array.from({ length: count }, () => p.call('echo', 'x')));
    await many(2);
    await many(before);
    const giveUp = new AbortController();
    const spin = () => rejection(p.call('spin', '', { signal: giveUp.signal }));
    const spinning: Promise<{ code: string }>[] = [];
    const calls = Array.from({ length: 64 }, (_unused, i) => {
      if (i === place) spinning.push(spin());
      return p.call('echo', `${i}`);
    });
    const outputs = await Promise.all(calls);
    expect(outputs.map((output) => output.text())).toEqual(outputs.map((_unused, i) => `${i}`));
    giveUp.abort();
    expect((await spinning[0]!).code).toBe('ERR_ABORTED');
  });

  it('do not wait behind one that waits for its host', async () => {
    const asked = deferred<void>();
    const gate = deferred<string>();
    let first = true;
    const host = await openHost({
      threads: { min: 2, max: 2 },
      hostFunctions: {
        wait: defineHostFunction({ params: ['text'], result: 'text' }, () => {
          if (!first) return '';
          first = false;
          asked.resolve();
          return gate.promise;
        }),
      },
      catalog: [
        plugin('p', hostCaller('wait'), {
          instance: { pool: 2 },
          permissions: { hostFunctions: ['wait'] },
        }),
      ],
      grants: { p: { hostFunctions: ['wait'] } },
    });
    const p = await host.load('p');
    const waiting = p.call('host', '');
    const others = Array.from({ length: 8 }, () => p.call('host', ''));
    await asked.promise;
    await Promise.all(others);
    gate.resolve('');
    await waiting;
  });

  it('do not wait in a thread that a guest came to block after they were sent', async () => {
    const computesThenAsks = guest(
      () =>
        fn(
          'go',
          `(local $i i32) (local.set $i (i32.const 60000000))
          (loop $more (br_if $more (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
          (drop (call $host (call $input_offset)))`,
        ),
      { imports: '(import "extism:host/user" "wait" (func $host (param i64) (result i64)))' },
    );
    const gate = deferred<string>();
    const host = await openHost({
      threads: { min: 1, max: 1 },
      // Of guests with so large a stack none can be suspended.
      limits: { stackBytes: 2 * 1024 * 1024 },
      hostFunctions: { wait: defineHostFunction({ params: ['text'], result: 'text' }, () => gate.promise) },
      grants: { p: { hostFunctions: ['wait'] } },
      catalog: [
        plugin('p', computesThenAsks, { permissions: { hostFunctions: ['wait'] } }),
        plugin('other', lab, { instance: { pool: 2 } }),
      ],
    });
    const [p, other] = await host.load(['p', 'other']);
    const waiting = p!.call('go', '');
    expect((await other!.call('echo', 'a')).text()).toBe('a');
    expect((await other!.call('echo', 'b')).text()).toBe('b');
    gate.resolve('');
    await waiting;
  });

  it('that are sent again can be aborted, and count once', async () => {
    const host = await openHost({
      threads: { min: 2, max: 2 },
      budget: { cpuPercent: Number.POSITIVE_INFINITY },
      catalog: [plugin('p', lab, { instance: { pool: 2 }, limits: { cpuPercent: 10_000 } })],
    });
    const p = await host.load('p');
    await Promise.all([p.call('echo', ''), p.call('echo', '')]);
    const giveUp = new AbortController();
    const { signal } = giveUp;
    // One for each instance, and behind these the others: one of each kind is left when the first is aborted.
    const first = new AbortController();
    const spinning = [
      rejection(p.call('spin', '', { signal: first.signal })),
      rejection(p.call('spin', '', { signal })),
    ];
    const aborted = rejection(p.call('spin', '', { signal }));
    const echoes = Array.from({ length: 6 }, (_, i) =>
      p.call('echo', `${i}`).then((output) => output.text()),
    );
    first.abort();
    expect((await spinning[0])!.code).toBe('ERR_ABORTED');
    // `aborted` spins by now where the first one did; those behind it were sent again when it did, and wait.
    giveUp.abort();
    expect((await aborted).code).toBe('ERR_ABORTED');
    expect((await spinning[1])!.code).toBe('ERR_ABORTED');
    expect(await Promise.all(echoes)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(host.info('p').stats.calls).toBe(2 + 3 + 6);
  });
});
