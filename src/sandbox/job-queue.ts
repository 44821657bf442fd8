import { Fifo } from './fifo.js';
import type { Job } from './job.js';
import { isEarlierJob } from './job-number.js';

/** All that wait, or those only that do so on behalf of a call. */
export type Whom = 'all' | 'nested';

/**
 * Calls that wait for an instance: by priority, then in the order of their arrival. Each tenant has a line of its own, because it has instances of
 * its own: what waits of one is not looked at for another.
 */
export class JobQueue {
  readonly #byTenant: boolean;
  /** In the order in which they began to wait. One that is empty stays where there is no other: making it anew for each call would cost. */
  readonly #lines = new Map<string, Line>();
  /** The only line, where there is one. */
  #only: Line | undefined;
  #length = 0;
  #nested = 0;

  /** @param byTenant false where any instance is anyone's */
  constructor(byTenant = true) {
    this.#byTenant = byTenant;
  }

  /** Jobs on behalf of a call that waits for them. */
  get nested(): number {
    return this.#nested;
  }

  get length(): number {
    return this.#length;
  }

  /** Are all that wait of one tenant? */
  get isOfOne(): boolean {
    return this.#lines.size <= 1;
  }

  /** Puts a job where it belongs; one that comes back keeps its place. */
  add(job: Job): void {
    const tenant = this.#tenantOf(job);
    const line = this.#lines.get(tenant) ?? this.#newLine(tenant);
    line.add(job);
    this.#length++;
    if (job.parent) this.#nested++;
  }

  /** The one that comes first; undefined where none waits. */
  first(whom: Whom = 'all'): Job | undefined {
    if (this.#only) return this.#only.first(whom);
    let first: Job | undefined;
    for (const line of this.#lines.values()) {
      const one = line.first(whom);
      if (one && (!first || comesBefore(one, first))) first = one;
    }
    return first;
  }

  /** The first one of a tenant. */
  firstOf(tenant: string, whom: Whom = 'all'): Job | undefined {
    return this.#lines.get(tenant)?.first(whom);
  }

  has(job: Job): boolean {
    return this.#lines.get(this.#tenantOf(job))?.has(job) === true;
  }

  /** How many of a tenant wait. */
  waiting(tenant: string): number {
    return this.#lines.get(tenant)?.length ?? 0;
  }

  /** Whose jobs wait: those with the highest priority first, among equals who has waited longest. */
  tenants(): string[] {
    if (this.#length === 0) return [];
    const tenants = [...this.#lines.keys()];
    if (tenants.length === 1) return tenants;
    const priority = (tenant: string): number => this.firstOf(tenant)!.priority;
    const [first] = tenants;
    return tenants.every((one) => priority(one) === priority(first!))
      ? tenants
      : tenants.sort((a, b) => priority(b) - priority(a));
  }

  /** Whose jobs may wait, in no order. */
  get lines(): ReadonlyMap<string, unknown> {
    return this.#lines;
  }

  /** This tenant had its turn: others that wait come before it. */
  hadTurn(tenant: string): void {
    const line = this.#lines.get(tenant);
    if (!line) return;
    this.#lines.delete(tenant);
    this.#lines.set(tenant, line);
  }

  /** Takes out a job; false where it does not wait. */
  remove(job: Job): boolean {
    const tenant = this.#tenantOf(job);
    const line = this.#lines.get(tenant);
    if (!line?.remove(job)) return false;
    this.#length--;
    if (job.parent) this.#nested--;
    if (line.length === 0) this.#leave(tenant);
    return true;
  }

  /** Takes the first job. */
  shift(whom: Whom = 'all'): Job | undefined {
    const first = this.first(whom);
    if (first) this.remove(first);
    return first;
  }

  /** Takes every job that `accept` wants, in order. */
  takeAll(accept: (job: Job) => boolean = () => true): Job[] {
    const taken: Job[] = [];
    for (const [tenant, line] of [...this.#lines]) {
      line.takeAll(accept, taken);
      if (line.length === 0) this.#leave(tenant);
    }
    this.#length -= taken.length;
    for (const { parent } of taken) if (parent) this.#nested--;
    return taken.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
  }

  /** The earliest deadline in the queue; `Infinity` where it is empty. */
  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const line of this.#lines.values()) next = Math.min(next, line.nextDeadline());
    return next;
  }

  #tenantOf(job: Job): string {
    return this.#byTenant ? job.tenant : '';
  }

  #newLine(tenant: string): Line {
    const unused = this.#length === 0 ? this.#only : undefined;
    if (unused) this.#lines.clear();
    const line = unused ?? new Line();
    this.#lines.set(tenant, line);
    this.#only = this.#lines.size === 1 ? line : undefined;
    return line;
  }

  /** Nothing of this tenant waits any more. */
  #leave(tenant: string): void {
    if (this.#lines.size === 1) return;
    this.#lines.delete(tenant);
    if (this.#lines.size === 1) for (const line of this.#lines.values()) this.#only = line;
  }
}

/** What waits of one tenant. Calls on behalf of others stand apart: where only these may begin, nobody looks through the rest. */
class Line {
  readonly #plain = new Fifo<Job>();
  readonly #nested = new Fifo<Job>();

  get length(): number {
    return this.#plain.length + this.#nested.length;
  }

  first(whom: Whom): Job | undefined {
    const nested = this.#nested.first;
    const plain = whom === 'all' ? this.#plain.first : undefined;
    if (nested && plain) return comesBefore(nested, plain) ? nested : plain;
    return nested ?? plain;
  }

  add(job: Job): void {
    const jobs = this.#of(job);
    let at = jobs.length;
    while (at > 0 && comesBefore(job, jobs.at(at - 1)!)) at--;
    jobs.insert(at, job);
  }

  // What was taken is not kept: a job has its input, up to `inputBytes`.
  remove(job: Job): boolean {
    const jobs = this.#of(job);
    if (jobs.first === job) return jobs.shift() !== undefined;
    return jobs.take((other) => other === job) !== undefined;
  }

  has(job: Job): boolean {
    const jobs = this.#of(job);
    // Who asks has nearly always just come.
    for (let i = jobs.length - 1; i >= 0; i--) if (jobs.at(i) === job) return true;
    return false;
  }

  takeAll(accept: (job: Job) => boolean, into: Job[]): void {
    into.push(...this.#plain.takeAll(accept), ...this.#nested.takeAll(accept));
  }

  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const jobs of [this.#plain, this.#nested])
      for (let i = 0; i < jobs.length; i++) next = Math.min(next, jobs.at(i)!.queueDeadline);
    return next;
  }

  #of(job: Job): Fifo<Job> {
    return job.parent ? this.#nested : this.#plain;
  }
}

/** By priority, then by arrival. */
export function comesBefore(a: Job, b: Job): boolean {
  return a.priority > b.priority || (a.priority === b.priority && isEarlierJob(a.seq, b.seq));
}
