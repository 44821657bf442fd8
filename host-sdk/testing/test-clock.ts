import { cordonError } from '../../src/errors/cordon-error.js';

const NS_PER_MS = 1_000_000n;

/**
 * The time that a plugin sees by WASI. It stands still, and moves on only by {@link TestClock.advance} and by what the
 * guest itself sleeps, which takes no real time.
 */
export class TestClock {
  /** @internal Read by the guest. */
  readonly passed: SharedArrayBuffer = new SharedArrayBuffer(8);
  readonly #startMs: number;

  /** @internal */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#startMs + Number(Atomics.load(new BigInt64Array(this.passed), 0)) / Number(NS_PER_MS);
  }

  /** Moves on by so many milliseconds, 0 to 1e12. @throws ERR_OPTIONS */
  advance(ms: number): void {
    if (!(typeof ms === 'number' && ms >= 0 && ms <= 1e12)) {
      throw cordonError(
        'ERR_OPTIONS',
        `clock.advance was given ${String(ms)}; expected milliseconds from 0 to 1e12.`,
      );
    }
    Atomics.add(new BigInt64Array(this.passed), 0, BigInt(Math.round(ms * Number(NS_PER_MS))));
  }
}
