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
