import { cordonError } from '../src/errors/cordon-error.js';
import type { Logger } from '../src/log/logger.js';
import { Host } from './host.js';
import { type HostOptions, parseHostOptions, type ResolvedHostOptions } from './options.js';

/**
 * Makes a host. Nothing is loaded yet; the first sandbox thread starts in the background.
 *
 * @example
 * await using host = await createHost({ catalog: ['./plugins'] });
 * const plugin = await host.load('@acme/markdown@^1.2');
 * @throws ERR_OPTIONS naming each wrong option, what was found and what was expected
 */
export async function createHost(options?: HostOptions): Promise<Host> {
  const resolved = parseHostOptions(options);
  refuseUnsupported(resolved);
  tellUnenforced(options ?? {}, resolved.logger);
  tellUnsignable(resolved);
  return Host.create(resolved);
}

/** Options of the contract that are taken, as their defaults are in force for everybody, and that nothing holds yet. */
const UNENFORCED = [
  ['budget', 'cpuPercent'],
  ['limits', 'cpuPercent'],
] as const;

/** Who sets one of them is told, so that nobody relies on it. */
function tellUnenforced(options: HostOptions, logger: Logger): void {
  const given = options as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  const names = UNENFORCED.filter(([group, key]) => given[group]?.[key] !== undefined).map((path) =>
    path.join('.'),
  );
  if (names.length === 0) return;
  logger.warn(
    { options: names },
    `This version of Cordon does not enforce ${names.join(', ')} yet: do not rely on it.`,
  );
}

/** A host that takes signed plugins only, and no key: it can load nothing. */
function tellUnsignable({ validation, logger }: ResolvedHostOptions): void {
  if (validation.signatures !== 'require' || validation.trustedKeys.length > 0) return;
  logger.warn(
    { option: 'validation.trustedKeys' },
    'validation.signatures is "require" and validation.trustedKeys is empty: no plugin can be loaded. Add a key.',
  );
}

/** Options of the contract that this version cannot keep yet are refused, not ignored: a promise of safety is not to be broken silently. */
function refuseUnsupported(options: ResolvedHostOptions): void {
  const refused: [boolean, string, string][] = [
    [Object.values(options.isolation).includes('process'), 'isolation: "process"', '"shared" or "thread"'],
  ];
  for (const [wrong, what, instead] of refused) {
    if (!wrong) continue;
    throw cordonError(
      'ERR_OPTIONS',
      `The option ${what} is not supported by this version of Cordon yet; use ${instead}.`,
      {
        details: { option: what },
      },
    );
  }
}
