import type { InstanceSlot } from './instance-slot.js';
import type { Job } from './job.js';
import { waitsInCircle } from './waiting-circle.js';

/** Idle instances that are looked at for the one whose thread has least to do. */
const MOST_LOOKED_AT = 8;

/** The instances of one tenant. */
interface TenantSlots {
  size: number;
  ready: number;
  /** Those that are ready by how many jobs each has: finding one must not cost a look at all of a large pool. */
  readonly byLoad: Set<InstanceSlot>[];
}

/** The instances of one plugin, live ones and those that start, and the choice among them. */
export class SlotSet extends Set<InstanceSlot> {
  readonly #tenants = new Map<string, TenantSlots>();
  /** Where each that is ready is. */
  readonly #loads = new Map<InstanceSlot, number>();
  readonly #onChange = (slot: InstanceSlot): void => this.#place(slot);

  override add(slot: InstanceSlot): this {
    if (this.has(slot)) return this;
    super.add(slot);
    this.#of(slot.tenant).size++;
    slot.onChange = this.#onChange;
    this.#place(slot);
    return this;
  }

  override delete(slot: InstanceSlot): boolean {
    if (!super.delete(slot)) return false;
    slot.onChange = undefined;
    this.#move(slot, undefined);
    const tenant = this.#tenants.get(slot.tenant)!;
    if (--tenant.size === 0) this.#tenants.delete(slot.tenant);
    return true;
  }

  /** Memory of all of them after their last runs. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const slot of this) bytes += slot.memoryBytes;
    return bytes;
  }

  /** How many the tenant has, those that start included. */
  count(tenant: string): number {
    return this.#tenants.get(tenant)?.size ?? 0;
  }

  /** How many of them start. */
  starting(tenant: string): number {
    const slots = this.#tenants.get(tenant);
    return slots ? slots.size - slots.ready : 0;
  }

  ready(): InstanceSlot[] {
    return [...this].filter((slot) => slot.ready);
  }

  /** Those that start behind the very call that blocks their thread and waits for one of them begin anew in another. */
  abandonStarts({ parent, tenant }: Job): void {
    if (!parent?.thread.isBlocking(parent.seq)) return;
    for (const slot of this) {
      if (slot.tenant !== tenant || slot.ready) continue;
      if (waitsInCircle({ thread: slot.thread, seq: slot.id, slot }, parent.seq))
        slot.abandonStart('a call in its thread waits for it');
    }
  }

  /** Can any of them take one more, with so many ahead of it at most? */
  hasRoom(window: number): boolean {
    for (const { byLoad } of this.#tenants.values()) {
      for (const slots of byLoad.slice(0, window)) if (slots.size > 0) return true;
    }
    return false;
  }

  /**
   * The least loaded that may take the job. `isPatient`: rather none than one that is busy, because another is on its
   * way or can be started, and nobody knows how long a call takes that waits for its host.
   */
  choose(job: Job, window: number, isPatient: (tenant: string) => boolean): InstanceSlot | undefined {
    const byLoad = this.#tenants.get(job.tenant)?.byLoad;
    if (!byLoad) return undefined;
    const inside = insideOf(byLoad, job);
    if (inside) return inside;
    // Somebody waits for it: it does not wait for the window as well.
    const most = job.parent ? byLoad.length : Math.min(window, byLoad.length);
    let blocked: InstanceSlot | undefined;
    for (let load = 0; load < most; load++) {
      if (load > 0 && isPatient(job.tenant)) return undefined;
      const slots = byLoad[load];
      if (!slots || slots.size === 0) continue;
      const best = leastLoadedThread(slots);
      if (best) return best;
      blocked ??= first(slots);
    }
    // Instances whose thread waits for the host come last.
    return blocked && !isPatient(job.tenant) ? blocked : undefined;
  }

  /** Those that nobody has used since `olderThan`, the longest unused first. */
  idle(olderThan: number): InstanceSlot[] {
    const idle: InstanceSlot[] = [];
    for (const { byLoad } of this.#tenants.values()) {
      for (const slot of byLoad[0] ?? []) if (slot.lastUsed <= olderThan) idle.push(slot);
    }
    return idle.sort((a, b) => a.lastUsed - b.lastUsed);
  }

  #of(tenant: string): TenantSlots {
    let slots = this.#tenants.get(tenant);
    if (!slots) {
      slots = { size: 0, ready: 0, byLoad: [] };
      this.#tenants.set(tenant, slots);
    }
    return slots;
  }

  #place(slot: InstanceSlot): void {
    this.#move(slot, slot.ready ? slot.inFlight : undefined);
  }

  #move(slot: InstanceSlot, to: number | undefined): void {
    const from = this.#loads.get(slot);
    if (from === to) return;
    const slots = this.#of(slot.tenant);
    if (from === undefined) slots.ready++;
    else slots.byLoad[from]!.delete(slot);
    if (to === undefined) {
      slots.ready--;
      this.#loads.delete(slot);
      return;
    }
    while (slots.byLoad.length <= to) slots.byLoad.push(new Set());
    slots.byLoad[to]!.add(slot);
    this.#loads.set(slot, to);
  }
}

/** For a call on behalf of one that blocks its thread: one of that very thread, where it is run at once, whatever waits there. */
function insideOf(byLoad: readonly Set<InstanceSlot>[], { parent }: Job): InstanceSlot | undefined {
  if (!parent?.thread.isBlocking(parent.seq)) return undefined;
  for (const slots of byLoad) {
    for (const slot of slots) if (slot.thread === parent.thread && !slot.suspended) return slot;
  }
  return undefined;
}

/** Of the first few whose threads are not blocked. */
function leastLoadedThread(slots: Iterable<InstanceSlot>): InstanceSlot | undefined {
  let best: InstanceSlot | undefined;
  let looked = 0;
  for (const slot of slots) {
    if (slot.thread.blocked) continue;
    if (!best || slot.thread.load < best.thread.load) best = slot;
    if (best.thread.load === 0 || ++looked === MOST_LOOKED_AT) break;
  }
  return best;
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
