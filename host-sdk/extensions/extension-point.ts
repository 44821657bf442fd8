import { ownValue } from '../../src/manifest/own-value.js';
import { parseOptions } from '../../src/manifest/parse-options.js';
import { Output } from '../output.js';
import {
  type ExtensionContract,
  type ExtensionEntry,
  type ExtensionInput,
  type ExtensionRun,
  type ExtensionValue,
  type FirstRun,
  type ResolvedContract,
  type RunOptions,
  runOptionsSchema,
  type SkippedExtension,
  type WaterfallRun,
} from './contract.js';
import type { ExtensionHost } from './extension-host.js';
import { Run } from './run.js';

/**
 * A place of the application that plugins add to, by `contributes` in their manifests. Runs ask them in the order of their
 * priority, the higher first; then of their activation; then of their names. A run asks who was loaded when it began, in the
 * version that serves when it is its turn; who is quarantined, failed or gone is left out and told in `skipped`.
 */
export class ExtensionPoint<C extends ExtensionContract = ExtensionContract> {
  readonly name: string;
  readonly #host: ExtensionHost;
  readonly #contract: ResolvedContract;
  readonly #onSkipped: (skipped: SkippedExtension) => void;

  /** @internal Made by `host.extensionPoint`. */
  constructor(
    host: ExtensionHost,
    name: string,
    contract: ResolvedContract,
    onSkipped: (skipped: SkippedExtension) => void,
  ) {
    this.#host = host;
    this.name = name;
    this.#contract = contract;
    this.#onSkipped = onSkipped;
  }

  /** Who contributes now, in the order of a run, whatever their states. */
  contributions(): ExtensionEntry[] {
    const entries: ExtensionEntry[] = [];
    for (const { name, version, manifest } of this.#host.units()) {
      const own = ownValue(manifest.contributes, this.name) ?? [];
      for (const entry of own) entries.push({ plugin: name, version, ...entry });
    }
    // The sort is stable: what is equal stays in the order of activation, and of its list.
    return entries.sort((a, b) => b.priority - a.priority).map((entry) => Object.freeze(entry));
  }

  /**
   * Asks all, one after the other.
   * @throws ERR_INPUT, ERR_OPTIONS, ERR_ABORTED, ERR_TIMEOUT, ERR_CLOSED; with the policy `'fail'` what a plugin failed with
   */
  all(input: ExtensionInput<C>, options?: RunOptions): Promise<ExtensionRun<ExtensionValue<C>>> {
    return this.#run(options, async (run, entries) => {
      const checked = await run.input(input);
      for (const entry of entries) await run.ask(entry, checked);
      return this.#ended(run, entries);
    });
  }

  /** Asks all at the same time. With the policy `'fail'` the first failure ends the other calls. @throws as {@link all} */
  parallel(input: ExtensionInput<C>, options?: RunOptions): Promise<ExtensionRun<ExtensionValue<C>>> {
    return this.#run(options, async (run, entries) => {
      const checked = await run.input(input);
      const asked = entries.map((entry) =>
        run.ask(entry, checked).catch((error: unknown) => {
          run.cancel();
          throw error;
        }),
      );
      try {
        await Promise.all(asked);
      } finally {
        await Promise.allSettled(asked);
      }
      return this.#ended(run, entries);
    });
  }

  /** Asks one after the other until one answers. @throws as {@link all} */
  first(input: ExtensionInput<C>, options?: RunOptions): Promise<FirstRun<ExtensionValue<C>>> {
    return this.#run(options, async (run, entries) => {
      const checked = await run.input(input);
      const isAnswer = this.#contract.isAnswer ?? ((value) => value !== null && value !== undefined);
      for (const entry of entries) {
        const answer = await run.ask(entry, checked, { mayBeEmpty: true });
        if (!answer || answer.empty || isNull(answer.value) || !isAnswer(answer.value)) continue;
        const value = answer.value as ExtensionValue<C>;
        return Object.freeze({ ...this.#ended(run, entries), value, plugin: entry.plugin });
      }
      return Object.freeze({ ...this.#ended(run, entries), value: undefined, plugin: undefined });
    });
  }

  /**
   * Hands what each answers to the next, beginning with `input`. Who answers nothing (an empty output), or fails and may be
   * skipped, changes nothing.
   * @throws as {@link all}
   */
  waterfall(
    input: ExtensionInput<C>,
    options?: RunOptions,
  ): Promise<WaterfallRun<ExtensionValue<C>, ExtensionInput<C>>> {
    return this.#run(options, async (run, entries) => {
      let value: unknown = input;
      for (const entry of entries) {
        const checked = await run.input(value);
        const sent = checked instanceof Output ? checked.bytes() : checked;
        const answer = await run.ask(entry, sent, {
          mayBeEmpty: true,
          accept: (next) => run.input(next),
        });
        if (answer && !answer.empty) value = answer.value;
      }
      return Object.freeze({
        ...this.#ended(run, entries),
        value: value as ExtensionValue<C> | ExtensionInput<C>,
      });
    });
  }

  async #run<T>(
    options: RunOptions | undefined,
    work: (run: Run, entries: readonly ExtensionEntry[]) => Promise<T>,
  ): Promise<T> {
    this.#host.assertOpen();
    const resolved = parseOptions(
      runOptionsSchema,
      options === undefined ? {} : options,
      `The options of a run of the extension point ${JSON.stringify(this.name)}`,
    );
    const run = new Run(this.#host, this.name, this.#contract, resolved);
    try {
      return await run.during(() => work(run, this.contributions()));
    } finally {
      for (const skipped of run.skipped) this.#onSkipped(skipped);
    }
  }

  #ended(run: Run, entries: readonly ExtensionEntry[]): ExtensionRun<ExtensionValue<C>> {
    const at = (one: { readonly plugin: string; readonly export: string }) =>
      entries.findIndex((entry) => entry.plugin === one.plugin && entry.export === one.export);
    const results = [...run.results].sort((a, b) => at(a) - at(b));
    return Object.freeze({
      results: Object.freeze(results) as ExtensionRun<ExtensionValue<C>>['results'],
      skipped: Object.freeze([...run.skipped]),
      values: Object.freeze(
        results.filter((one) => 'value' in one).map(({ value }) => value as ExtensionValue<C>),
      ),
    });
  }
}

/** JSON's null, where the contract has no schema that would have read it. */
function isNull(value: unknown): boolean {
  return value instanceof Output && value.byteLength === 4 && value.text() === 'null';
}
