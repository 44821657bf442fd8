import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { createHost, defineHostFunction, type Host, type HostEvents } from 'cordon';
import { expect } from 'vitest';
import { guestProcesses } from '../contract/child-processes.js';
import { silent } from '../host/open-host.js';
import { writePlugin } from '../host/plugin-folder.js';
import { concat, custom } from '../wasm/wat.js';
import { Account, type Outcome } from './account.js';
import { countingGuest } from './counting-guest.js';
import { type Model, NAMES, type Name, type Variant } from './model.js';

export type Fn = 'count' | 'fail' | 'trap' | 'spin' | 'hold' | 'relay' | 'abort' | 'leave';

/** How long something may take that is to come without anybody asking for it. */
const PATIENCE_MS = 20_000;
export interface Wanted {
  readonly plugin: Name;
  readonly fn: Fn;
}

const MANIFESTS: Readonly<Record<Name, object>> = {
  base: {},
  top: { dependencies: { base: '*' } },
  pool: { instance: { pool: 2 } },
  fresh: { instance: 'per-call' },
  apart: {},
};

/** A host with its folders, and calls that are followed. */
export class System {
  readonly host: Host;
  readonly account: Account;
  readonly #folder: string;
  /** Those of other hosts of this process are not to be touched. */
  readonly #held: (() => void)[];
  readonly #threads: Threads;
  #next = 0;

  private constructor(host: Host, folder: string, account: Account, held: (() => void)[], threads: Threads) {
    this.host = host;
    this.#folder = folder;
    this.account = account;
    this.#held = held;
    this.#threads = threads;
  }

  static async open(variant: Variant): Promise<System> {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-model-'));
    const held: (() => void)[] = [];
    let account: Account | undefined;
    const threads = new Threads();
    const host = await createHost({
      catalog: [folder],
      logger: silent,
      threads: { min: 1, max: variant.threads },
      metering: variant.metering,
      quarantine: { maxViolations: variant.strict ? 3 : Number.POSITIVE_INFINITY },
      isolation: { apart: variant.tier },
      ...(variant.tight && {
        budget: { instances: 3, queuedCalls: 6, concurrentCalls: 2, memoryBytes: '512KiB' },
      }),
      idle: variant.eagerIdle ? { unloadAfterMs: 0, sweepMs: 10 } : {},
      watch: variant.watched && { debounceMs: 10 },
      plugins: { base: { pinned: variant.pinned } },
      limits: { cpuPercent: Number.POSITIVE_INFINITY },
      hostFunctions: {
        ran: defineHostFunction({ params: ['text'] }, (id) => account?.ran(id)),
        hold: defineHostFunction(
          { params: ['text'] },
          () => new Promise<void>((resolve) => held.push(resolve)),
        ),
      },
      grants: { '*': { hostFunctions: ['ran', 'hold'], plugins: ['base'] } },
    });
    account = new Account(host);
    const system = new System(host, folder, account, held, threads);
    for (const name of NAMES) system.publish(name, 1);
    return system;
  }

  publish(name: Name, version: number): void {
    const wasm = concat(countingGuest, custom('v', Uint8Array.of(version % 4)));
    writePlugin(join(this.#folder, name), wasm, {
      ...{
        name,
        version: `1.0.${version}`,
        permissions: { hostFunctions: ['ran', 'hold'], plugins: ['base'] },
      },
      ...MANIFESTS[name],
    });
  }

  /** Breaks the file, so that what is left of it cannot be used. */
  corrupt(name: Name, file: 'plugin.json' | 'plugin.wasm'): void {
    const content = file === 'plugin.json' ? '{ "manifestVersion": 1, ' : countingGuest.subarray(0, 200);
    writeFileSync(join(this.#folder, name, file), content);
  }

  /** What a host says that was not asked: that this plugin was reloaded, to this version, or why not. */
  watched(name: Name, version: number): Promise<string | undefined> {
    return this.#told(`what becomes of new files of ${name}`, (settle) => ({
      'plugin:reloaded': (event: HostEvents['plugin:reloaded'][0]) => {
        if (event.plugin === name && event.version === `1.0.${version}`) settle(undefined);
      },
      warning: ({ topic, plugin, code }: HostEvents['warning'][0]) => {
        if (topic === 'reload' && plugin === name) settle(code ?? 'no code');
      },
    }));
  }

  /** Waits until every plugin whose instances nobody needs has none. */
  async becomesIdle(names: readonly Name[]): Promise<void> {
    const awake = () => names.filter((name) => this.host.plugin(name).state === 'ready');
    while (awake().length > 0) {
      await this.#told(`${awake()} to become idle`, (settle) => ({
        'plugin:idle': () => settle(undefined),
      }));
    }
  }

  #told(
    what: string,
    listen: (settle: (code: string | undefined) => void) => Partial<Record<keyof HostEvents, unknown>>,
  ): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        for (const [name, listener] of Object.entries(listeners))
          this.host.off(name as never, listener as never);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`waited in vain for ${what}`));
      }, PATIENCE_MS);
      const listeners = listen((code) => {
        end();
        resolve(code);
      });
      for (const [name, listener] of Object.entries(listeners))
        this.host.on(name as never, listener as never);
    });
  }

  /** Makes all these calls at once. Each is given up, released or left alone as its name says. */
  async call(wanted: readonly Wanted[], meanwhile?: () => Promise<unknown>): Promise<Outcome[]> {
    const outcomes = wanted.map(({ plugin, fn }) => {
      const id = `${plugin} ${fn} ${this.#next++}`;
      const giveUp = new AbortController();
      const called = CALLED[fn] ?? fn;
      const call = this.host.call(plugin, called, id, {
        ...(fn === 'spin' && { timeoutMs: 20 }),
        ...((fn === 'abort' || fn === 'leave') && { signal: giveUp.signal }),
      });
      const outcome = this.account.follow(id, plugin, called, call);
      if (fn === 'abort') setImmediate(() => giveUp.abort());
      if (fn === 'leave') this.account.whenRuns(id, () => giveUp.abort());
      return outcome;
    });
    const releasing = setInterval(() => {
      for (const release of this.#held.splice(0)) release();
    }, 2);
    try {
      const during = meanwhile?.();
      const settled = await Promise.all(outcomes);
      await during;
      this.account.checkRuns(settled);
      return settled;
    } finally {
      clearInterval(releasing);
    }
  }

  /** Kills the child processes of this host, if it has any. */
  killChildren(): void {
    if (process.platform !== 'linux') return;
    for (const pid of guestProcesses()) process.kill(pid, 'SIGKILL');
  }

  /** Ends one of the threads of this host, whoever is in it. */
  async killThread(pick: number): Promise<void> {
    await this.#threads.kill(pick);
  }

  check(model: Model): Promise<void> {
    return this.account.check(model);
  }

  /** Closes it, whatever happened, and finds it gone. */
  async end(): Promise<void> {
    const close = this.host.close({ drainMs: 0 });
    const releasing = setInterval(() => {
      for (const release of this.#held.splice(0)) release();
    }, 2);
    await close.finally(() => clearInterval(releasing));
    this.#threads.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    expect(this.host.stats()).toMatchObject({
      threads: 0,
      processes: 0,
      instances: 0,
      inFlight: 0,
      queued: 0,
    });
    this.account.checkEnd();
  }
}

/** Exports that stand for calls which are given up. */
const CALLED: Readonly<Partial<Record<Fn, string>>> = { abort: 'count', leave: 'hold' };

/** The threads that this process starts. */
class Threads {
  readonly #alive = new Set<Worker>();
  readonly #onWorker = (worker: Worker): void => {
    this.#alive.add(worker);
    worker.once('exit', () => this.#alive.delete(worker));
  };

  constructor() {
    process.on('worker', this.#onWorker);
  }

  async kill(pick: number): Promise<void> {
    const all = [...this.#alive];
    await all[pick % all.length]?.terminate();
  }

  stop(): void {
    process.off('worker', this.#onWorker);
  }
}
