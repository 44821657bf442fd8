import { sharedNow } from '../shared-clock.js';

const USED = 0;
/** In milliseconds since the epoch; 0 where nobody has measured yet. */
const MEASURED_AT = 1;
const WORDS = 2;
/** What is full beyond counting. */
const FULL = Number.MAX_SAFE_INTEGER;
/** So long a measurement counts; walking a large folder is work for its guest. */
const FRESH_MS = 1000;

/**
 * How many bytes a folder holds, counted by all instances that write to it, in whatever threads of a process. Each takes
 * before it writes, so together they stay within the quota.
 */
export class QuotaUse {
  static readonly BYTES = WORDS * 8;
  readonly #words: BigInt64Array;
  readonly #isShared: boolean;

  /** @param buffer what instances have in common; without it the count is one's own, and nobody else writes there */
  constructor(buffer?: SharedArrayBuffer) {
    this.#isShared = buffer !== undefined;
    this.#words = new BigInt64Array(buffer ?? new ArrayBuffer(QuotaUse.BYTES));
  }

  get bytes(): number {
    return Number(Atomics.load(this.#words, USED));
  }

  get isMeasured(): boolean {
    return Atomics.load(this.#words, MEASURED_AT) !== 0n;
  }

  /** Others may have added and removed what was not counted: is it time to look? */
  get isStale(): boolean {
    return this.#isShared && sharedNow() - Number(Atomics.load(this.#words, MEASURED_AT)) > FRESH_MS;
  }

  /** What the folder holds by the first who measures it; what the others found is in there. */
  begin(bytes: number): void {
    const now = BigInt(Math.ceil(sharedNow()));
    if (Atomics.compareExchange(this.#words, MEASURED_AT, 0n, now) === 0n)
      Atomics.add(this.#words, USED, counted(bytes));
  }

  /** It was measured again. */
  set(bytes: number): void {
    Atomics.store(this.#words, MEASURED_AT, BigInt(Math.ceil(sharedNow())));
    Atomics.store(this.#words, USED, counted(bytes));
  }

  /** Takes so many; false, and takes none, where they do not fit. */
  take(bytes: number, limit: number): boolean {
    const more = counted(bytes);
    if (Number(Atomics.add(this.#words, USED, more) + more) <= limit) return true;
    Atomics.sub(this.#words, USED, more);
    return false;
  }

  /** Never goes below nothing: what was removed may have been counted by nobody. */
  give(bytes: number): void {
    for (;;) {
      const used = Atomics.load(this.#words, USED);
      const left = used - counted(bytes);
      if (Atomics.compareExchange(this.#words, USED, used, left > 0n ? left : 0n) === used) return;
    }
  }
}

function counted(bytes: number): bigint {
  return BigInt(Math.min(FULL, Math.ceil(bytes)));
}
