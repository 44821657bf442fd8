import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, defineHostFunction, type Host } from 'cordon';
import { expect } from 'vitest';
import { guestProcesses } from '../contract/child-processes.js';
import { silent } from '../host/open-host.js';
import { writePlugin } from '../host/plugin-folder.js';
import { concat, custom } from '../wasm/wat.js';
import { Account, type Outcome } from './account.js';
import { countingGuest } from './counting-guest.js';
import { type Model, NAMES, type Name, type Variant } from './model.js';

export type Fn = 'count' | 'fail' | 'trap' | 'spin' | 'hold' | 'relay' | 'abort';
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
  #next = 0;

  private constructor(host: Host, folder: string, account: Account, held: (() => void)[]) {
    this.host = host;
    this.#folder = folder;
    this.account = account;
    this.#held = held;
  }

  static async open(variant: Variant): Promise<System> {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-model-'));
    const held: (() => void)[] = [];
    let account: Account | undefined;
    const host = await createHost({
      catalog: [folder],
      logger: silent,
      threads: { min: 1, max: 2 },
      metering: variant.metering,
      quarantine: { maxViolations: variant.strict ? 3 : Number.POSITIVE_INFINITY },
      isolation: { apart: variant.tier },
      ...(variant.tight && {
        budget: { instances: 3, queuedCalls: 6, concurrentCalls: 2, memoryBytes: '512KiB' },
      }),
      idle: variant.eagerIdle ? { unloadAfterMs: 0, sweepMs: 10 } : {},
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
    const system = new System(host, folder, account, held);
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

  /** Makes all these calls at once. Each is given up, released or left alone as its name says. */
  async call(wanted: readonly Wanted[], meanwhile?: () => Promise<unknown>): Promise<Outcome[]> {
    const outcomes = wanted.map(({ plugin, fn }) => {
      const id = `${plugin} ${fn} ${this.#next++}`;
      const giveUp = new AbortController();
      const call = this.host.call(plugin, fn === 'abort' ? 'count' : fn, id, {
        ...(fn === 'spin' && { timeoutMs: 20 }),
        ...(fn === 'abort' && { signal: giveUp.signal }),
      });
      const outcome = this.account.follow(id, plugin, fn === 'abort' ? 'count' : fn, call);
      if (fn === 'abort') setImmediate(() => giveUp.abort());
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
