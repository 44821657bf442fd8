import type { GuestShare } from './guest-totals.js';
import type { InstanceSlot } from './instance-slot.js';
import type { Job } from './job.js';
import { SlotLoads } from './slot-loads.js';
import { waitsInCircle } from './waiting-circle.js';

/** Idle instances that are looked at for the one whose thread has least to do. */
const MOST_LOOKED_AT = 8;

/** Who leaves is expected to be gone after so long. */
const LEAVES_WITHIN_MS = 100;

/** The instances of one plugin, live ones and those that start, and the choice among them. */
export class SlotSet extends Set<InstanceSlot> {
  readonly #tenants = new Map<string, SlotLoads>();
  readonly #leaving = new Set<InstanceSlot>();
  readonly #share: GuestShare | undefined;

  /** @param share where they count */
  constructor(share?: GuestShare) {
    super();
    this.#share = share;
  }

  override add(slot: InstanceSlot): this {
    if (this.has(slot)) return this;
    super.add(slot);
    let among = this.#tenants.get(slot.tenant);
    if (!among) {
      among = new SlotLoads();
      this.#tenants.set(slot.tenant, among);
    }
    among.size++;
    slot.place = { among, load: undefined, at: 0, share: this.#share };
    this.#share?.add(1, slot.memoryBytes);
    among.move(slot, slot.ready ? slot.inFlight : undefined);
    return this;
  }

  override delete(slot: InstanceSlot): boolean {
    if (!super.delete(slot)) return false;
    const { among } = slot.place!;
    among.move(slot, undefined);
    if (this.#leaving.delete(slot)) among.leaving--;
    this.#share?.add(-1, -slot.memoryBytes);
    slot.place = undefined;
    if (--among.size === 0) this.#tenants.delete(slot.tenant);
    return true;
  }

  /** How many the tenant has, those that start included. */
  count(tenant: string): number {
    return this.#tenants.get(tenant)?.size ?? 0;
  }

  /** How many of them start. */
  starting(tenant: string): number {
    const slots = this.#tenants.get(tenant);
    return slots ? slots.size - slots.ready - slots.leaving : 0;
  }

  /** Those that take no more jobs, of late: one that is in the midst of a long call is not to be waited for. */
  leaving(now: number): number {
    let leaving = 0;
    for (const { leavingSince } of this.#leaving) if (now - leavingSince < LEAVES_WITHIN_MS) leaving++;
    return leaving;
  }

  /** Does the tenant have instances, and do all of them leave? */
  allLeave(tenant: string): boolean {
    const loads = this.#tenants.get(tenant);
    return loads !== undefined && loads.leaving === loads.size;
  }

  /** It takes no more jobs; the owner drops it where it has none, and otherwise when it has none any more. */
  leave(slot: InstanceSlot, now: number): void {
    if (slot.isLeaving) return;
    slot.place!.among.leaving++;
    this.#leaving.add(slot);
    slot.leave(now);
  }

  ready(): InstanceSlot[] {
    return [...this].filter((slot) => slot.ready);
  }

  /** Those that start behind the very call that blocks their thread and waits for one of them begin anew in another. */
  abandonStarts({ parent, tenant }: Job): void {
    if (!parent?.thread.isBlocking(parent.seq)) return;
    for (const slot of this) {
      if (slot.tenant !== tenant || slot.ready) continue;
      // No call has a number below zero.
      if (waitsInCircle({ thread: slot.thread, seq: -slot.id, slot }, parent.seq))
        slot.abandonStart('a call in its thread waits for it');
    }
  }

  /** Those that have waited too long to start, in a thread that a guest blocks, begin anew in another. */
  abandonStuck(now: number): void {
    for (const slot of this) if (slot.isStuck(now)) slot.abandonStart('a guest blocks its thread');
  }

  /** Does any of them start? */
  get areStarting(): boolean {
    for (const tenant of this.#tenants.keys()) if (this.starting(tenant) > 0) return true;
    return false;
  }

  /**
   * Can any of them take one more at `now`, with so many ahead of it at most? `packs`: calls are so short that one instance
   * keeps up with its host. They all go to the one that was chosen last, as long as it gets on: further ones would only be woken.
   */
  hasRoom(window: number, packs = false, now = 0): boolean {
    for (const loads of this.#tenants.values()) if (hasRoom(loads, window, packs, now)) return true;
    return false;
  }

  /** The same of one tenant's. */
  hasRoomFor(tenant: string, window: number, packs = false, now = 0): boolean {
    const loads = this.#tenants.get(tenant);
    return loads !== undefined && hasRoom(loads, window, packs, now);
  }

  /** Whose they are. */
  get tenants(): ReadonlyMap<string, unknown> {
    return this.#tenants;
  }

  /**
   * The least loaded that may take the job, or, where it `packs`, the one that all go to. `isPatient`: rather none than one
   * that is busy, because another is on its way or can be started, and nobody knows how long a call takes that waits for
   * its host.
   */
  choose(
    job: Job,
    window: number,
    isPatient: (tenant: string) => boolean,
    packs = false,
    now = 0,
  ): InstanceSlot | undefined {
    const loads = this.#tenants.get(job.tenant);
    if (!loads) return undefined;
    if (job.parent) {
      const inside = insideOf(loads, job.parent);
      if (inside) return inside;
    } else if (packs && !isPatient(job.tenant)) {
      const busy = loads.keepsUp(now);
      if (busy) return busy.inFlight < window ? busy : undefined;
    }
    // Somebody waits for it: it does not wait for the window as well.
    const most = job.parent ? loads.end : Math.min(window, loads.end);
    let blocked: InstanceSlot | undefined;
    for (let { least: load } = loads; load < most; load++) {
      if (load > 0 && isPatient(job.tenant)) return undefined;
      const slots = loads.with(load);
      if (slots.length === 0) continue;
      const best = leastLoadedThread(slots);
      if (best) {
        loads.last = best;
        return best;
      }
      blocked ??= slots[0];
    }
    // Instances whose thread waits for the host come last.
    return blocked && !isPatient(job.tenant) ? blocked : undefined;
  }

  /** Of a tenant's: those that have jobs which are not begun, the longest without an end of one first, and how many others could run something at once. */
  stuckBesideIdle(tenant: string): { readonly idle: number; readonly stuck: readonly InstanceSlot[] } {
    const stuck: InstanceSlot[] = [];
    const loads = this.#tenants.get(tenant)!;
    for (let load = 1; load < loads.end; load++)
      for (const slot of loads.with(load)) if (slot.hasUnbegun) stuck.push(slot);
    let idle = 0;
    for (const { thread } of loads.with(0)) {
      if (idle === stuck.length) break;
      if (thread.load === 0) idle++;
    }
    return { idle, stuck: stuck.sort((a, b) => a.lastUsed - b.lastUsed) };
  }

  /** Those that nobody has used since `olderThan`, the longest unused first. */
  idle(olderThan: number): InstanceSlot[] {
    const idle: InstanceSlot[] = [];
    for (const loads of this.#tenants.values()) {
      for (const slot of loads.with(0)) if (slot.lastUsed <= olderThan) idle.push(slot);
    }
    return idle.sort((a, b) => a.lastUsed - b.lastUsed);
  }
}

function hasRoom(loads: SlotLoads, window: number, packs: boolean, now: number): boolean {
  const busy = packs ? loads.keepsUp(now) : undefined;
  return busy ? busy.inFlight < window : loads.ready > 0 && loads.least < window;
}

/** For a call on behalf of one that blocks its thread: one of that very thread, where it is run at once, whatever waits there. */
function insideOf(loads: SlotLoads, { thread, seq }: NonNullable<Job['parent']>): InstanceSlot | undefined {
  if (!thread.isBlocking(seq)) return undefined;
  for (let load = loads.least; load < loads.end; load++) {
    for (const slot of loads.with(load)) if (slot.thread === thread && !slot.suspended) return slot;
  }
  return undefined;
}

/** Of the first few whose threads are not blocked. */
function leastLoadedThread(slots: readonly InstanceSlot[]): InstanceSlot | undefined {
  let best: InstanceSlot | undefined;
  let looked = 0;
  for (const slot of slots) {
    if (slot.thread.blocked) continue;
    if (!best || slot.thread.load < best.thread.load) best = slot;
    if (best.thread.load === 0 || ++looked === MOST_LOOKED_AT) break;
  }
  return best;
}
