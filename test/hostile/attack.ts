import {
  createHost,
  defineHostFunction,
  type Host,
  type HostOptions,
  type InMemoryPlugin,
  type ViolationEvent,
} from 'cordon';
import { expect, test } from 'vitest';
import { NEIGHBOUR } from './guests.js';

/** One attack: what a hostile guest, or a careless user, does to a host. */
export interface Attack {
  /** What is tried and how it ends, as a sentence. */
  readonly name: string;
  /** On top of the harness's own: quiet, one or two threads, the host functions of {@link Scene}. */
  readonly options?: HostOptions;
  /** Loaded before the attack, after the neighbour, one after the other. */
  readonly plugins?: readonly InMemoryPlugin[];
  readonly run: (host: Host, scene: Scene) => Promise<void>;
  /** The violations that have to be there afterwards, as `plugin kind`, in their order. Default none. */
  readonly violations?: readonly string[];
  /** The attack closes the host: there is nobody left to ask. */
  readonly closes?: boolean;
}

/**
 * What the host told, and a hold on its guests. They may import `here`, which tells that they have come so far, `wait`,
 * which answers when {@link release} is called, and `never`, which does not answer.
 */
export class Scene {
  readonly violations: ViolationEvent[] = [];
  readonly lines: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();
  #arrived = 0;

  readonly hostFunctions = {
    here: defineHostFunction({}, () => this.#arrive()),
    wait: defineHostFunction({}, () => {
      this.#arrive();
      return new Promise<void>((resolve) => this.#waiting.push(resolve));
    }),
    never: defineHostFunction({}, () => {
      this.#arrive();
      return new Promise<void>(() => {});
    }),
  };

  /** So many guests have called one of the host functions. */
  async arrivals(count: number): Promise<void> {
    while (this.#arrived < count) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** Answers all who `wait`. */
  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #arrive(): void {
    this.#arrived++;
    for (const tell of this.#watchers) tell();
    this.#watchers.clear();
  }
}

const quiet = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => quiet,
};

/**
 * Runs each attack against a host of its own, and checks afterwards that the host and a well-behaved plugin in the same
 * threads are as they were: it answers, has kept its state, is blamed for nothing, and the host closes.
 */
export function attacks(list: readonly Attack[]): void {
  for (const attack of list) {
    test(attack.name, async () => {
      const scene = new Scene();
      const { hostFunctions, grants, ...options } = attack.options ?? {};
      const host = await createHost({
        logger: quiet,
        threads: { min: 1, max: 1 },
        hostFunctions: { ...scene.hostFunctions, ...hostFunctions } as NonNullable<
          HostOptions['hostFunctions']
        >,
        grants: {
          '*': { hostFunctions: ['here', 'wait', 'never'], plugins: ['a', 'b', 'c', 'd'] },
          ...grants,
        },
        ...options,
      });
      host.on('violation', (violation) => scene.violations.push(violation));
      host.on('log', ({ message }) => scene.lines.push(message));
      try {
        const neighbour = await host.load(NEIGHBOUR);
        await neighbour.call('count');
        for (const one of attack.plugins ?? []) await host.load(one);
        await attack.run(host, scene);
        if (!attack.closes) {
          expect(await outcome(neighbour.call('echo', 'still here'))).toBe('still here');
          expect(await outcome(neighbour.call('count'))).toBe('2');
        }
        const told = scene.violations.map(({ plugin, kind }) => `${plugin} ${kind}`);
        expect(told).toEqual(attack.violations ?? []);
      } finally {
        expect(await outcome(host.close({ drainMs: 0 }))).toBe('');
      }
    });
  }
}

/** What became of a call: its output as text, the code of its error, or `pending` after 15 s. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const pending = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 15_000, 'pending');
  });
  const settled = promise.then(
    (value) => (value as { text?(): string } | undefined)?.text?.() ?? '',
    (error: { code?: string }) => error.code ?? String(error),
  );
  const result = await Promise.race([settled, pending]);
  clearTimeout(timer);
  return result;
}

/** The error that a promise rejects with; fails the test where it does not. */
export async function failure(
  promise: Promise<unknown>,
): Promise<Error & { readonly code: string; readonly details: Readonly<Record<string, unknown>> }> {
  return promise.then(
    () => expect.fail('it succeeded'),
    (error) => error,
  );
}
