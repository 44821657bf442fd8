import { requireRight } from './access.js';
import { timeOf } from './clocks.js';
import type { WasiContext } from './context.js';
import { ERRNO, type ErrnoName } from './errno.js';
import { Fault } from './fault.js';
import { RIGHT } from './rights.js';
import type { WasiFunctions } from './signatures.js';

const MAX_SUBSCRIPTIONS = 1024;
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const TYPE = { clock: 0, read: 1, write: 2 } as const;
const ABSOLUTE_TIME = 1;
const HANGUP = 1;
const NS_PER_MS = 1_000_000n;
/** The longest single sleep: what timers and `Atomics.wait` take without surprise. */
const MAX_SLEEP_MS = 2_147_483_647;

interface Event {
  readonly userdata: bigint;
  readonly type: number;
  readonly error: ErrnoName;
  readonly bytes: bigint;
  readonly flags: number;
}

interface Waiting {
  readonly userdata: bigint;
  /** Nanoseconds until it is due; 0 when it is. */
  readonly remaining: bigint;
}

/** A poll that waits for a clock. */
export interface Sleep {
  /** How long; more than 0. */
  readonly ms: number;
  /** They have passed: writes what is due. */
  wake(): void;
}

/** `poll_oneoff` that blocks the thread while it waits. */
export function poll(context: WasiContext): Pick<WasiFunctions, 'poll_oneoff'> {
  const begin = beginPoll(context);
  return {
    poll_oneoff(...args) {
      const sleep = begin(...args);
      if (!sleep) return;
      for (let left = sleep.ms; left > 0; left -= MAX_SLEEP_MS) {
        if (!context.sleep(Math.min(left, MAX_SLEEP_MS))) context.stop({ kind: 'interrupted' });
      }
      sleep.wake();
    },
  };
}

/**
 * `poll_oneoff` up to where it waits; undefined where it does not, and is done. Files and streams are always ready, so only a poll of
 * nothing but clocks waits, and only for the earliest.
 */
export function beginPoll(
  context: WasiContext,
): (...args: Parameters<WasiFunctions['poll_oneoff']>) => Sleep | undefined {
  const startedNs = context.clock.monotonicNs();
  return (input, output, count, result) => {
    if (count === 0 || count > MAX_SUBSCRIPTIONS) throw new Fault('INVAL');
    context.memory.check(output, count * EVENT_BYTES);
    context.memory.check(result, 4);
    const { ready, waiting } = readSubscriptions(context, startedNs, input, count);
    const finish = (slept: bigint): void => {
      for (const { userdata, remaining } of waiting) {
        if (remaining <= slept)
          ready.push({ userdata, type: TYPE.clock, error: 'SUCCESS', bytes: 0n, flags: 0 });
      }
      putEvents(context, output, ready);
      context.memory.setU32(result, ready.length);
    };
    const earliest = ready.length > 0 ? 0n : earliestOf(waiting);
    if (earliest > 0n) return { ms: Number(earliest) / Number(NS_PER_MS), wake: () => finish(earliest) };
    finish(0n);
    return undefined;
  };
}

function readSubscriptions(
  context: WasiContext,
  startedNs: bigint,
  address: number,
  count: number,
): { ready: Event[]; waiting: Waiting[] } {
  const table = context.memory.view(address, count * SUBSCRIPTION_BYTES);
  const ready: Event[] = [];
  const waiting: Waiting[] = [];
  for (let index = 0; index < count; index++) {
    const at = new DataView(table.buffer, table.byteOffset + index * SUBSCRIPTION_BYTES, SUBSCRIPTION_BYTES);
    const userdata = at.getBigUint64(0, true);
    const type = at.getUint8(8);
    try {
      if (type === TYPE.clock) waiting.push({ userdata, remaining: remainingNs(context, startedNs, at) });
      else
        ready.push({ userdata, type, error: 'SUCCESS', ...readiness(context, type, at.getUint32(16, true)) });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      ready.push({ userdata, type, error: error.errno, bytes: 0n, flags: 0 });
    }
  }
  return { ready, waiting };
}

function remainingNs(context: WasiContext, startedNs: bigint, subscription: DataView): bigint {
  const now = timeOf(context.clock, startedNs, subscription.getUint32(16, true));
  const timeout = subscription.getBigUint64(24, true);
  const isAbsolute = (subscription.getUint16(40, true) & ABSOLUTE_TIME) !== 0;
  if (!isAbsolute) return timeout;
  return timeout > now ? timeout - now : 0n;
}

function readiness(context: WasiContext, type: number, fd: number): { bytes: bigint; flags: number } {
  if (type !== TYPE.read && type !== TYPE.write) throw new Fault('INVAL');
  const descriptor = context.descriptors.get(fd);
  if (descriptor.kind === 'folder') throw new Fault('NOTSUP');
  requireRight(descriptor, RIGHT.POLL_FD_READWRITE | (type === TYPE.read ? RIGHT.FD_READ : RIGHT.FD_WRITE));
  if (descriptor.kind === 'file') {
    const left = type === TYPE.read ? descriptor.file.size() - descriptor.position : 0;
    return { bytes: BigInt(Math.max(0, left)), flags: 0 };
  }
  return { bytes: 0n, flags: type === TYPE.read ? HANGUP : 0 };
}

/** Nanoseconds. */
function earliestOf(waiting: readonly Waiting[]): bigint {
  let earliest = waiting[0]?.remaining ?? 0n;
  for (const { remaining } of waiting) if (remaining < earliest) earliest = remaining;
  return earliest;
}

function putEvents(context: WasiContext, address: number, events: readonly Event[]): void {
  const bytes = context.memory.bytes(address, events.length * EVENT_BYTES);
  bytes.fill(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [index, event] of events.entries()) {
    const at = index * EVENT_BYTES;
    view.setBigUint64(at, event.userdata, true);
    view.setUint16(at + 8, ERRNO[event.error], true);
    view.setUint8(at + 10, event.type);
    view.setBigUint64(at + 16, event.bytes, true);
    view.setUint16(at + 24, event.flags, true);
  }
}
