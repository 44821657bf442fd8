import { createCipheriv, createHash } from 'node:crypto';
import type { Clock } from './context.js';

/** What makes two runs of a guest the same; for tests of plugins, never for anything that is to be secret. */
export interface FixedWasi {
  /** Random bytes come from this text; each instance begins anew. Default: the host's generator. */
  readonly seed?: string;
  /**
   * Real time stands at so many milliseconds since the epoch, and monotonic time at 1 ns; both move on only by what the guest
   * sleeps, and sleeping takes no time. Default: the host's clocks.
   */
  readonly nowMs?: number;
  /**
   * Eight bytes, for `nowMs`: nanoseconds that have passed. All instances that share them share one clock, and who holds them may
   * move it on. Default: each instance has its own.
   */
  readonly passed?: SharedArrayBuffer;
}

const NS_PER_MS = 1_000_000n;
/** The runtime of Go ends a program that starts at a monotonic 0. */
const MONOTONIC_START_NS = 1n;

/** The parts of `WasiOptions` that a {@link FixedWasi} stands for. `sleep` still has to look whether the call must stop. */
export function fixedWasi(
  { seed, nowMs, passed }: FixedWasi,
  sleep: (ms: number) => boolean,
): { random?: (bytes: Uint8Array) => void; clock?: Clock; sleep: (ms: number) => boolean } {
  const clock = nowMs === undefined ? undefined : new StandingClock(nowMs, passed);
  return {
    ...(seed !== undefined && { random: seededRandom(seed) }),
    ...(clock && { clock }),
    sleep: clock
      ? (ms) => {
          clock.advance(ms);
          return sleep(0);
        }
      : sleep,
  };
}

/** Fills with the key stream of AES in counter mode: the same for the same seed and the same lengths before. */
function seededRandom(seed: string): (bytes: Uint8Array) => void {
  const key = createHash('sha256').update(seed).digest();
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return (bytes) => bytes.set(stream.update(new Uint8Array(bytes.byteLength)));
}

class StandingClock implements Clock {
  readonly #startNs: bigint;
  readonly #passed: BigInt64Array;

  constructor(nowMs: number, passed: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.#passed = new BigInt64Array(passed);
    this.#startNs = BigInt(Math.trunc(nowMs)) * NS_PER_MS;
  }

  realtimeNs(): bigint {
    return this.#startNs + Atomics.load(this.#passed, 0);
  }

  monotonicNs(): bigint {
    return MONOTONIC_START_NS + Atomics.load(this.#passed, 0);
  }

  advance(ms: number): void {
    Atomics.add(this.#passed, 0, BigInt(Math.ceil(ms * Number(NS_PER_MS))));
  }
}
