import fc from 'fast-check';
import { expect, it } from 'vitest';
import { liveTimers, watchTimers } from '../host/live-timers.js';
import { activeResources, leftOver } from '../host/open-host.js';
import {
  alone,
  type Command,
  calls,
  closes,
  corrupt,
  type Deed,
  exhaust,
  kills,
  killsThread,
  leaveAlone,
  loads,
  loadsBriefly,
  publish,
  quarantines,
  releases,
  reloads,
  reloadsBriefly,
  renews,
  unloads,
} from './commands.js';
import { Model, NAMES, type Variant } from './model.js';
import { type Fn, System, type Wanted } from './system.js';

const runs = Number(process.env.MODEL_RUNS ?? 40);
const seed = Number(process.env.MODEL_SEED ?? (Date.now() ^ (process.pid << 12)) | 0);
const path = process.env.MODEL_PATH;
/** Of the short run of CI; a long one takes as long as it takes. */
const SECONDS = 25;

const name = fc.constantFrom(...NAMES);
const rarely = (weight: number): fc.Arbitrary<boolean> => fc.nat(weight - 1).map((n) => n === weight - 1);
const variant: fc.Arbitrary<Variant> = fc.record({
  metering: rarely(5).map((no) => !no),
  ...{ tight: rarely(3), eagerIdle: rarely(3), strict: rarely(3), watched: rarely(4), pinned: rarely(3) },
  threads: fc.constantFrom(1, 2),
  tier: rarely(8).map((yes) => (yes ? 'process' : 'thread')),
});
const good: fc.Arbitrary<Fn> = fc.constantFrom(
  'count',
  'count',
  'count',
  'hold',
  'fail',
  'trap',
  'abort',
  'leave',
);
const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ plugin: name, fn: good }) },
  { weight: 3, arbitrary: fc.constant({ plugin: 'top', fn: 'relay' } as const) },
  { weight: 1, arbitrary: fc.record({ plugin: name, fn: fc.constant('spin' as const) }) },
);
const burst = fc.array(wanted, { minLength: 1, maxLength: 16 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: name.map(reloads) },
  {
    weight: 3,
    arbitrary: fc.tuple(name, fc.boolean(), fc.constantFrom(0, 1000)).map((all) => unloads(...all)),
  },
  { weight: 2, arbitrary: name.map(quarantines) },
  { weight: 2, arbitrary: name.map(releases) },
  { weight: 1, arbitrary: fc.constant(kills) },
  { weight: 2, arbitrary: fc.nat(3).map(killsThread) },
  { weight: 2, arbitrary: name.map(renews) },
  { weight: 1, arbitrary: name.map(reloadsBriefly) },
  { weight: 1, arbitrary: fc.constant(closes) },
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: name.map((one) => alone(loads(one))) },
  { weight: 8, arbitrary: burst.map((all) => calls(all)) },
  { weight: 4, arbitrary: fc.tuple(burst, deed).map((all) => calls(...all)) },
  { weight: 3, arbitrary: deed.filter((one) => one !== closes).map(alone) },
  { weight: 1, arbitrary: name.map((one) => alone(loadsBriefly(one))) },
  { weight: 2, arbitrary: name.map(publish) },
  { weight: 1, arbitrary: fc.constantFrom(leaveAlone, exhaust) },
  {
    weight: 1,
    arbitrary: fc.tuple(name, fc.constantFrom('plugin.json', 'plugin.wasm')).map((all) => corrupt(...all)),
  },
);

/** One run: plugins are loaded, then what chance says. What is apart costs most of the time of a run, and is not always there. */
async function follow(made: Variant, chosen: readonly Command[]): Promise<number> {
  const system = await System.open(made);
  const isApart = made.tier === 'process' || chosen.length % 2 === 0;
  const steps = [
    ...NAMES.filter((one) => isApart || one !== 'apart').map((one) => alone(loads(one))),
    ...chosen,
  ];
  try {
    const model = new Model(made);
    for (const step of steps) {
      if (!step.check(model)) continue;
      const begun = performance.now();
      try {
        await step.run(model, system);
      } catch (error) {
        if (error instanceof Error) error.message = `after "${step}": ${error.message}`;
        throw error;
      }
      if (process.env.MODEL_SLOW && performance.now() - begun > 1000) {
        console.log(`${Math.round(performance.now() - begun)} ms: ${step} ${JSON.stringify(made)}`);
      }
    }
  } finally {
    await system.end();
  }
  return steps.length;
}

it(
  `a host does what a small model says, whatever is done to it (${runs} runs, seed ${seed})`,
  async () => {
    console.log(`model: ${runs} runs, seed ${seed}; again: npm run model -- --runs ${runs} --seed ${seed}`);
    const before = activeResources();
    watchTimers();
    const begun = performance.now();
    // Not fast-check's own limit: it would leave the host of the last run open.
    const until = begun + (process.env.MODEL_RUNS ? Number.POSITIVE_INFINITY : SECONDS * 1000);
    let [done, steps] = [0, 0];
    const chosen = fc.array(command, { minLength: 3, maxLength: 14 });
    const property = fc.asyncProperty(variant, chosen, async (made, list) => {
      if (performance.now() > until) return;
      steps += await follow(made, list);
      done++;
    });
    try {
      // A long run ends with its first failure, and whoever repeats that by its path makes it small.
      const endOnFailure = process.env.MODEL_RUNS !== undefined && path === undefined;
      await fc.assert(property, { numRuns: runs, seed, endOnFailure, ...(path && { path }) });
    } finally {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`model: ${done} runs of ${steps} steps in ${seconds} s`);
    }
    expect(done).toBeGreaterThan(0);
    expect(liveTimers(), 'timers at the end').toEqual([]);
    expect(await leftOver(before), 'what keeps the process alive at the end').toEqual([]);
  },
  24 * 3_600_000,
);
