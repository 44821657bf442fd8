// @ts-check
// Who calls: clients one call after the other, each of a plugin by chance, each with a number in the ledger.
import { setTimeout as sleep } from 'node:timers/promises';
import { callOf, exampleCall } from './population.js';

/** What anchors may count to. */
const MOST_COUNTS = 1_000_000;

/** Calls plugins of one host until it is told to stop. */
export class Clients {
  #host;
  #members;
  #ledger;
  #port;
  #stopped = false;
  /** @type {Promise<void>[]} */
  #running = [];
  /** Latencies since the last sample, of calls of good plugins that only work. @type {number[]} */
  latencies = [];
  settled = 0;
  /** @type {Map<string, { seen: Uint8Array, ok: number, failed: number, highest: number, repeated: number }>} */
  #counts = new Map();

  /**
   * @param {object} options
   * @param {import('cordon').Host} options.host
   * @param {readonly import('./population.js').Member[]} options.members
   * @param {import('./ledger.js').Ledger} options.ledger
   * @param {number} options.port
   */
  constructor({ host, members, ledger, port }) {
    this.#host = host;
    this.#members = members;
    this.#ledger = ledger;
    this.#port = port;
    for (const { anchor, kind, name } of members) {
      if (!anchor || kind !== 'count') continue;
      this.#counts.set(name, {
        seen: new Uint8Array(MOST_COUNTS),
        ok: 0,
        failed: 0,
        highest: 0,
        repeated: 0,
      });
    }
  }

  /** @param {{ good: number, goodPauseMs: number, badPauseMs: number }} pace */
  start({ good, goodPauseMs, badPauseMs }) {
    const called = this.#members.filter(({ kind }) => kind !== 'bad' && kind !== 'service');
    const urn = called.flatMap((member) => Array.from({ length: member.weight }, () => member));
    const bad = this.#members.filter(({ kind }) => kind === 'bad');
    for (let i = 0; i < good; i++) this.#running.push(this.#client(urn, goodPauseMs));
    this.#running.push(this.#client(bad, badPauseMs));
  }

  /** Waits for the calls that are under way. */
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  /** @param {readonly import('./population.js').Member[]} urn @param {number} pauseMs */
  async #client(urn, pauseMs) {
    while (!this.#stopped) {
      const member = urn[Math.floor(Math.random() * urn.length)];
      if (!member) return;
      // Sometimes many at once, so that there are queues.
      const burst = Math.random() < 0.05 && member.kind !== 'bad' ? 12 : 1;
      await Promise.all(
        Array.from({ length: burst }, () =>
          member.kind === 'example' ? this.#example(member) : this.#call(member),
        ),
      );
      await sleep(Math.random() * 2 * pauseMs);
    }
  }

  /** @param {import('./population.js').Member} member */
  async #call(member) {
    const id = this.#ledger.open();
    const { fn, input } = callOf(member, id, this.#port);
    const disturbances = member.disturbed ? -1 : member.disturbances;
    const started = performance.now();
    const counts = this.#counts.get(member.name);
    try {
      const output = await this.#host.call(member.name, fn, input);
      const ms = performance.now() - started;
      this.#ledger.succeeded(id);
      if (member.kind === 'work' && fn === 'work') this.latencies.push(ms);
      if (counts) this.#counted(counts, output.bytes());
      else if (member.kind !== 'count' && output.text() !== (member.kind === 'fetch' ? `#${id}#` : input)) {
        this.#ledger.wrongAnswers++;
      }
    } catch (error) {
      const excused = member.kind === 'bad' || member.disturbances !== disturbances;
      if (counts && /** @type {any} */ (error).callId !== undefined) counts.failed++;
      this.#ledger.rejected(
        id,
        /** @type {any} */ (error),
        excused,
        `${member.kind} ${member.isolation} ${fn}`,
      );
    }
    this.settled++;
  }

  /** @param {import('./population.js').Member} member */
  async #example(member) {
    const { fn, input } = exampleCall(member);
    const disturbances = member.disturbed ? -1 : member.disturbances;
    try {
      const output = await this.#host.call(member.name, fn, input);
      this.#ledger.untracked++;
      if (output.text().length === 0) this.#ledger.wrongAnswers++;
    } catch (error) {
      const { code, callId, message } = /** @type {any} */ (error);
      if (callId !== undefined) this.#ledger.untracked++;
      if (member.disturbances === disturbances) this.#ledger.unexplain(`example ${fn}: ${code}: ${message}`);
    }
    this.settled++;
  }

  /** @param {{ seen: Uint8Array, ok: number, highest: number, repeated: number }} counts @param {Uint8Array} bytes */
  #counted(counts, bytes) {
    const value = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
    counts.ok++;
    counts.highest = Math.max(counts.highest, value);
    if (counts.seen[value]) counts.repeated++;
    counts.seen[value] = 1;
  }

  /** Anchors whose own count is not that of their calls: each call that ended well once, one that failed at most once. */
  miscounts() {
    return [...this.#counts].flatMap(([name, { ok, failed, highest, repeated }]) =>
      repeated > 0 || highest < ok || highest > ok + failed ? [{ name, ok, failed, highest, repeated }] : [],
    );
  }
}
