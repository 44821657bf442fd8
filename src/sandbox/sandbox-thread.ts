import { performance } from 'node:perf_hooks';
import { BY_ITSELF, endFailure } from './end-failure.js';
import { heldUp } from './late-failure.js';
import { NumberMap } from './number-map.js';
import { OpenAsks } from './open-asks.js';
import type {
  Answer,
  AskMessage,
  Failure,
  FromThread,
  LogMessage,
  ToThread,
  ViolationMessage,
} from './protocol.js';
import { sharedNow } from './shared-clock.js';
import type { LinkEnd, OpenLink, ThreadLink } from './thread-link.js';
import type { WaitedFor } from './waiting-circle.js';
import { soonest, type Work } from './work.js';

/** How long a thread has, after a deadline or a cancel, to stop its guest before the thread itself is ended. */
const GRACE_MS = 1000;
/** The same for one that other threads go before: it may not have had the processor at all. */
const BACKGROUND_GRACE_MS = 5 * GRACE_MS;
/** The same for a guest that only stops if it happens to end. */
const UNMETERED_GRACE_MS = 10;
/** Where the host itself was held up for so long, its threads may have been, too: they have their time anew, */
const HELD_UP_MS = 100;
/** so often at most. */
const MOST_GRACES = 3;
/** How long a thread may take to end before it is given up. */
const STOP_MS = 2_000;

/** Messages wait at most for so many others before they are sent: the thread can begin while more are made. */
const MAX_PENDING = 16;

/** So many messages that came together came at the same moment, however long it takes to hear of each. */
const SAME_MOMENT = 16;

/** What a thread tells its owner. */
export interface ThreadListener {
  /** `deadline` of the asking call, by `sharedNow()`. */
  onAsk(message: AskMessage, thread: SandboxThread, deadline: number): void;
  onLog(message: LogMessage): void;
  onViolation(message: ViolationMessage): void;
  /** The thread is gone; every work of it is settled already. `planned` where the owner closed it. */
  onEnd(thread: SandboxThread, reason: string, planned: boolean): void;
}

/**
 * The host's end of one sandbox thread: sends messages in batches, knows what is under way, and ends the thread when
 * a guest in it cannot be stopped otherwise. Every work is settled exactly once, whatever happens to the thread.
 */
export class SandboxThread {
  readonly name: string;
  /** Do other threads go before it? */
  readonly isBackground: boolean;
  readonly #link: ThreadLink;
  readonly #listener: ThreadListener;
  readonly #works = new NumberMap<Work>();
  readonly #defined = new Set<number>();
  /** What runs the call that a guest here waits for, by the asking work. */
  readonly #waits = new Map<number, WaitedFor>();
  #outbox: ToThread[] = [];
  #watchdog: NodeJS.Timeout | undefined;
  #watchdogAt = Number.POSITIVE_INFINITY;
  readonly #asks = new OpenAsks();
  readonly #graceTimers = new Set<NodeJS.Timeout>();
  #ending: { reason: string; planned: boolean } | undefined;
  #over = false;
  readonly #ended: Promise<void>;
  #onEnded: () => void = () => {};
  /** Instances that live here, kept by the pool for its choice of a thread. */
  instances = 0;

  constructor(name: string, open: OpenLink, listener: ThreadListener, isBackground = false) {
    this.name = name;
    this.isBackground = isBackground;
    this.#listener = listener;
    this.#ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    this.#link = open({
      onBatch: (batch) => {
        let now = 0;
        for (let i = 0; i < batch.length; i++) {
          if (i % SAME_MOMENT === 0) now = performance.now();
          this.#receive(batch[i]!, now);
        }
      },
      onEnd: (end) => this.#end(end),
    });
  }

  /** Does a guest hold this thread while it waits, for the host or for time to pass? Then nothing else runs here. */
  get blocked(): boolean {
    return this.#asks.innermostBlocking !== undefined || this.#link.control.isSleeping;
  }

  /** The work whose guest blocks the thread at present, under which no other waits; undefined where none does. */
  get innermostBlocking(): number | undefined {
    return this.#asks.innermostBlocking;
  }

  /** Does the guest of this work wait for the host? */
  isAsking(seq: number): boolean {
    return this.#asks.isAsking(seq);
  }

  /** Does it block the thread? */
  isBlocking(seq: number): boolean {
    return this.#asks.isBlocking(seq);
  }

  /** Has this work been begun, as far as can be seen from here? */
  hasBegun(seq: number): boolean {
    const { running } = this.#link.control;
    return running === seq || this.isInMidst(seq);
  }

  /** Has its guest waited for the host, and is not over? It may be on the stack yet, below others. */
  isInMidst(seq: number): boolean {
    return this.#works.get(seq)?.hasAsked === true;
  }

  /** This call, which is not begun, runs inside of the one that blocks the thread: they would wait for each other. */
  runInside(seq: number): void {
    const within = this.innermostBlocking;
    const work = this.#works.get(seq);
    if (within === undefined || !work) return;
    work.within = within;
    this.send({ op: 'within', seq, within });
  }

  /** The works that have to be over before this one, which is not over, can begin or go on: they block the thread. */
  holding(seq: number): readonly number[] {
    const { hasAsked = false, deadline, within } = this.#works.get(seq) ?? {};
    return this.#asks.holding(seq, { hasAsked, wasSuspended: deadline !== undefined, within });
  }

  /** A guest here, within the work `seq`, waits for a call that runs there; undefined where that is over. */
  waitFor(seq: number, waited: WaitedFor | undefined): void {
    if (waited) this.#waits.set(seq, waited);
    else this.#waits.delete(seq);
  }

  waitOf(seq: number): WaitedFor | undefined {
    return this.#waits.get(seq);
  }

  /** Has it ended, or is it about to? */
  get ending(): boolean {
    return this.#ending !== undefined || this.#over;
  }

  /** Works that were sent and are not done. */
  get load(): number {
    return this.#works.size;
  }

  /** Sends the spec once. */
  define(spec: Extract<ToThread, { op: 'define' }>['spec']): void {
    if (this.#defined.has(spec.id)) return;
    this.#defined.add(spec.id);
    this.send({ op: 'define', spec });
  }

  /** The plugin is unloaded. */
  forget(spec: number): void {
    if (this.#defined.delete(spec)) this.send({ op: 'forget', spec });
  }

  /** Sends a work, at `now` by `performance.now()`; `settle` is called exactly once. */
  start(
    message: Extract<ToThread, { seq: number; timeoutMs: number }>,
    work: Work,
    now = performance.now(),
  ): void {
    if (this.ending) {
      work.settle({ kind: 'unstarted' }, now);
      return;
    }
    if (this.#works.size === 0) this.#link.ref();
    this.#works.set(message.seq, work);
    if (message.op === 'call' && message.within !== undefined) work.within = message.within;
    this.send(message);
    this.#watch(soonest(work), now);
  }

  /**
   * The caller gave up: a work that waits is skipped, a metered guest stops at once. An unmetered one runs on to its
   * deadline, because ending the thread would cost its neighbours their state.
   */
  cancel(seq: number, metered: boolean): void {
    if (!this.#works.has(seq)) return;
    this.send({ op: 'cancel', seq });
    if (metered) this.#endUnlessDone(seq, 'a guest did not stop when its caller gave up');
  }

  /** Answers a guest that still waits; an answer that comes too late is dropped. */
  answer(ask: number, answer: Answer): void {
    if (this.#asks.close(ask)) this.send({ op: 'answer', ask, answer });
  }

  send(message: ToThread): void {
    if (this.ending) return;
    if (this.#outbox.length === 0) queueMicrotask(this.#flushSoon);
    if (this.#outbox.push(message) >= MAX_PENDING) this.#flush();
  }

  /** Ends the thread; resolves when it is gone and its works are settled. */
  async close(reason = 'the host closes', planned = true): Promise<void> {
    if (!this.ending) {
      this.#ending = { reason, planned };
      this.#link.ref();
      this.#link.end();
      // Without metering there are loops of bulk instructions that V8 does not interrupt (measured: still there after
      // 90 s). Nobody is to wait for them: the calls are settled, and the thread burns a core until the process ends.
      const timer = setTimeout(() => this.#abandon(), STOP_MS);
      await this.#ended;
      clearTimeout(timer);
    }
    await this.#ended;
  }

  #abandon(): void {
    const ending = this.#ending!;
    this.#ending = {
      ...ending,
      planned: false,
      reason: `${ending.reason}; it does not end and burns a core`,
    };
    this.#link.unref();
    this.#end(BY_ITSELF);
  }

  readonly #flushSoon = (): void => this.#flush();

  #flush(): void {
    if (this.ending || this.#outbox.length === 0) return;
    const batch = this.#outbox;
    this.#outbox = [];
    try {
      this.#link.send(batch);
    } catch (error) {
      // Nothing that is sent should be beyond cloning. If it is, its calls end with the thread and not with the process.
      void this.close(`a message could not be sent to it: ${String(error)}`, false);
    }
  }

  #receive(message: FromThread, now: number): void {
    switch (message.op) {
      case 'done': {
        if (message.answers !== undefined) this.#asks.close(message.answers);
        const work = this.#works.get(message.seq);
        if (!work) return;
        this.#works.delete(message.seq);
        this.#asks.forget(message.seq);
        if (this.#works.size === 0) this.#link.unref();
        if (work.isSettled) {
          work.endedLate?.(message);
          return;
        }
        work.settle(
          message.unstarted ? { kind: 'unstarted', wasRecalled: !message.lost } : { kind: 'done', message },
          now,
        );
        return;
      }
      case 'ask':
        this.#open(message);
        return;
      case 'log':
        this.#listener.onLog(message);
        return;
      case 'violation':
        this.#listener.onViolation(message);
    }
  }

  #open(message: AskMessage): void {
    const { ask, seq } = message;
    const work = this.#works.get(seq);
    const blocks = message.deadline === undefined;
    // A guest can end while it asks, by overflowing its stack: then nobody waits for an answer.
    if (!work || (blocks && this.#link.control.running !== seq)) return;
    const deadline = message.deadline ?? this.#deadlineOf(work);
    work.hasAsked = true;
    this.#asks.open(ask, seq, blocks);
    if (!blocks && work.deadline === undefined) {
      work.deadline = deadline;
      this.#watch(Math.max(0, deadline - sharedNow()));
    }
    this.#listener.onAsk(message, this, deadline);
  }

  /** The guest that asks is the one that runs, and waits: what is read here cannot change meanwhile. */
  #deadlineOf({ timeoutMs }: Work): number {
    return this.#link.control.startedAt + timeoutMs;
  }

  /**
   * One timer a thread: due when the work that runs, or the shortest that waits, could be late. Left alone when nothing
   * runs any more: the next call finds it, rather than make one of its own.
   */
  #watch(timeoutMs: number, now = performance.now()): void {
    const at = now + timeoutMs;
    if (at >= this.#watchdogAt || timeoutMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#watchdog);
    this.#watchdogAt = at;
    this.#watchdog = setTimeout(() => this.#check(), Math.min(Math.ceil(timeoutMs) + 1, 2 ** 31 - 1));
    // What is under way keeps the process alive by its link.
    this.#watchdog.unref();
  }

  #check(): void {
    this.#watchdogAt = Number.POSITIVE_INFINITY;
    const seq = this.#link.control.running;
    const startedAt = this.#link.control.startedAt;
    const work = this.#works.get(seq);
    if (work && this.#link.control.running === seq) {
      const left = startedAt + work.timeoutMs - sharedNow();
      if (left > 0) this.#watch(Math.min(left, soonest(work)));
      else if (!work.isSettled) this.#late(seq, work, !this.isAsking(seq));
    }
    // Those that wait begin later than now; looking again after the shortest of their times is early enough.
    const now = sharedNow();
    let shortest = Number.POSITIVE_INFINITY;
    for (const [other, waiting] of [...this.#works.entries()]) {
      if (other === seq || waiting.isSettled) continue;
      const left = waiting.deadline === undefined ? soonest(waiting) : waiting.deadline - now;
      if (left <= 0) this.#late(other, waiting);
      else shortest = Math.min(shortest, left);
    }
    this.#watch(Math.max(shortest, 1));
  }

  /** The caller is told first; then the guest has to stop, or its thread ends. `heldThread`: see {@link Failure}. */
  #late(seq: number, work: Work, heldThread = false): void {
    work.isSettled = true;
    const late = work.onTimeout();
    const failure = this.#isHeldUp(seq, work) ? heldUp(late) : heldThread ? { ...late, heldThread } : late;
    work.settle({ kind: 'lost', failure }, performance.now());
    this.send({ op: 'cancel', seq });
    const inPlace = work.isMetered || this.blocked;
    this.#endUnlessDone(
      seq,
      'a guest could not be stopped at its deadline',
      inPlace ? this.#graceMs : UNMETERED_GRACE_MS,
    );
  }

  /** Could its guest go on, while that of another plugin has the thread? */
  #isHeldUp(seq: number, work: Work): boolean {
    const other = this.#works.get(this.#link.control.running);
    return work.deadline !== undefined && !this.isAsking(seq) && !!other && other.spec !== work.spec;
  }

  #endUnlessDone(seq: number, reason: string, graceMs = this.#graceMs, graces = MOST_GRACES): void {
    const due = performance.now() + graceMs;
    const timer = setTimeout(() => {
      this.#graceTimers.delete(timer);
      if (!this.#works.has(seq) || this.#link.control.running !== seq) return;
      if (graces > 1 && performance.now() - due > HELD_UP_MS)
        this.#endUnlessDone(seq, reason, graceMs, graces - 1);
      else void this.close(reason, false);
    }, graceMs);
    timer.unref();
    this.#graceTimers.add(timer);
  }

  get #graceMs(): number {
    return this.isBackground ? BACKGROUND_GRACE_MS : GRACE_MS;
  }

  #end(end: LinkEnd): void {
    if (this.#over) return;
    this.#over = true;
    const { reason, planned } = this.#ending ?? { reason: end.reason, planned: false };
    const works = [...this.#works.entries()];
    this.#works.clear();
    this.#asks.clear();
    this.#waits.clear();
    for (const timer of this.#graceTimers) clearTimeout(timer);
    this.#graceTimers.clear();
    clearTimeout(this.#watchdog);
    this.#link.unref();
    const now = performance.now();
    for (const [seq, work] of works) {
      if (work.isSettled) continue;
      if (work.deadline !== undefined || this.#link.control.begun.has(seq))
        work.settle({ kind: 'lost', failure: endFailure(end, reason, planned) }, now);
      else work.settle({ kind: 'unstarted', reason }, now);
    }
    this.#listener.onEnd(this, reason, planned);
    this.#onEnded();
  }
}
