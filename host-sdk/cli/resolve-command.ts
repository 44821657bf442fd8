import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { nearestName } from '../../src/errors/nearest-name.js';
import { createHost } from '../create-host.js';
import { type Command, EXIT } from './console.js';
import { resolutionText } from './resolution-text.js';
import { UsageError } from './usage-error.js';

const OPTIONS = {
  catalog: { type: 'string', multiple: true },
  api: { type: 'string', multiple: true },
  lockfile: { type: 'string' },
  frozen: { type: 'boolean' },
  upgrade: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

const HELP = `Usage: cordon resolve <name[@range]>... --catalog <where>... [options]

Prints which plugins a load of these would take, in which versions and why. Loads nothing and writes nothing.

  --catalog <where>      a directory of plugins, the path of a plugin.json, or npm:<package>; may be repeated
  --lockfile <path>      prefer the versions of this plugins.lock.json, and check what it says of manifests
  --frozen               fail where the set is not the locked one
  --upgrade[=<names>]    take the newest versions that are possible, not the locked ones: of all plugins, or of these
                         (--upgrade=a,b)
  --api <name>=<version> a version that the host offers to the plugins' "engines"; may be repeated
  --json                 print JSON

Exit codes: 0; 1 there is no such set, and stderr says why; 2 the command line or a file that it names is wrong.
`;

/** `cordon resolve`: {@link Host.resolve} for people. */
export const resolveCommand: Command = {
  summary: 'Print which plugins a load would take, in which versions and why',
  help: HELP,
  async run(argv, io) {
    const { specs, values } = readArguments(argv);
    const { catalog = [], lockfile, frozen = false, json = false } = values;
    if (specs.length === 0)
      throw new UsageError('resolve needs the name of a plugin: cordon resolve <name[@range]>');
    if (catalog.length === 0)
      throw new UsageError('resolve needs to know where plugins are: add --catalog <where>');
    if (frozen && lockfile === undefined) throw new UsageError('--frozen needs a --lockfile');
    const upgrade = readUpgrade(values.upgrade ?? []);
    if (upgrade !== false && lockfile === undefined) throw new UsageError('--upgrade needs a --lockfile');
    if (upgrade !== false && frozen) throw new UsageError('--upgrade and --frozen exclude each other');
    await using host = await createHost({
      catalog,
      api: readApi(values.api ?? []),
      lockfile: lockfile === undefined ? false : { path: lockfile, frozen },
      logger: pino({ level: 'silent' }),
      threads: { min: 0 },
    });
    const report = await host.resolve(specs, { upgrade });
    io.out(json ? `${JSON.stringify(report, null, 2)}\n` : resolutionText(report));
    return EXIT.ok;
  },
};

function readArguments(argv: readonly string[]) {
  for (const argument of argv) {
    if (argument === '--') break;
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name === undefined || Object.hasOwn(OPTIONS, name)) continue;
    const nearest = nearestName(name, Object.keys(OPTIONS));
    throw new UsageError(`resolve has no option --${name}${nearest ? `; did you mean --${nearest}?` : ''}`);
  }
  try {
    // What follows `--upgrade` without "=" is a spec: names are given with "=".
    const end = argv.indexOf('--');
    const args = argv.map((one, i) => (one === '--upgrade' && (end < 0 || i < end) ? '--upgrade=' : one));
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    return { values, specs: positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
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
