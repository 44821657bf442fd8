import type { CordonError, Host } from 'cordon';
import { expect } from 'vitest';
import { isLegal } from '../../src/lifecycle/transitions.js';
import { parsePrometheus } from '../metrics/prometheus-parser.js';
import { type Model, NAMES } from './model.js';

/** What became of one call. */
export interface Outcome {
  readonly id: string;
  readonly fn: string;
  readonly code?: string;
  readonly message?: string;
  /** It was refused before it got a call id. */
  readonly refused?: boolean;
  readonly output?: Uint8Array;
}

/** Holds what the host says of itself against what callers and guests saw. */
export class Account {
  readonly #host: Host;
  /** How often guests said that they run this call. */
  readonly #runs = new Map<string, number>();
  /** Calls of each plugin that were given up and have not begun. */
  readonly #unrun = new Map<string, readonly string[]>();
  readonly #awaited = new Map<string, () => void>();
  /** States of all lives of each plugin that are not over. */
  readonly #lives = new Map<string, string[]>();
  readonly #problems: string[] = [];
  #events = 0;
  #eventErrors = 0;
  #told = 0;
  #refused = 0;
  #nested = 0;
  #nestedErrors = 0;
  #errors = 0;

  constructor(host: Host) {
    this.#host = host;
    host.on('call', ({ fn, plugin, ok }) => {
      this.#events++;
      if (!ok) this.#eventErrors++;
      // `top` is the only one that calls, and only this: nobody else calls `count` of `base` with such an input.
      if (plugin === 'base' && fn === 'count') this.#nested++;
      if (plugin === 'base' && fn === 'count' && !ok) this.#nestedErrors++;
    });
    host.on('lifecycle', ({ plugin, from, to }) => {
      if (!isLegal(from, to)) this.#problems.push(`${plugin} went from ${from} to ${to}`);
      const lives = this.#lives.get(plugin) ?? [];
      this.#lives.set(plugin, lives);
      const at = lives.indexOf(from);
      if (at >= 0) lives.splice(at, 1);
      else if (from !== 'resolved') this.#problems.push(`${plugin} went from ${from}, and was ${lives}`);
      if (to !== 'unloaded') lives.push(to);
    });
  }

  /** A guest says that it runs. */
  ran(id: string): void {
    this.#runs.set(id, (this.#runs.get(id) ?? 0) + 1);
    this.#awaited.get(id)?.();
    this.#awaited.delete(id);
  }

  /** Does something as soon as a guest runs this call. */
  whenRuns(id: string, act: () => void): void {
    this.#awaited.set(id, act);
  }

  /** How many of these calls have begun since they were found not to have: given up, and run all the same. */
  lateRuns(name: string, ids: readonly string[]): number {
    const open = [...(this.#unrun.get(name) ?? []), ...ids];
    const late = (this.#unrun.get(name) ?? []).filter((id) => this.runsOf(id) > 0);
    this.#unrun.set(
      name,
      open.filter((id) => this.runsOf(id) === 0),
    );
    return late.length;
  }

  runsOf(id: string): number {
    return this.#runs.get(id) ?? 0;
  }

  /** Follows one call to its end. `direct` calls of `base.count` are not what `top` asks for. */
  async follow(
    id: string,
    plugin: string,
    fn: string,
    call: Promise<{ bytes(): Uint8Array }>,
  ): Promise<Outcome> {
    const direct = plugin === 'base' && fn === 'count' ? 1 : 0;
    try {
      const output = (await call).bytes();
      this.#told++;
      this.#nested -= direct;
      return { id, fn, output };
    } catch (error) {
      const { code, callId, message } = error as CordonError;
      if (!String(code).startsWith('ERR_')) throw error;
      if (callId === undefined) {
        // What is refused because there is no such plugin is in no plugin's figures.
        if (code !== 'ERR_NOT_FOUND' && !(code === 'ERR_CLOSED' && message.startsWith('The host was')))
          this.#refused++;
        return { id, fn, code, message, refused: true };
      }
      this.#told++;
      this.#errors++;
      this.#nested -= direct;
      this.#nestedErrors -= direct;
      return { id, fn, code, message };
    }
  }

  /** Every call was run as often as its outcome says. */
  checkRuns(outcomes: readonly Outcome[]): void {
    for (const { id, fn, code, refused, output } of outcomes) {
      const runs = this.runsOf(id);
      const answered = output !== undefined && output.length > 0;
      if (refused) expect(runs, `runs of ${id}, which was refused`).toBe(0);
      else if (answered) expect(runs, `runs of ${id}, which was answered`).toBe(1);
      else if (code === 'ERR_GUEST')
        expect(runs, `runs of ${id}, which the guest failed`).toBe(fn === 'relay' ? 0 : 1);
      else expect(runs, `runs of ${id}: ${code}`).toBeLessThanOrEqual(1);
    }
  }

  /** When nobody calls. */
  async check(model: Model): Promise<void> {
    // A call that was given up may have begun the start of an instance, which goes on.
    while (this.#host.list({ state: 'loading' }).length > 0) await new Promise((go) => setImmediate(go));
    expect(this.#problems).toEqual([]);
    const { calls, errors, inFlight, queued } = this.#host.stats();
    expect(this.#events, 'call events').toBe(this.#told + this.#nested);
    expect(this.#eventErrors, 'call events of errors').toBe(this.#errors + this.#nestedErrors);
    // What `top` asks and is refused has no event of its own.
    expect({ inFlight, queued }).toEqual({ inFlight: 0, queued: 0 });
    expect(calls - this.#events, 'refused calls in stats').toBeGreaterThanOrEqual(this.#refused);
    expect(errors - this.#eventErrors, 'refused calls among the errors').toBe(calls - this.#events);
    if (model.closed) return;
    const totals = parsePrometheus(this.#host.metrics()).get('cordon_calls_total')?.samples ?? [];
    for (const name of NAMES) {
      const plugin = model.plugins[name];
      const loaded = this.#host.list().find((one) => one.name === name);
      expect(loaded !== undefined, `${name} is loaded`).toBe(plugin.loaded !== undefined);
      if (!loaded) continue;
      expect(loaded.version, `version of ${name}`).toBe(`1.0.${plugin.loaded}`);
      expect(model.restingStates(name), `state of ${name}`).toContain(loaded.state);
      expect(this.#lives.get(name), `lives of ${name}`).toContain(loaded.state);
      const figure = totals.find(({ labels }) => labels.plugin === name)?.value;
      expect(figure, `metrics of ${name}`).toBe(loaded.stats.calls);
    }
  }

  /** After close every life is over. */
  checkEnd(): void {
    const left = [...this.#lives].flatMap(([name, lives]) => lives.map((state) => `${name} ${state}`));
    expect(left, 'plugins that were not unloaded').toEqual([]);
    expect(this.#problems).toEqual([]);
  }
}
