import { wat } from './guest.js';

/**
 * Where attacks take place: real servers on loopback, real folders, and what guests must not get.
 *
 * @typedef {object} World
 * @property {number} open the server that guests may reach
 * @property {number} secret the server that they may not
 * @property {number} raw a server that does not speak HTTP well
 * @property {string} read a folder to read
 * @property {string} write a folder to write
 * @property {string} outside the folder beside them
 *
 * What became of one call, or of loading (`fn` is then `load`).
 * @typedef {object} Outcome
 * @property {string} fn
 * @property {string} [output] its first 4 096 characters
 * @property {number} [bytes] how long it was
 * @property {string} [code] the code of the error; with the SDK, which has none, `Error`
 * @property {string} [message] the error's, its first 1 000 characters
 * @property {number} [messageLength]
 * @property {boolean} [pending] it has not settled
 *
 * What an attack left to look at, the same for both runners.
 * @typedef {object} Evidence
 * @property {readonly Outcome[]} outcomes
 * @property {number} lines how many log lines arrived at the host
 * @property {number} lineBytes
 * @property {string} firstLine
 * @property {readonly string[]} reached requests that came to the server which nobody may reach
 * @property {readonly string[]} requests headers that came to the server which guests may reach
 * @property {readonly string[]} files what is in the three folders afterwards, as `folder/name size`
 * @property {string} hostFunction what the host functions were called with
 *
 * @typedef {object} Guest
 * @property {() => Uint8Array} wasm
 * @property {boolean} [wasi] it imports WASI
 * @property {(world: World) => Record<string, unknown>} [permissions] as in `plugin.json`; all of it is granted
 * @property {Record<string, unknown>} [limits] as in `plugin.json`
 * @property {Record<string, string>} [config]
 * @property {string} [instance]
 *
 * @typedef {object} Attack
 * @property {string} topic
 * @property {string} name what is tried and how it ends, as a sentence
 * @property {Guest} guest
 * @property {Readonly<Record<string, Guest>>} [others] further plugins, by name, loaded before
 * @property {readonly { fn: string, input?: string | ((world: World) => string) }[]} calls one after the other
 * @property {readonly string[]} expected of Cordon: for each call `ok`, `ok <output>`, or a code; a load that is refused
 *   is one entry `load <code>`
 * @property {readonly string[]} violations of Cordon, in their order
 * @property {boolean} [cordonOnly] it is about what only Cordon has
 * @property {(evidence: Evidence, world: World) => string | undefined | false} got what the guest got that it must not, in
 *   words; asked of both
 */

/**
 * Limits of every attack. The SDK gets what it has of them: `memory.maxPages`, `timeoutMs`, `maxVarBytes`,
 * `maxHttpResponseBytes`.
 */
export const LIMITS = {
  memoryBytes: 16 * 1024 * 1024,
  timeoutMs: 10_000,
  startTimeoutMs: 10_000,
  varBytes: 64 * 1024,
  outputBytes: 1024 * 1024,
  inputBytes: 16 * 1024 * 1024,
  httpResponseBytes: 1024 * 1024,
  httpTimeoutMs: 10_000,
  fileBytes: 1024 * 1024,
  openFiles: 8,
  logBytesPerCall: 64 * 1024,
};

/**
 * Of attacks that end at a deadline. The host function `late` answers after it. Who ran into it comes back in a thread of low priority:
 * where others want the processor, its next start takes a while, and has the time of any other.
 */
export const SHORT = { timeoutMs: 400 };

/** Of attacks that do not get past their start. */
export const SHORT_START = { timeoutMs: 400, startTimeoutMs: 400 };

/** What `outside` and the secret server have. */
export const SECRET = 'the secret outside';

/** @param {string} topic */
export function corpus(topic) {
  /** @type {Attack[]} */
  const attacks = [];
  /**
   * @param {string} name
   * @param {string | (() => Uint8Array) | Guest} guest text of a module whose exports are called, its bytes, or all of it
   * @param {Partial<Omit<Attack, 'topic' | 'name' | 'guest'>> & Pick<Guest, 'limits'>} [rest] limits of the guest; by default `f` is called once, succeeds, and the guest
   *   got nothing
   */
  const attack = (name, guest, { limits, ...rest } = {}) => {
    const attacker = normal(guest);
    attacks.push({
      topic,
      name,
      guest: { ...attacker, limits: { ...attacker.limits, ...limits } },
      calls: [{ fn: 'f' }],
      expected: ['ok'],
      violations: [],
      got: () => undefined,
      ...rest,
    });
  };
  return { attack, attacks };
}

/**
 * @param {string | (() => Uint8Array) | Guest} guest
 * @returns {Guest}
 */
function normal(guest) {
  if (typeof guest === 'string') return text(guest);
  return typeof guest === 'function' ? { wasm: guest } : guest;
}

/**
 * @param {string} body
 * @param {Partial<Guest>} [more]
 * @returns {Guest}
 */
export function text(body, more = {}) {
  const wasi = /\$(proc_exit|fd_|path_|environ_|poll_oneoff|random_get|sock_)/.test(body);
  return { wasm: () => wat(body), wasi, ...more };
}

/** @param {Evidence} evidence */
export const last = (evidence) => evidence.outcomes[evidence.outcomes.length - 1];

/** For what must not succeed: a call that did. */
export const succeeded = (/** @type {Evidence} */ evidence) =>
  evidence.outcomes.some(({ fn, code, pending }) => fn !== 'load' && !code && !pending) &&
  'the call succeeded';

/** For what must not be loaded: it was. */
export const loaded = (/** @type {Evidence} */ evidence) =>
  evidence.outcomes.some(({ fn, code }) => fn === 'load' && !code) && 'it was loaded';
