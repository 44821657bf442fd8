import { relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { CordonError } from '../../../src/errors/cordon-error.js';
import type { Host } from '../../host.js';
import { callOnce } from '../call/call-once.js';
import { type GuestOptions, guestOptions, hostOptionsFor } from '../call/guest-options.js';
import { type Target, targetOf, withHost } from '../call/open-plugin.js';
import { type InputOptions, readInput } from '../call/read-input.js';
import { showEvents } from '../call/show-events.js';
import type { AddCommand } from '../command.js';
import { type Console, paint } from '../console.js';
import { errorMessage } from '../error-message.js';
import { EXIT } from '../exit-code.js';
import { pluginLocation } from '../plugin-location.js';
import { UsageError } from '../usage-error.js';
import { build, buildCommandOf } from './build.js';
import { watchSources } from './source-watch.js';

interface DevOptions extends GuestOptions, InputOptions {
  readonly build?: string;
  readonly call?: string;
}

/** `cordon dev`. */
export const addDev: AddCommand = (program, act) => {
  const command = program
    .command('dev')
    .summary('build, reload and call a plugin whenever its sources change')
    .description(
      'Watches a plugin’s folder: whenever a source changes, it is built, loaded anew, and called. Shows what happens to it. Ends by ^C.',
    )
    .argument('[dir]', 'the folder of the plugin', '.')
    .option('--build <command>', 'what builds it; by default the script "build" of its package.json')
    .option('--call <fn>', 'the export to call after each load');
  guestOptions(command)
    .option('--input <text>', 'the input of the call, as text')
    .option('--input-file <path>', 'the input of the call, from a file')
    .action(act(dev));
};

async function dev(io: Console, dir: string, options: DevOptions): Promise<number> {
  const location = await pluginLocation(dir);
  if (location.kind === 'module')
    throw new UsageError(`${dir} is a module; dev needs the folder of a plugin`);
  const { folder } = location;
  const command = options.build ?? (await buildCommandOf(folder));
  const input = await readInput(io, options);
  if (command === undefined)
    io.err(paint('dim', 'nothing to build: add --build <command>, or a script "build" to package.json\n'));
  const round = async (host: Host): Promise<void> => {
    if (command !== undefined && !(await built(io, command, folder))) return;
    if (io.signal.aborted) return;
    await attempt(io, async () => {
      await loadAndCall(io, host, await targetOf(folder, options.catalog), options, input);
    });
  };
  // Before there is a name there is nothing to configure a host for.
  const target = await firstTarget(io, folder, options);
  if (!target) return EXIT.ok;
  return withHost(io, await hostOptionsFor(target.name, options), async (host) => {
    showEvents(io, host, options.logLevel);
    host.on('lifecycle', ({ plugin, version, from, to, reason }) => {
      io.err(
        paint('cyan', `${plugin}@${version}`),
        paint('dim', ` ${from} → ${to}${reason === undefined ? '' : `: ${reason}`}\n`),
      );
    });
    await watchUntilEnd(io, folder, () => round(host));
    return EXIT.ok;
  });
}

/** The plugin as soon as its manifest can be read: what is wrong with it is told, and waited for. */
async function firstTarget(io: Console, dir: string, { catalog }: DevOptions): Promise<Target | undefined> {
  let target: Target | undefined;
  const look = (): Promise<void> =>
    attempt(io, async () => {
      target = await targetOf(dir, catalog);
    });
  await watchUntilEnd(io, dir, look, () => target !== undefined);
  return target;
}

async function built(io: Console, command: string, folder: string): Promise<boolean> {
  io.progress(`building: ${command}`);
  const from = performance.now();
  const ok = await build(io, command, folder);
  if (io.signal.aborted) return false;
  const time = `in ${((performance.now() - from) / 1000).toFixed(1)} s\n`;
  if (ok) io.err(paint('green', 'built'), ` ${time}`);
  else io.err(paint('red', 'the build failed'), `: ${command}\n`);
  return ok;
}

async function loadAndCall(
  io: Console,
  host: Host,
  { name, spec }: Target,
  { call }: DevOptions,
  input: string | Uint8Array,
): Promise<void> {
  if (host.list().some((plugin) => plugin.name === name)) await host.unload(name, { drainMs: 0 });
  await host.load(spec, { signal: io.signal });
  if (call === undefined) return;
  await callOnce(io, host, {
    name,
    fn: call,
    input,
    json: false,
    stats: true,
    isProgram: false,
    isLine: true,
  });
}

/** What is wrong with the plugin is told, and ends nothing: the next change may put it right. */
async function attempt(io: Console, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (io.signal.aborted) return;
    if (!(error instanceof CordonError)) throw error;
    io.err(paint('red', `${error.code}:`), ` ${errorMessage(error)}\n`);
  }
}

/** One round after the other, as long as nobody ends it. */
async function watchUntilEnd(
  io: Console,
  folder: string,
  round: () => Promise<void>,
  isDone: () => boolean = () => false,
): Promise<void> {
  let wake = (): void => {};
  let changed: string | undefined;
  const watch = await watchSources(folder, (file) => {
    changed = file;
    wake();
  });
  io.signal.addEventListener('abort', () => wake(), { once: true });
  await round();
  if (!io.signal.aborted && !isDone())
    io.err(paint('dim', `watching ${relative('', folder) || '.'}; ^C ends\n`));
  try {
    while (!io.signal.aborted && !isDone()) {
      if (changed === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      io.err(paint('cyan', relative(folder, changed)), paint('dim', ' changed\n'));
      changed = undefined;
      await round();
    }
  } finally {
    watch.close();
  }
}
