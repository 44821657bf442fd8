import { Option } from 'commander';
import { pino } from 'pino';
import { createHost } from '../create-host.js';
import { type AddCommand, collect } from './command.js';
import type { Console } from './console.js';
import { EXIT } from './exit-code.js';
import { resolutionText } from './resolution-text.js';
import { UsageError } from './usage-error.js';

interface ResolveOptions {
  readonly catalog?: readonly string[];
  readonly lockfile?: string;
  readonly frozen?: boolean;
  readonly upgrade?: readonly string[];
  readonly api?: readonly string[];
  readonly json?: boolean;
}

/** `cordon resolve`: {@link Host.resolve} for people. */
export const addResolve: AddCommand = (program, act) => {
  program
    .command('resolve')
    .summary('print which plugins a load would take, in which versions and why')
    .description(
      'Prints which plugins a load of these would take, in which versions and why. Loads nothing and writes nothing.',
    )
    .argument('<name[@range]...>', 'plugins, as host.load takes them')
    .option(
      '--catalog <where>',
      'a directory of plugins, the path of a plugin.json, or npm:<package>; may be repeated',
      collect,
    )
    .option(
      '--lockfile <path>',
      'prefer the versions of this plugins.lock.json, and check what it says of manifests',
    )
    .option('--frozen', 'fail where the set is not the locked one')
    .addOption(
      new Option(
        '--upgrade [names]',
        'take the newest versions that are possible, not the locked ones: of all plugins, or of these (--upgrade=a,b)',
      ).argParser(collect),
    )
    .option(
      '--api <name=version>',
      'a version that the host offers to the plugins\' "engines"; may be repeated',
      collect,
    )
    .option('--json', 'print JSON')
    .action(act(resolve));
};

async function resolve(io: Console, specs: readonly string[], options: ResolveOptions): Promise<number> {
  const { catalog = [], lockfile, frozen = false, json = false } = options;
  if (catalog.length === 0)
    throw new UsageError('resolve needs to know where plugins are: add --catalog <where>');
  if (frozen && lockfile === undefined) throw new UsageError('--frozen needs a --lockfile');
  const upgrade = readUpgrade(options.upgrade ?? []);
  if (upgrade !== false && lockfile === undefined) throw new UsageError('--upgrade needs a --lockfile');
  if (upgrade !== false && frozen) throw new UsageError('--upgrade and --frozen exclude each other');
  await using host = await createHost({
    catalog,
    api: readApi(options.api ?? []),
    lockfile: lockfile === undefined ? false : { path: lockfile, frozen },
    logger: pino({ level: 'silent' }),
    threads: { min: 0 },
  });
  const report = await host.resolve(specs, { upgrade });
  if (json) io.json(report);
  else io.out(resolutionText(report));
  return EXIT.ok;
}

/** `true` for all; `--upgrade` alone wins over names. */
function readUpgrade(given: readonly string[]): boolean | string[] {
  if (given.length === 0) return false;
  if (given.includes('')) return true;
  const names = new Set(given.flatMap((one) => one.split(',')).map((name) => name.trim()));
  if (names.has('')) throw new UsageError(`--upgrade=${given.join(',')} is not --upgrade=<name>,<name>`);
  return [...names];
}

function readApi(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      if (at < 1) throw new UsageError(`--api ${one} is not <name>=<version>`);
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}
