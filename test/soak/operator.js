// @ts-check
// Who operates: one act after the other on a host that is being called, as over months: new versions, broken ones, plugins
// that go and come, quarantines, children that die, attackers, other hosts that come and go.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHost, defineHostFunction } from 'cordon';
import { LIMITS } from '../hostile/corpus/attack.js';
import { CORPUS } from '../hostile/corpus/index.js';
import { worker } from './guests.js';
import { write } from './population.js';

/** What is left to the corpus's own test: modules whose bytes are made of megabytes, and waits of seconds. */
const QUICK_MS = 1000;
const SMALL_BYTES = 256 * 1024;

/** @typedef {{ attack: import('../hostile/corpus/attack.js').Attack, wasm: Map<string, Uint8Array> }} Prepared an attack with its modules */

/** Does something to one host, again and again. */
export class Operator {
  #host;
  #members;
  #place;
  #everyone;
  #silent;
  #stopped = false;
  /** @type {Promise<void> | undefined} */
  #running;
  /** @type {Record<string, number>} */
  acts = {};
  /** What went otherwise than it should. @type {string[]} */
  wrong = [];
  /** @type {Prepared[]} */
  #attacks = [];

  /**
   * @param {object} options
   * @param {import('cordon').Host} options.host
   * @param {readonly import('./population.js').Member[]} options.members of this host
   * @param {readonly import('./population.js').Member[]} options.everyone of all hosts
   * @param {{ readonly world: import('../hostile/corpus/attack.js').World, reset(): void }} options.place
   * @param {import('cordon').Logger} options.silent
   */
  constructor({ host, members, everyone, place, silent }) {
    this.#host = host;
    this.#members = members;
    this.#everyone = everyone;
    this.#place = place;
    this.#silent = silent;
    for (const attack of CORPUS) {
      const guests = Object.entries({ ...attack.others, attacker: attack.guest });
      const limits = /** @type {{ timeoutMs?: number }} */ (attack.guest.limits ?? {});
      if (
        attack.topic === 'files' ||
        (attack.expected.join().match(/TIMEOUT/) && Number(limits.timeoutMs) > QUICK_MS)
      )
        continue;
      const wasm = new Map(guests.map(([name, guest]) => [name, guest.wasm()]));
      if ([...wasm.values()].some(({ length }) => length > SMALL_BYTES)) continue;
      this.#attacks.push({ attack, wasm });
      // Texts that were put together (a URL of 3 MB) take their memory when they are first read: now, and not once in the
      // midst of the run, where it looks like a leak.
      for (const { input } of attack.calls) if (typeof input === 'function') input(place.world);
    }
  }

  /** @param {number} pauseMs @param {boolean} attacks */
  start(pauseMs, attacks) {
    /** @type {(() => Promise<void>)[]} */
    const acts = [
      ...Array(8).fill(() => this.#reload()),
      ...Array(2).fill(() => this.#reloadBroken()),
      ...Array(3).fill(() => this.#unloadAndLoad()),
      ...Array(3).fill(() => this.#quarantine()),
      ...Array(2).fill(() => this.#releaseBad()),
      () => this.#killChild(),
      () => this.#otherHost(),
      ...(attacks ? Array(4).fill(() => this.#attack()) : []),
    ];
    this.#running = (async () => {
      while (!this.#stopped) {
        await acts[Math.floor(Math.random() * acts.length)]?.();
        await sleep(Math.random() * 2 * pauseMs);
      }
    })();
  }

  async stop() {
    this.#stopped = true;
    await this.#running;
  }

  /** @param {(member: import('./population.js').Member) => boolean} [wanted] */
  #some(wanted = () => true) {
    const list = this.#members.filter((member) => !member.anchor && wanted(member));
    return /** @type {import('./population.js').Member} */ (list[Math.floor(Math.random() * list.length)]);
  }

  /** @param {string} act @param {() => Promise<unknown>} work */
  async #do(act, work) {
    this.acts[act] = (this.acts[act] ?? 0) + 1;
    try {
      await work();
    } catch (error) {
      const { code, message } = /** @type {any} */ (error);
      if (this.wrong.length < 100) this.wrong.push(`${act}: ${code}: ${String(message).slice(0, 300)}`);
    }
  }

  /** @param {import('./population.js').Member} member @param {() => Promise<unknown>} work */
  async #disturbing(member, work) {
    member.disturbed = true;
    member.disturbances++;
    try {
      await work();
    } finally {
      member.disturbed = false;
      member.disturbances++;
    }
  }

  /** No call may be lost of it, nor answered wrongly. */
  #reload() {
    const member = this.#some(({ kind }) => kind !== 'bad');
    return this.#do('reload', async () => {
      write(member);
      const plugin = await this.#host.reload(member.name);
      if (plugin.version !== `1.0.${member.release}`) this.wrong.push(`reload: ${plugin.version} serves`);
    });
  }

  /** The old version goes on. */
  #reloadBroken() {
    const member = this.#some(({ kind }) => kind !== 'bad');
    return this.#do('reload to a broken file', async () => {
      const file = join(member.folder, Math.random() < 0.5 ? 'plugin.wasm' : 'plugin.json');
      const whole = readFileSync(file);
      writeFileSync(file, brokenOff(whole));
      const { version } = this.#host.plugin(member.name);
      const code = await this.#host.reload(member.name).then(
        (plugin) => plugin.version,
        (error) => error.code,
      );
      writeFileSync(file, whole);
      const legal = ['ERR_BYTECODE', 'ERR_MANIFEST', 'ERR_NOT_FOUND', 'ERR_RESOLUTION', 'ERR_NO_EXPORT'];
      if (!legal.includes(code)) this.wrong.push(`reload to a broken file: ${code}`);
      if (this.#host.plugin(member.name).version !== version)
        this.wrong.push('reload to a broken file: it serves');
    });
  }

  #unloadAndLoad() {
    const member = this.#some(({ kind }) => kind !== 'bad' && kind !== 'service');
    return this.#do('unload and load', () =>
      this.#disturbing(member, async () => {
        await this.#host.unload(member.name, { drainMs: Math.random() < 0.5 ? 0 : 1000 });
        await this.#host.load(member.name);
      }),
    );
  }

  #quarantine() {
    const member = this.#some(({ kind }) => kind !== 'bad' && kind !== 'service');
    return this.#do('quarantine and release', () =>
      this.#disturbing(member, async () => {
        this.#host.quarantine(member.name, 'by the soak');
        await sleep(Math.random() * 200);
        this.#host.release(member.name);
      }),
    );
  }

  async #releaseBad() {
    for (const { name } of this.#host.list({ state: 'quarantined' })) {
      await this.#do('release of what went too far', async () => this.#host.release(name));
    }
  }

  #killChild() {
    const children = guestProcesses();
    const pid = children[Math.floor(Math.random() * children.length)];
    if (pid === undefined) return Promise.resolve();
    const members = this.#everyone.filter(({ isolation }) => isolation === 'process');
    return this.#do('kill of a child', async () => {
      for (const member of members) member.disturbances++;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was gone before.
      }
    });
  }

  #otherHost() {
    return this.#do('another host, from creation to close', async () => {
      const host = await createHost({
        logger: this.#silent,
        threads: { min: 1, max: 1 },
        hostFunctions: STUBS,
        onPermissionRequest: async () => 'grant',
      });
      const manifest = {
        manifestVersion: 1,
        name: 'p',
        version: '1.0.0',
        permissions: { hostFunctions: ['takes_text', 'wait'] },
      };
      await host.load(/** @type {any} */ ({ manifest, wasm: worker }));
      const calls = Array.from({ length: 20 }, () => host.call('p', 'work', 'x').catch(({ code }) => code));
      await host.close({ drainMs: Math.random() < 0.5 ? 0 : 1000 });
      for (const result of await Promise.all(calls)) {
        if (typeof result === 'string' && result !== 'ERR_CLOSED') this.wrong.push(`another host: ${result}`);
      }
    });
  }

  #attack() {
    const { attack, wasm } = /** @type {Prepared} */ (
      this.#attacks[Math.floor(Math.random() * this.#attacks.length)]
    );
    return this.#do('attack of the corpus', async () => {
      this.#place.reset();
      /** @type {string[]} */
      const loaded = [];
      try {
        for (const [name, guest] of Object.entries({ ...attack.others, a: attack.guest })) {
          const manifest = {
            ...{ manifestVersion: 1, name, version: '1.0.0' },
            ...(guest.permissions && { permissions: guest.permissions(this.#place.world) }),
            limits: { ...LIMITS, ...guest.limits, timeoutMs: QUICK_MS },
            ...(guest.config && { config: guest.config }),
            ...(guest.instance && { instance: guest.instance }),
          };
          const bytes = wasm.get(name === 'a' ? 'attacker' : name);
          await this.#host.load(/** @type {any} */ ({ manifest, wasm: bytes }));
          loaded.push(name);
        }
        for (const { fn, input } of attack.calls) {
          await this.#host.call('a', fn, typeof input === 'function' ? input(this.#place.world) : input);
        }
      } catch (error) {
        if (!/^ERR_/.test(/** @type {any} */ (error).code)) throw error;
      }
      for (const name of loaded.reverse())
        await this.#host.unload(name, { drainMs: 0, cascade: true }).catch(gone);
    });
  }
}

/** What is left of a file that was cut off in its first half, and can be used as nothing: a module may end after any of its sections. @param {Buffer} whole */
function brokenOff(whole) {
  for (;;) {
    const left = whole.subarray(0, Math.floor((whole.length * Math.random()) / 2));
    if (!WebAssembly.validate(left)) return left;
  }
}

/** @param {{ code?: string }} error */
function gone(error) {
  if (error.code !== 'ERR_NOT_FOUND') throw error;
}

const STUBS = {
  takes_text: defineHostFunction({ params: ['text'] }, () => {}),
  wait: defineHostFunction({}, () => {}),
};

/** The pids of children that run guests. Reads `/proc`, so it knows none on other systems than Linux. */
export function guestProcesses() {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(/\) \S (\d+)/.exec(read(pid, 'stat'))?.[1]) === process.pid)
    .filter((pid) => read(pid, 'cmdline').includes('child-entry'));
}

/** @param {number} pid @param {string} file */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
