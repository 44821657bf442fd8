import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { MANIFEST_FILE } from '../../../src/catalog/plugin-folder.js';
import { readEmbeddedManifest } from '../../../src/runtime/embedded-manifest.js';
import { loadTarget, targetName } from '../../../src/runtime/load-target.js';
import { createHost } from '../../create-host.js';
import type { Host } from '../../host.js';
import type { HostOptions } from '../../options.js';
import type { Console } from '../console.js';
import { pluginLocation } from '../plugin-location.js';
import { UsageError } from '../usage-error.js';

/** What `host.load` is asked for, and the name of it. */
export interface Target {
  readonly spec: string;
  readonly name: string;
}

/** A path where there is one, else the name of a plugin in a catalog. @throws UsageError, ERR_MANIFEST */
export async function targetOf(given: string, catalog: readonly string[] | undefined): Promise<Target> {
  const spec = await specOf(given, catalog);
  const target = await loadTarget(spec, {
    read: readEmbeddedManifest,
    maxModuleBytes: Number.POSITIVE_INFINITY,
  });
  return { spec, name: targetName(target) };
}

async function specOf(given: string, catalog: readonly string[] | undefined): Promise<string> {
  const isThere = await access(resolve(given)).then(
    () => true,
    () => false,
  );
  if (isThere) {
    const location = await pluginLocation(given);
    return location.kind === 'folder' ? join(location.folder, MANIFEST_FILE) : location.file;
  }
  if (catalog !== undefined) return given;
  throw new UsageError(`${given} is not there; for a plugin of a catalog add --catalog <where>`);
}

/** Has a host do this, and closes it, at once where the program is to end. */
export async function withHost<T>(
  io: Console,
  options: HostOptions,
  work: (host: Host) => Promise<T>,
): Promise<T> {
  const host = await createHost({
    ...options,
    // What it has to say is shown as events.
    logger: pino({ level: 'silent' }),
    threads: { min: 0 },
  });
  const hurry = (): void => {
    void host.close({ drainMs: 0 });
  };
  io.signal.addEventListener('abort', hurry, { once: true });
  try {
    return await work(host);
  } finally {
    io.signal.removeEventListener('abort', hurry);
    await host.close();
  }
}
