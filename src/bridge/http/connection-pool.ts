import type { LookupFunction } from 'node:net';
import { cordonError } from '../../errors/cordon-error.js';
import { LookupLane } from './checked-lookup.js';
import { Connection, type TlsOptions } from './connection.js';

/** Options of {@link ConnectionPool}. */
export interface ConnectionPoolOptions {
  /** Sockets of all plugins together, idle ones included; `budget.connections`. Default `Infinity`. */
  readonly connections?: number | undefined;
  /** How names are resolved. Default `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined;
  readonly tls?: TlsOptions | undefined;
}

/** One plugin's part of a pool. */
export interface PoolMember {
  readonly plugin: string;
  /** `limits.connections`: sockets of this plugin, idle ones included. */
  readonly connections: number;
}

/** Where a connection is to lead. */
export interface LeaseTarget {
  readonly origin: string;
  readonly host: string;
  readonly literal: boolean;
  /** Takes no socket that served a request before. */
  readonly fresh?: boolean | undefined;
}

/** A connection for one request. Give it back exactly once. */
export interface Lease {
  readonly connection: Connection;
  /** The request had to wait for a free connection. */
  readonly waited: boolean;
  /** `reuse` only if the response was read to its end; otherwise the socket is destroyed. */
  release(reuse: boolean): void;
}

interface Entry {
  readonly connection: Connection;
  readonly member: PoolMember;
  readonly key: string;
  state: 'leased' | 'idle' | 'ending';
}

interface Waiter {
  readonly member: PoolMember;
  readonly target: LeaseTarget;
  readonly grant: (entry: Entry) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The sockets of all plugins, counted against the host's and each plugin's limit. A socket only ever serves the plugin
 * that opened it, the same origin, and rules of the same `literal`: so none reaches over a grant, and no plugin sees
 * what another left on a connection. When there is no room an idle socket makes way, the longest idle first; when none
 * is idle, requests wait in the order in which they came.
 */
export class ConnectionPool {
  readonly #limit: number;
  readonly #options: ConnectionPoolOptions;
  /** In the order in which they became idle or were made. */
  readonly #entries = new Set<Entry>();
  readonly #waiters = new Set<Waiter>();
  readonly #lanes = new WeakMap<PoolMember, LookupLane>();
  readonly #endings = new Map<Entry, Promise<void>>();
  #closed = false;

  constructor(options: ConnectionPoolOptions = {}) {
    this.#limit = options.connections ?? Number.POSITIVE_INFINITY;
    this.#options = options;
  }

  /** Sockets now: `idle` ones are part of `open`. */
  get stats(): { readonly open: number; readonly idle: number; readonly waiting: number } {
    const idle = [...this.#entries].filter(({ state }) => state === 'idle').length;
    return { open: this.#entries.size, idle, waiting: this.#waiters.size };
  }

  /**
   * A connection to `target`, now or when one is free.
   * @throws ERR_BUSY if a limit is 0, ERR_CLOSED, or the reason of `signal`.
   */
  async lease(member: PoolMember, target: LeaseTarget, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    if (this.#closed) throw cordonError('ERR_CLOSED', 'The host is closed.', { plugin: member.plugin });
    this.#refuseZero(member);
    const entry = this.#take(member, target);
    if (entry !== undefined) return this.#leaseOf(entry, false);
    return this.#leaseOf(await this.#wait(member, target, signal), true);
  }

  /** Ends what `member` has open, and its waits. */
  async leave(member: PoolMember): Promise<void> {
    for (const waiter of [...this.#waiters]) if (waiter.member === member) this.#turnAway(waiter);
    const entries = [...this.#entries].filter((entry) => entry.member === member);
    await Promise.all(entries.map((entry) => this.#end(entry)));
  }

  /** Ends everything; afterwards there is no socket left. Nothing can be leased any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of [...this.#waiters]) this.#turnAway(waiter);
    await Promise.all([...this.#entries].map((entry) => this.#end(entry)));
  }

  #refuseZero(member: PoolMember): void {
    if (member.connections >= 1 && this.#limit >= 1) return;
    const name = member.connections < 1 ? 'limits.connections' : 'budget.connections';
    const message = `${member.plugin} cannot make an HTTP request: ${name} is 0. Raise it to allow connections.`;
    throw cordonError('ERR_BUSY', message, { plugin: member.plugin, details: { limit: name, value: 0 } });
  }

  #wait(member: PoolMember, target: LeaseTarget, signal: AbortSignal): Promise<Entry> {
    return new Promise<Entry>((resolve, reject) => {
      const settle = () => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        settle();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        member,
        target,
        grant: (entry) => {
          settle();
          resolve(entry);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', abort);
    });
  }

  #turnAway(waiter: Waiter): void {
    waiter.reject(
      cordonError('ERR_CLOSED', 'The host or the plugin was closed.', { plugin: waiter.member.plugin }),
    );
  }

  /** An idle connection or a new one, if there is room for it now or an idle one can make room. */
  #take(member: PoolMember, target: LeaseTarget): Entry | undefined {
    const key = `${target.literal} ${target.origin}`;
    let own = 0;
    let oldestOwn: Entry | undefined;
    let oldest: Entry | undefined;
    for (const entry of this.#entries) {
      const isOwn = entry.member === member;
      if (isOwn) own++;
      if (entry.state !== 'idle') continue;
      if (isOwn && entry.key === key && !target.fresh) {
        entry.state = 'leased';
        return entry;
      }
      oldest ??= entry;
      if (isOwn) oldestOwn ??= entry;
    }
    if (own < member.connections && this.#entries.size < this.#limit) return this.#open(member, target, key);
    // The socket is only gone when it is closed; the request waits for that, as for any other.
    const victim = own >= member.connections ? oldestOwn : oldest;
    if (victim !== undefined) void this.#end(victim);
    return undefined;
  }

  #open(member: PoolMember, target: LeaseTarget, key: string): Entry {
    let lane = this.#lanes.get(member);
    if (lane === undefined) {
      lane = new LookupLane();
      this.#lanes.set(member, lane);
    }
    const { lookup, tls } = this.#options;
    const connection = new Connection({
      ...{ origin: target.origin, host: target.host, literal: target.literal },
      ...{ lane, lookup, tls },
      onIdleEnd: () => {
        if (entry.state === 'idle') void this.#end(entry);
      },
    });
    const entry: Entry = { connection, member, key, state: 'leased' };
    this.#entries.add(entry);
    return entry;
  }

  #leaseOf(entry: Entry, waited: boolean): Lease {
    const release = (reuse: boolean) => {
      if (entry.state !== 'leased') return;
      if (!reuse || !entry.connection.client.stats.connected) {
        void this.#end(entry);
        return;
      }
      entry.state = 'idle';
      entry.connection.used = true;
      this.#entries.delete(entry);
      this.#entries.add(entry);
      this.#serveWaiters();
    };
    return { connection: entry.connection, waited, release };
  }

  #end(entry: Entry): Promise<void> {
    const ending = this.#endings.get(entry);
    if (ending !== undefined) return ending;
    entry.state = 'ending';
    const ended = entry.connection.dispose().then(() => {
      this.#entries.delete(entry);
      this.#endings.delete(entry);
      this.#serveWaiters();
    });
    this.#endings.set(entry, ended);
    return ended;
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiters) {
      const entry = this.#take(waiter.member, waiter.target);
      if (entry !== undefined) waiter.grant(entry);
    }
  }
}
