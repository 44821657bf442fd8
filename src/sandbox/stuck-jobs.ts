import { performance } from 'node:perf_hooks';
import type { InstanceSlot } from './instance-slot.js';
import { STUCK_MS } from './slot-loads.js';
import type { SlotSet } from './slot-set.js';
import { WakeTimer } from './wake-timer.js';

/** How often it is looked whether a guest blocks the thread of a job that another instance could be started for, in milliseconds. */
const LOOK_MS = 5;

/**
 * The jobs of a pool that were sent behind one that takes long, or to a thread that is busy with something else: they come back as soon as another
 * instance has nothing to do, and go there; or as soon as a guest blocks their thread, where one more may be started. How long a call takes nobody
 * knows before.
 */
export class StuckJobs {
  readonly #slots: SlotSet;
  readonly #moreToCome: (tenant: string) => boolean;
  readonly #timer = new WakeTimer(() => this.#look(performance.now()));
  /** Was there something that could have gone elsewhere, had there been an instance for it? */
  #isWaiting = false;

  /** @param moreToCome may another instance be started for this tenant? */
  constructor(slots: SlotSet, moreToCome: (tenant: string) => boolean) {
    this.#slots = slots;
    this.#moreToCome = moreToCome;
  }

  /** This one was sent a job. */
  sent({ inFlight, thread }: InstanceSlot, now: number): void {
    if (inFlight > 1 || thread.load > 1) this.#timer.in(STUCK_MS, now);
  }

  /** A job came back from this one. */
  cameBack({ inFlight }: InstanceSlot, now: number): void {
    if (this.#isWaiting && inFlight === 0) this.#timer.in(STUCK_MS, now);
  }

  stop(): void {
    this.#timer.stop();
  }

  #look(now: number): void {
    this.#isWaiting = false;
    for (const tenant of this.#slots.tenants.keys()) {
      const { idle, stuck } = this.#slots.stuckBesideIdle(tenant);
      if (stuck.length > idle) this.#isWaiting = true;
      for (const slot of stuck.slice(0, idle)) {
        const left = slot.lastUsed + STUCK_MS - now;
        if (left > 0) this.#timer.in(left, now);
        else slot.recall();
      }
      if (stuck.length <= idle || !this.#moreToCome(tenant)) continue;
      for (const slot of stuck.slice(idle)) if (slot.thread.blocked) slot.recall();
      this.#timer.in(LOOK_MS, now);
    }
  }
}
