import { performance } from 'node:perf_hooks';
import { WakeTimer } from '../sandbox/wake-timer.js';

/** How often it is looked whether somebody has had its turn, in milliseconds. */
const LOOK_MS = 20;

/** Who waits for an instance. */
export interface RoomWaiter {
  /** It has no instance to go on with: others that have theirs for long make room. */
  readonly isBare: boolean;
  /** How many it has. */
  instances(): number;
  /** The same each time that one waits. */
  readonly owner: object;
}

/** For so long who waits longest is not passed, and then others are for as long: it may need more room than there will ever be. */
const FIRST_MS = 1000;

/**
 * Those that wait until an instance fits into the budgets of the host: who has none to go on with before all others, and then in the order in
 * which they came. Who got one and wants more stands behind the rest.
 */
export class RoomQueue {
  readonly #waiting = new Map<() => void, RoomWaiter>();
  /** Since when they wait, by `performance.now()`. */
  readonly #since = new Map<object, number>();
  readonly #timer: WakeTimer;
  readonly #now: () => number;

  /** @param endTurns is asked now and then to have so many instances at most given up, by those that have had their turn */
  constructor(endTurns: (most: number) => void, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#timer = new WakeTimer(() => {
      // Who needs none any more is gone after this.
      this.wake();
      const most = this.#bare;
      if (most === 0) return;
      endTurns(most);
      this.#timer.in(LOOK_MS);
    });
  }

  /** `wake` is called once. */
  add(wake: () => void, { isBare, instances, owner }: RoomWaiter): void {
    // One of its tenants may have none, and another want one more.
    const waiter = { isBare: isBare || this.#waiting.get(wake)?.isBare === true, instances, owner };
    this.#waiting.set(wake, waiter);
    if (!this.#since.has(owner)) this.#since.set(owner, this.#now());
    if (waiter.isBare) this.#timer.in(LOOK_MS);
  }

  /** Is room kept for another one, which has none and waits longest? It may need more than has come free so far. */
  isKeptFrom(owner: object): boolean {
    for (const waiter of this.#waiting.values()) {
      if (!waiter.isBare) continue;
      const waitsMs = this.#now() - this.#since.get(waiter.owner)!;
      return waiter.owner !== owner && waitsMs % (2 * FIRST_MS) < FIRST_MS;
    }
    return false;
  }

  /** There may be room now. Who finds none comes back. */
  wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting].sort(([, a], [, b]) => Number(b.isBare) - Number(a.isBare));
    this.#waiting.clear();
    const served = waiting.filter(([wake, waiter]) => {
      const before = waiter.instances();
      wake();
      return waiter.instances() > before;
    });
    for (const [wake] of served) {
      const again = this.#waiting.get(wake);
      if (again && this.#waiting.delete(wake)) this.#waiting.set(wake, again);
    }
    for (const [wake, { owner }] of waiting) if (!this.#waiting.has(wake)) this.#since.delete(owner);
  }

  /** Nobody is to come any more. */
  close(): void {
    this.#waiting.clear();
    this.#since.clear();
    this.#timer.stop();
  }

  get #bare(): number {
    let bare = 0;
    for (const { isBare } of this.#waiting.values()) if (isBare) bare++;
    return bare;
  }
}
