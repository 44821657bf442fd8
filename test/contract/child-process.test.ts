import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, defineHostFunction } from 'cordon';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toI32 } from '../fixtures/guests/guest.js';
import { caller, hostCaller, lab } from '../fixtures/guests/guests.js';
import { deferred, next, openHost, plugin, rejection, silent } from '../host/open-host.js';
import { temporaryFolder } from '../host/plugin-folder.js';
import { guestProcesses, isAlive, read } from './child-processes.js';

const PROCESS = { isolation: 'process' } as const;

/** The children of this test. Others of the same file have closed theirs. */
function onlyChild(): number {
  const [pid, ...others] = guestProcesses();
  expect(others).toEqual([]);
  return pid!;
}

/** What is started in place of Node, for this test. */
function replaceNode(path: string): void {
  const { execPath } = process;
  process.execPath = path;
  onTestFinished(() => {
    process.execPath = execPath;
  });
}

/** Resolves when the process is gone. */
async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.runIf(process.platform === 'linux')('a child process', () => {
  it('is one for a plugin, and is gone when the plugin is', async () => {
    const host = await openHost(PROCESS);
    const [a, b] = await host.load([plugin('a', lab, { instance: { pool: 2 } }), plugin('b', lab)]);
    await Promise.all([a!.call('count'), a!.call('count'), a!.call('count'), b!.call('count')]);
    const pids = guestProcesses();
    expect(pids).toHaveLength(2);
    expect(host.stats()).toMatchObject({ processes: 2 });
    expect(host.metrics()).toContain('cordon_processes 2');
    await host.unload('a');
    expect(pids.filter(isAlive)).toHaveLength(1);
    await host.close();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(host.stats()).toMatchObject({ processes: 0 });
  });

  it('is told nothing of the host: no environment, no flags, no open files', async () => {
    process.env.CORDON_TEST_SECRET = 'a secret';
    process.env.NODE_OPTIONS = '--max-http-header-size=9000';
    onTestFinished(() => {
      delete process.env.CORDON_TEST_SECRET;
      delete process.env.NODE_OPTIONS;
    });
    const host = await openHost(PROCESS);
    await host.load(plugin('p', lab));
    const pid = onlyChild();
    expect(read(pid, 'environ')).not.toContain('secret');
    expect(read(pid, 'environ')).not.toContain('NODE_OPTIONS');
    expect(read(pid, 'cmdline')).not.toContain('inspect');
  });

  it('that is killed from outside loses the call that runs, and no other', async () => {
    const host = await openHost({ isolation: { p: 'process' } });
    const [p, other] = await host.load([plugin('p', lab), plugin('other', lab)]);
    await other!.call('count');
    await p!.call('keep', 'precious');
    const warned = next(host, 'warning', ({ topic }) => topic === 'thread');
    const restarted = next(host, 'plugin:restarted', ({ plugin: name }) => name === 'p');
    const pid = onlyChild();
    const spinning = rejection(p!.call('spin'));
    const queued = Promise.all(Array.from({ length: 30 }, () => p!.call('count')));
    await isBusy(pid);
    process.kill(pid, 'SIGKILL');
    const error = await spinning;
    expect(error.code).toBe('ERR_TRAP');
    expect(error.message).toContain('SIGKILL');
    expect((await queued).map((output) => toI32(output.bytes()))).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    expect((await p!.call('kept')).text()).toBe('precious');
    expect(toI32((await other!.call('count')).bytes())).toBe(2);
    expect((await warned).message).toContain('cordon process');
    expect(await restarted).toMatchObject({ restarts: 1 });
  });

  it('is killed where nothing else stops a guest: a loop of bulk instructions that is not metered', async () => {
    const host = await openHost({ ...PROCESS, metering: false, catalog: ['guest-examples'] });
    const p = await host.load('@acme/runaway');
    expect((await p.call('ping')).text()).toBe('pong');
    const pid = onlyChild();
    expect((await rejection(p.call('spin_bulk', '', { timeoutMs: 200 }))).code).toBe('ERR_TIMEOUT');
    await ended(pid);
    expect((await p.call('ping')).text()).toBe('pong');
    expect(onlyChild()).not.toBe(pid);
  });

  it('is killed by close() in the midst of such a loop', async () => {
    const host = await openHost({ ...PROCESS, metering: false });
    const p = await host.load(plugin('p', readFileSync('guest-examples/runaway/runaway.wasm')));
    const pid = onlyChild();
    const spinning = rejection(p.call('spin_bulk', '', { timeoutMs: 100_000 }));
    await isBusy(pid);
    await host.close({ drainMs: 0 });
    expect((await spinning).code).toBe('ERR_CLOSED');
    expect(isAlive(pid)).toBe(false);
  });

  it('that dies while its guest waits for the host fails that call; the answer that comes later harms nobody', async () => {
    const entered = deferred();
    const gate = deferred<string>();
    const wait = defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
      entered.resolve();
      return gate.promise;
    });
    const host = await openHost({
      ...PROCESS,
      hostFunctions: { wait },
      grants: { p: { hostFunctions: ['wait'] } },
    });
    const p = await host.load(plugin('p', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }));
    const call = rejection(p.call('host', 'x'));
    await entered.promise;
    process.kill(onlyChild(), 'SIGKILL');
    expect((await call).code).toBe('ERR_TRAP');
    gate.resolve('too late');
    expect((await p.call('echo', 'y')).text()).toBe('y');
  });

  it('that dies in a call within a call runs neither again', async () => {
    const entered = deferred();
    const gate = deferred<string>();
    let entries = 0;
    const wait = defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
      entries++;
      entered.resolve();
      return gate.promise;
    });
    const host = await openHost({
      isolation: { inner: 'process', outer: 'process' },
      hostFunctions: { wait },
      grants: { inner: { hostFunctions: ['wait'] } },
      catalog: [
        plugin('inner', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }),
        plugin('outer', caller({ go: ['inner', 'host'] }), { dependencies: { inner: '*' } }),
      ],
    });
    const outer = await host.load('outer');
    const call = rejection(outer.call('go', 'x'));
    await entered.promise;
    for (const pid of guestProcesses()) process.kill(pid, 'SIGKILL');
    expect((await call).code).toBe('ERR_TRAP');
    gate.resolve('too late');
    expect((await outer.call('echo', 'y')).text()).toBe('y');
    expect(entries).toBe(1);
  });

  it('ends with its host, whatever the host dies of', async () => {
    const script = `
      import { spawn } from 'node:child_process';
import { createHost, defineHostFunction } from 'cordon';
      import { readdirSync, readFileSync } from 'node:fs';
      const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
      const host = await createHost({ catalog: ['guest-examples'], isolation: 'process', metering: false, logger: silent });
      const p = await host.load('@acme/runaway');
      await p.call('ping');
      void p.call('spin_bulk', '', { timeoutMs: 100_000 }).catch(() => {});
      const pids = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8');
      console.log(pids);
    `;
    const host = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      host.stdout.on('data', (chunk) => resolve(Number.parseInt(String(chunk), 10)));
    });
    expect(isAlive(pid)).toBe(true);
    host.kill('SIGKILL');
    await ended(pid);
  });

  it('has the kernel’s limits on its memory, its files and its core dumps', async () => {
    const host = await openHost(PROCESS);
    await host.load(plugin('p', lab));
    const limits = readFileSync(`/proc/${onlyChild()}/limits`, 'utf8');
    const limitOf = (name: string) => new RegExp(`^${name}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(limits)?.slice(1);
    expect(limitOf('Max core file size')).toEqual(['0', '0']);
    expect(limitOf('Max file size')).toEqual(['4096', '4096']);
    const [soft, hard] = limitOf('Max data size')!.map(Number);
    expect(soft).toBe(hard);
    expect(soft).toBeGreaterThan(512 * 1024 * 1024);
    expect(soft).toBeLessThan(4 * 1024 * 1024 * 1024);
  });

  it.each([
    ['bytes that are no message', `printf 'no message at all' >&4; sleep 100`],
    ['a message of 4 GiB', String.raw`printf '\377\377\377\377' >&4; sleep 100`],
    ['no greeting', String.raw`printf '\001\000\000\000\001' >&4; sleep 100`],
  ])('that says %s is killed, and that is a violation', async (_, script) => {
    const folder = temporaryFolder();
    const program = join(folder, 'node');
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    replaceNode(program);
    const host = await openHost(PROCESS);
    const violation = next(host, 'violation');
    const error = await rejection(host.load(plugin('p', lab)));
    expect(error.message).toContain('broke the protocol');
    expect(await violation).toMatchObject({ kind: 'abi', plugin: 'p' });
    await host.close();
    expect(host.stats().processes).toBe(0);
  });

  it('that writes to its standard error without end is not read without end', async () => {
    const program = join(temporaryFolder(), 'node');
    writeFileSync(program, '#!/bin/sh\nexec yes "an endless story" >&2\n', { mode: 0o755 });
    replaceNode(program);
    const host = await openHost(PROCESS);
    // Nobody reads on, so the pipe breaks, and the child with it: its own end, not that of the host's patience.
    const error = await rejection(host.load(plugin('p', lab)));
    expect(error.message).toMatch(/SIGPIPE|ended by itself/);
    expect(error.message).toContain('an endless story');
  });

  it('that cannot be started fails the load, with the reason', async () => {
    replaceNode('/nowhere/node');
    const host = await openHost(PROCESS);
    const error = await rejection(host.load(plugin('p', lab)));
    expect(error.message).toContain('could not be started');
    expect(error.message).toContain('ENOENT');
  });
});

it('a host that was never asked for one starts none', async () => {
  const host = await createHost({ logger: silent, isolation: 'process' });
  expect(host.stats().processes).toBe(0);
  await host.close();
});

/** Resolves when the process has begun to compute. */
async function isBusy(pid: number): Promise<void> {
  const before = cpuOf(pid);
  while (cpuOf(pid) < before + 10) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Processor time of a process, in ticks. */
function cpuOf(pid: number): number {
  const fields = read(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
