import type { CordonError } from 'cordon';
import type fc from 'fast-check';
import { expect, vi } from 'vitest';
import { toI32 } from '../fixtures/guests/guest.js';
import type { Outcome } from './account.js';
import { type Model, NAMES, type Name } from './model.js';
import type { Fn, System, Wanted } from './system.js';

/** What an act ended with: nothing, or the code of its error. */
type Ended = string | undefined;
type Act = (system: System, model: Model) => Promise<unknown>;
export type Command = fc.AsyncCommand<Model, System>;

const UNREADABLE = ['ERR_MANIFEST', 'ERR_BYTECODE', 'ERR_NOT_FOUND', 'ERR_RESOLUTION'];

async function ended(act: Promise<unknown>): Promise<Ended> {
  try {
    await act;
    return undefined;
  } catch (error) {
    const { code } = error as CordonError;
    if (!String(code).startsWith('ERR_')) throw error;
    return code;
  }
}

function command(
  text: string,
  run: (model: Model, system: System) => Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command {
  return {
    check,
    toString: () => text,
    async run(model, system) {
      await run(model, system);
      await system.check(model);
    },
  };
}

const quarantine: (name: Name) => Act =
  (name) =>
  async ({ host }) =>
    host.quarantine(name, 'by the model');
const release: (name: Name) => Act =
  (name) =>
  async ({ host }) =>
    host.release(name);

/** What an act is expected to end with, and what it changes then. Asked before it begins. */
interface Expected {
  readonly legal: readonly Ended[];
  readonly after: (code: Ended) => void;
}

/** Something that is done to one plugin, alone or while it is being called. */
export interface Deed {
  readonly text: string;
  readonly act: Act;
  expect(model: Model): Expected;
  /** Codes that calls may end with meanwhile. */
  readonly excuses: readonly string[];
  /** Windows of violations may begin anew. */
  readonly pardons?: boolean;
}

const NOTHING = () => {};
const CLOSED: Expected = { legal: ['ERR_CLOSED'], after: NOTHING };
const MISSING: Expected = { legal: ['ERR_NOT_FOUND'], after: NOTHING };

export function loads(name: Name): Deed {
  return {
    text: `load ${name}`,
    // So that the catalog is read as it is now; a plain load takes what it was.
    act: ({ host }) => host.load(name, { upgrade: true }),
    excuses: [],
    expect(model) {
      if (model.closed) return CLOSED;
      const needed = (name === 'top' ? (['base', 'top'] as const) : [name]).filter(
        (one) => model.plugins[one].loaded === undefined,
      );
      if (needed.some((one) => !model.plugins[one].disk.good)) return { legal: UNREADABLE, after: NOTHING };
      return {
        legal: model.variant.tight ? [undefined, 'ERR_BUSY', 'ERR_MEMORY'] : [undefined],
        after(code) {
          if (code !== undefined) return;
          for (const one of needed) model.started(one);
          if (needed.includes('top') && model.plugins.base.quarantined) model.plugins.top.quarantined = true;
        },
      };
    },
  };
}

export function reloads(name: Name): Deed {
  return {
    text: `reload ${name}`,
    act: ({ host }) => host.reload(name),
    excuses: [],
    expect(model) {
      if (model.closed) return CLOSED;
      const plugin = model.plugins[name];
      if (plugin.loaded === undefined) return MISSING;
      if (!plugin.disk.good) return { legal: UNREADABLE, after: NOTHING };
      return {
        legal: model.variant.tight ? [undefined, 'ERR_BUSY', 'ERR_MEMORY'] : [undefined],
        after(code) {
          if (code === undefined) model.reloaded(name);
        },
      };
    },
  };
}

export function unloads(name: Name, cascade: boolean, drainMs: number): Deed {
  return {
    text: `unload ${name}${cascade ? ' with all that need it' : ''} in ${drainMs} ms`,
    act: ({ host }) => host.unload(name, { cascade, drainMs }),
    excuses: ['ERR_STATE', 'ERR_CLOSED', 'ERR_NOT_FOUND'],
    expect(model) {
      if (model.closed) return CLOSED;
      if (model.plugins[name].loaded === undefined) return MISSING;
      const needed = name === 'base' && model.plugins.top.loaded !== undefined;
      if (needed && !cascade) return { legal: ['ERR_PLUGIN_IN_USE'], after: NOTHING };
      return {
        legal: [undefined],
        after() {
          if (needed) model.ended('top');
          model.ended(name);
        },
      };
    },
  };
}

export function quarantines(name: Name): Deed {
  return {
    text: `quarantine ${name}`,
    act: quarantine(name),
    excuses: ['ERR_QUARANTINED'],
    expect(model) {
      if (model.closed) return CLOSED;
      if (model.plugins[name].loaded === undefined) return MISSING;
      return {
        legal: [undefined],
        after() {
          for (const one of model.heldWith(name)) model.plugins[one].quarantined = true;
          model.plugins[name].imposed = true;
        },
      };
    },
  };
}

export function releases(name: Name): Deed {
  return {
    text: `release ${name}`,
    pardons: true,
    act: release(name),
    excuses: ['ERR_QUARANTINED'],
    expect(model) {
      if (model.closed) return CLOSED;
      if (model.plugins[name].loaded === undefined) return MISSING;
      return { legal: [undefined], after: () => model.release(name) };
    },
  };
}

export const closes: Deed = {
  text: 'close',
  act: ({ host }) => host.close({ drainMs: 50 }),
  excuses: ['ERR_CLOSED'],
  expect: (model) => ({
    legal: [undefined],
    after: () => {
      model.closed = true;
      for (const name of NAMES) model.ended(name);
    },
  }),
};

/** Gives a load or a reload up just after it was asked for. */
const briefly = (ask: (host: System['host'], signal: AbortSignal) => Promise<unknown>): Act => {
  return async ({ host }) => {
    const giveUp = new AbortController();
    const asked = ask(host, giveUp.signal);
    setImmediate(() => giveUp.abort());
    await asked;
  };
};

const orGivenUp = (deed: Deed, text: string, act: Act): Deed => ({
  ...deed,
  text,
  act,
  expect(model) {
    const { legal, after } = deed.expect(model);
    return { legal: [...legal, 'ERR_ABORTED'], after };
  },
});

export const loadsBriefly = (name: Name): Deed =>
  orGivenUp(
    loads(name),
    `load ${name}, and give up`,
    briefly((host, signal) => host.load(name, { upgrade: true, signal })),
  );

export const reloadsBriefly = (name: Name): Deed =>
  orGivenUp(
    reloads(name),
    `reload ${name}, and give up`,
    briefly((host, signal) => host.reload(name, { signal })),
  );

/** Writes a new version, which a host that watches takes by itself, and another when it is told to. */
export function renews(name: Name): Deed {
  return {
    text: `write a new version of ${name} and reload it`,
    excuses: [],
    async act(system, model) {
      const { disk, loaded } = model.plugins[name];
      const watched = model.variant.watched && loaded !== undefined && !model.closed;
      const told = watched ? system.watched(name, disk.version) : undefined;
      system.publish(name, disk.version);
      if (!told) return system.host.reload(name);
      const code = await told;
      if (code !== undefined) throw Object.assign(new Error('it was not reloaded'), { code });
      return undefined;
    },
    expect(model) {
      const { disk } = model.plugins[name];
      disk.version++;
      disk.good = true;
      return reloads(name).expect(model);
    },
  };
}

export const killsThread = (pick: number): Deed => ({
  text: `kill thread ${pick}`,
  act: (system) => system.killThread(pick),
  excuses: ['ERR_TRAP'],
  expect: () => ({ legal: [undefined], after: NOTHING }),
});

export const kills: Deed = {
  text: 'kill the children',
  act: async (system) => system.killChildren(),
  excuses: ['ERR_TRAP'],
  expect: () => ({ legal: [undefined], after: NOTHING }),
};

export const alone = (deed: Deed): Command =>
  command(deed.text, async (model, system) => {
    const { legal, after } = deed.expect(model);
    const code = await ended(deed.act(system, model));
    expect(legal, deed.text).toContain(code);
    after(code);
  });

/** Is somebody looking at the files of this plugin? */
const isWatched = ({ variant, plugins, closed }: Model, name: Name): boolean =>
  variant.watched && !closed && plugins[name].loaded !== undefined;

export const publish = (name: Name): Command =>
  command(`publish ${name}`, async (model, system) => {
    const { disk } = model.plugins[name];
    disk.version++;
    disk.good = true;
    const told = isWatched(model, name) ? system.watched(name, disk.version) : undefined;
    system.publish(name, disk.version);
    if (!told) return;
    const { legal, after } = reloads(name).expect(model);
    const code = await told;
    expect(legal, `what became of new files of ${name}`).toContain(code);
    after(code);
  });

export const corrupt = (name: Name, file: 'plugin.json' | 'plugin.wasm'): Command =>
  command(`corrupt ${file} of ${name}`, async (model, system) => {
    const { disk } = model.plugins[name];
    // What is broken already is told of once.
    const told = disk.good && isWatched(model, name) ? system.watched(name, Number.NaN) : undefined;
    disk.good = false;
    system.corrupt(name, file);
    if (told) expect(UNREADABLE, `what is told of broken files of ${name}`).toContain(await told);
  });

/** Nobody calls for a while: instances go, also those of plugins in quarantine, but for pinned ones. */
export const leaveAlone: Command = command(
  'leave it alone',
  async (model, system) => {
    const pinned = (name: Name) => name === 'base' && model.variant.pinned;
    const loaded = NAMES.filter((name) => model.plugins[name].loaded !== undefined);
    const keeps = loaded.filter(pinned).filter((name) => system.host.plugin(name).state === 'ready');
    await system.becomesIdle(loaded.filter((name) => !pinned(name) && name !== 'fresh'));
    await vi.waitFor(() => {
      const instances = system.host
        .list()
        .reduce((sum, { name }) => sum + (pinned(name as Name) ? 0 : system.host.info(name).instances), 0);
      expect(instances, 'instances that nobody needs').toBe(0);
    });
    for (const name of keeps)
      expect(system.host.plugin(name).state, `state of ${name}, which is pinned`).toBe('ready');
  },
  ({ variant, closed }) => variant.eagerIdle && !closed,
);

/** More calls than may run and wait: the rest is refused, with the figure. */
export const exhaust: Command = command(
  'call more than may wait',
  async (model, system) => {
    const one = (fn: Fn) => ({ plugin: 'base', fn }) as const;
    const first = await system.call([one('count')]);
    const wanted = Array.from({ length: 14 }, () => one('hold'));
    const outcomes = await system.call(wanted);
    settle(model, system, 'base', [one('count'), ...wanted], [...first, ...outcomes], false);
    const refused = outcomes.filter(({ refused }) => refused);
    // Two run and six wait, or one less where something that was given up has not come to its end.
    if (first[0]?.code === undefined) expect([6, 7, 8], 'refused calls').toContain(refused.length);
    for (const { code, message } of refused) {
      expect(code, message).toBe('ERR_BUSY');
      expect(message).toContain('budget.queuedCalls is 6');
    }
    for (const { code, message } of outcomes) expect([undefined, 'ERR_BUSY'], message).toContain(code);
  },
  ({ variant, plugins: { base }, closed }) =>
    variant.tight && !variant.eagerIdle && !closed && base.loaded !== undefined && !base.quarantined,
);

const ENDS: Readonly<Record<Fn, readonly Ended[]>> = {
  count: [undefined],
  fail: ['ERR_GUEST'],
  trap: ['ERR_TRAP'],
  spin: ['ERR_TIMEOUT'],
  hold: [undefined],
  relay: [undefined],
  abort: [undefined, 'ERR_ABORTED'],
  leave: [undefined, 'ERR_ABORTED'],
};

/** Codes that one of these calls may end with. */
function legalEnds(model: Model, { plugin, fn }: Wanted, wanted: readonly Wanted[]): readonly Ended[] {
  if (model.closed) return ['ERR_CLOSED'];
  const { loaded, quarantined, violations } = model.plugins[plugin];
  if (loaded === undefined) return ['ERR_NOT_FOUND'];
  // Which of the two is told depends on what is looked at first.
  if (quarantined) return ['ERR_QUARANTINED', ...(model.variant.tight ? ['ERR_BUSY'] : [])];
  const spins = wanted.filter(
    (one) => one.fn === 'spin' && (one.plugin === plugin || one.plugin === 'base'),
  ).length;
  const most = Math.max(violations.most, plugin === 'top' ? model.plugins.base.violations.most : 0);
  return [
    ...ENDS[fn],
    // `top` may have been released alone.
    ...(fn === 'relay' && model.plugins.base.quarantined ? ['ERR_QUARANTINED'] : []),
    ...(model.variant.tight ? ['ERR_BUSY'] : []),
    ...(model.variant.strict && most + spins >= 3 ? ['ERR_QUARANTINED'] : []),
    ...(losesThread(model, wanted) ? (['ERR_TRAP'] as const) : []),
  ];
}

/** Without metering a guest that spins is stopped with its thread, and guests that are suspended in it end with it. */
function losesThread({ variant }: Model, wanted: readonly Wanted[]): boolean {
  return 'Suspending' in WebAssembly && !variant.metering && wanted.some(({ fn }) => fn === 'spin');
}

/** Calls that are made at once, and what is done meanwhile. */
export const calls = (wanted: readonly Wanted[], deed?: Deed): Command =>
  command(
    `call ${wanted.map(({ plugin, fn }) => `${plugin}.${fn}`).join(', ')}${deed ? `; meanwhile ${deed.text}` : ''}`,
    async (model, system) => {
      const legal = wanted.map((one) => [...legalEnds(model, one, wanted), ...(deed?.excuses ?? [])]);
      const expected = deed?.expect(model);
      let code: Ended;
      const outcomes = await system.call(
        wanted,
        deed && (async () => (code = await ended(deed.act(system, model)))),
      );
      for (const [i, { code, message }] of outcomes.entries()) {
        expect(legal[i], `${wanted[i]!.plugin}.${wanted[i]!.fn}: ${code}: ${message}`).toContain(code);
      }
      for (const name of NAMES) settle(model, system, name, wanted, outcomes, deed !== undefined);
      if (expected) {
        expect(expected.legal, deed!.text).toContain(code);
        const most = NAMES.map((name) => model.plugins[name].violations.most);
        expected.after(code);
        // Where a window begins anew in their midst, nobody knows which of these violations are still in it.
        for (const [i, name] of NAMES.entries()) {
          const { violations } = model.plugins[name];
          violations.most = most[i]!;
          if (deed!.pardons) violations.least = 0;
        }
      }
      adoptQuarantines(model, system);
    },
  );

/** What these calls did to what a plugin keeps, and to its violations. */
function settle(
  model: Model,
  system: System,
  name: Name,
  wanted: readonly Wanted[],
  outcomes: readonly Outcome[],
  disturbed: boolean,
): void {
  const plugin = model.plugins[name];
  // What `top` relays is run by `base`.
  const mine = outcomes.filter((_, i) => (wanted[i]!.fn === 'relay' ? 'base' : wanted[i]!.plugin) === name);
  const ran = mine.filter(({ id }) => system.account.runsOf(id) > 0);
  // A call that ends before its time may have run without having counted; its vars are lost with a thread that was killed.
  const isSure = ({ fn, code }: Outcome) =>
    (fn === 'fail' && code === 'ERR_GUEST') || (fn === 'trap' && !losesThread(model, wanted));
  const unsure = ran.filter((one) => one.code !== undefined && !isSure(one)).length;
  const before = { least: plugin.least, most: plugin.most };
  const givenUp = mine.filter(({ id, code }) => code !== undefined && system.account.runsOf(id) === 0);
  plugin.most +=
    ran.length +
    system.account.lateRuns(
      name,
      givenUp.map(({ id }) => id),
    );
  plugin.least = disturbed ? before.least : before.least + ran.length - unsure;
  const counts = mine.flatMap(({ fn, output }) =>
    output?.length === 4 && fn !== 'abort' ? [toI32(output)] : [],
  );
  if (plugin.stateful) {
    for (const count of counts) {
      expect(count, `what ${name} counts`).toBeGreaterThan(before.least);
      expect(count, `what ${name} counts`).toBeLessThanOrEqual(plugin.most);
    }
    if (!disturbed) {
      expect(new Set(counts).size, `different counts of ${name} among ${counts}`).toBe(counts.length);
      const last = Math.max(plugin.least, ...counts);
      plugin.least = last;
    }
  }
  const late = mine.filter(({ fn, code }) => fn === 'spin' && code === 'ERR_TIMEOUT').length;
  const spins = mine.filter(({ fn }) => fn === 'spin');
  const spun = spins.filter(({ id }) => system.account.runsOf(id) > 0).length;
  plugin.violations.least += Math.min(late, spun);
  // One may be stopped before it could say that it runs.
  plugin.violations.most += spins.filter(
    ({ id, code }) => code === 'ERR_TIMEOUT' || system.account.runsOf(id) > 0,
  ).length;
}

/** Who went too far by himself is in quarantine, and nobody else is. */
function adoptQuarantines(model: Model, system: System): void {
  if (!model.variant.strict || model.closed) return;
  for (const name of NAMES) {
    const plugin = model.plugins[name];
    if (plugin.loaded === undefined || plugin.imposed) continue;
    const held = system.host.plugin(name).state === 'quarantined';
    if (plugin.violations.least >= 3)
      expect(held, `${name} went too far ${plugin.violations.least} times`).toBe(true);
    if (!held || plugin.violations.most < 3) continue;
    plugin.imposed = true;
    for (const one of model.heldWith(name)) model.plugins[one].quarantined = true;
  }
}
