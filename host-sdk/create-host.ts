import { cordonError } from '../src/errors/cordon-error.js';
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
  tellUnsignable(resolved);
  return Host.create(resolved);
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
    [options.cache.directory !== undefined, 'cache.directory', 'the cache in memory'],
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
