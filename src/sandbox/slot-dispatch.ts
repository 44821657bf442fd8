import type { CallWindow } from './call-window.js';
import type { InstanceSlot } from './instance-slot.js';
import type { Job } from './job.js';
import { comesBefore, type JobQueue, type Whom } from './job-queue.js';
import { STUCK_MS } from './slot-loads.js';
import type { SlotSet } from './slot-set.js';
import { StuckJobs } from './stuck-jobs.js';
import { WakeTimer } from './wake-timer.js';

/** What the calls of a plugin and their way to its instances have in common. */
export interface DispatchOwner {
  readonly queue: JobQueue;
  readonly slots: SlotSet;
  readonly window: CallWindow;
  /** Whose jobs may begin, where an instance has room for one more or has not. */
  whoMayBegin(hasWindow: boolean, now: number): Whom | undefined;
  /** Is another instance of the tenant on its way, or can it be started? */
  moreToCome(tenant: string): boolean;
  send(job: Job, slot: InstanceSlot, now: number): void;
  pump(): void;
}

/** Hands the calls that wait for an instance of a plugin to those that can take one more. */
export class SlotDispatch {
  /** A budget that an instance waits for is known to those that start it. */
  readonly noRoom = undefined;
  readonly #owner: DispatchOwner;
  readonly #isPatient: (tenant: string) => boolean;
  readonly #packTimer: WakeTimer;
  readonly #stuck: StuckJobs | undefined;

  /** @param isPool a call may go to any instance of its tenant */
  constructor(owner: DispatchOwner, isPool: boolean) {
    this.#owner = owner;
    this.#isPatient = (tenant) => owner.moreToCome(tenant);
    this.#stuck = isPool ? new StuckJobs(owner.slots, this.#isPatient) : undefined;
    this.#packTimer = new WakeTimer(() => owner.pump());
  }

  /** As many as can go. */
  run(now: number): void {
    const { queue, slots, window } = this.#owner;
    const { size, packs } = window;
    for (;;) {
      const whom = this.#owner.whoMayBegin(slots.hasRoom(size, packs, now), now);
      if (!whom || !(queue.isOfOne ? this.#sendFirst(whom, now) : this.#sendNext(whom, now))) break;
    }
    // Where all wait for one that gets on no more, nobody would look.
    if (packs && queue.length > 0 && slots.size > 1) this.#packTimer.in(STUCK_MS, now);
  }

  /** A job came back from this instance. */
  cameBack(slot: InstanceSlot, now: number): void {
    this.#stuck?.cameBack(slot, now);
  }

  stop(): void {
    this.#packTimer.stop();
    this.#stuck?.stop();
  }

  /** The first of all, or, where there is no instance for it, the first on behalf of a call, which takes any. */
  #sendFirst(whom: Whom, now: number): boolean {
    const { queue } = this.#owner;
    const first = queue.first(whom)!;
    if (this.#sendOne(first, now)) return true;
    const nested = first.parent ? undefined : queue.first('nested');
    return nested !== undefined && this.#sendOne(nested, now);
  }

  /** The first that has an instance it can go to. Looked for among the tenants that wait or those that have instances, whichever are fewer. */
  #sendNext(whom: Whom, now: number): boolean {
    const { queue, slots, window } = this.#owner;
    const { size, packs } = window;
    const tenants = queue.lines.size < slots.tenants.size ? queue.lines : slots.tenants;
    let without: Set<string> | undefined;
    for (;;) {
      let next: Job | undefined;
      for (const tenant of tenants.keys()) {
        if (without?.has(tenant)) continue;
        const hasRoom = whom === 'all' && slots.hasRoomFor(tenant, size, packs, now);
        const job = queue.firstOf(tenant, hasRoom ? 'all' : 'nested');
        if (job && (!next || comesBefore(job, next))) next = job;
      }
      if (!next) return false;
      if (this.#sendOne(next, now)) return true;
      without ??= new Set();
      without.add(next.tenant);
    }
  }

  #sendOne(job: Job, now: number): boolean {
    const { queue, slots, window } = this.#owner;
    const slot = slots.choose(job, window.size, this.#isPatient, window.packs, now);
    if (!slot) return false;
    queue.remove(job);
    this.#owner.send(job, slot, now);
    this.#stuck?.sent(slot, now);
    return true;
  }
}
