import type { InstanceSlot } from './instance-slot.js';
import type { Job } from './job.js';

/** The instances of one plugin, live ones and those that start, and the choice among them. */
export class SlotSet extends Set<InstanceSlot> {
  /** Memory of all of them after their last runs. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const slot of this) bytes += slot.memoryBytes;
    return bytes;
  }

  /** How many are of this tenant. */
  countOf(tenant: string): number {
    let count = 0;
    for (const slot of this) if (slot.tenant === tenant) count++;
    return count;
  }

  /** How many of them are not ready yet. */
  startingOf(tenant: string): number {
    let count = 0;
    for (const slot of this) if (slot.tenant === tenant && !slot.ready) count++;
    return count;
  }

  /** Can any of them take one more, with so many ahead of it at most? */
  hasRoom(window: number): boolean {
    for (const slot of this) if (slot.ready && slot.inFlight < window) return true;
    return false;
  }

  /**
   * The least loaded that may take the job. `isPatient`: rather none than one that is busy, because another is on its
   * way or can be started, and nobody knows how long a call takes that waits for its host.
   */
  choose(job: Job, window: number, isPatient: (tenant: string) => boolean): InstanceSlot | undefined {
    let best: InstanceSlot | undefined;
    for (const slot of this) {
      if (!slot.ready || slot.tenant !== job.tenant) continue;
      // A call on behalf of one that blocks this very thread is run at once, whatever waits there.
      if (job.parent?.thread === slot.thread && !slot.suspended) return slot;
      // Somebody waits for it, and holds a thread: it does not wait for the window as well.
      if (slot.inFlight >= window && !job.parent) continue;
      if ((slot.inFlight > 0 || slot.thread.blocked) && isPatient(job.tenant)) continue;
      if (!best || weight(slot) < weight(best)) best = slot;
    }
    return best;
  }

  /** Those that nobody has used since `olderThan`, the longest unused first. */
  idle(olderThan: number): InstanceSlot[] {
    return [...this]
      .filter((slot) => slot.ready && slot.inFlight === 0 && slot.lastUsed <= olderThan)
      .sort((a, b) => a.lastUsed - b.lastUsed);
  }
}

/** Instances whose thread waits for the host come last. */
function weight(slot: InstanceSlot): number {
  return slot.inFlight + (slot.thread.blocked ? 1000 : 0);
}
