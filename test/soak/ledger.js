// @ts-check
// What became of every call: asked for once, run once by a guest, settled once, told once by a `call` event.

/** So many calls at most; the ledger takes its memory at the start and never grows. */
const MOST = 16_000_000;
const OPEN = 1;
const OK = 2;
const FAILED = 3;
const REFUSED = 4;

/** Counts calls by their number. */
export class Ledger {
  #runs = new Uint8Array(MOST);
  #ends = new Uint8Array(MOST);
  #next = 1;
  /** @type {Set<number>} */
  #unsettled = new Set();
  /** @type {Map<string, number>} */
  unexplained = new Map();
  wrongAnswers = 0;
  ok = 0;
  failed = 0;
  refused = 0;
  nested = 0;
  events = 0;
  eventErrors = 0;
  untracked = 0;

  /** The number of a call that is about to be made. */
  open() {
    const id = this.#next++;
    if (id >= MOST) throw new Error('The soak is too long for its ledger.');
    this.#ends[id] = OPEN;
    this.#unsettled.add(id);
    return id;
  }

  /** A guest says that it runs a call. @param {string} input */
  run(input) {
    const id = Number(/#(\d+)#/.exec(input)?.[1]);
    if (id > 0 && id < this.#next && this.#runs[id] !== undefined) this.#runs[id]++;
  }

  /** @param {number} id */
  succeeded(id) {
    this.#settle(id, OK);
    this.ok++;
  }

  /**
   * @param {number} id
   * @param {{ code?: string, callId?: string, message?: string }} error
   * @param {boolean} excused whether it was to be expected
   * @param {string} what for the report
   */
  rejected(id, error, excused, what) {
    const refused = error.callId === undefined;
    this.#settle(id, refused ? REFUSED : FAILED);
    if (refused) this.refused++;
    else this.failed++;
    if (excused) return;
    this.unexplain(`${what}: ${error.code}: ${error.message}`);
  }

  /** A failure that had no reason to be. @param {string} text */
  unexplain(text) {
    const key = text.replaceAll(/#\d+#|\d+/g, '0').slice(0, 300);
    this.unexplained.set(key, (this.unexplained.get(key) ?? 0) + 1);
  }

  /** @param {number} id @param {number} end */
  #settle(id, end) {
    if (this.#ends[id] !== OPEN) throw new Error(`Call ${id} settled twice.`);
    this.#ends[id] = end;
    this.#unsettled.delete(id);
  }

  get made() {
    return this.#next - 1;
  }

  /** The whole account; every figure under `wrong` has to be 0. Calls without a number are in no figure but `events`. */
  report() {
    let [lost, doubled] = [0, 0];
    for (let id = 1; id < this.#next; id++) {
      const [runs, end] = [this.#runs[id] ?? 0, this.#ends[id]];
      if (end === OK && runs === 0) lost++;
      if (runs > 1 || (end === REFUSED && runs > 0)) doubled++;
    }
    const settled = this.ok + this.failed + this.untracked + this.nested;
    let unexplained = 0;
    for (const count of this.unexplained.values()) unexplained += count;
    const wrong = {
      neverSettled: this.#unsettled.size,
      lost,
      doubled,
      failedWithoutReason: unexplained,
      wrongAnswers: this.wrongAnswers,
      eventsMissingOrTooMany: Math.abs(this.events - settled),
    };
    const { made, ok, failed, refused, untracked, nested, events } = this;
    return { made, ok, failed, refused, untracked, nested, events, wrong };
  }
}
