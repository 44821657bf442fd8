import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CordonError, cordonError } from '../errors/cordon-error.js';
import type { Manifest } from '../manifest/manifest.js';
import type { MountTarget } from '../manifest/permissions.js';
import type { Grant } from '../policy/grants.js';
import { isScratch, pathOf } from '../policy/mounts.js';
import type { MountSpec } from '../sandbox/protocol.js';
import { exposedBy, type TrustedPlace } from './trusted-places.js';

/** What a guest's WASI mounts. */
export interface OpenableMounts {
  readonly mounts: readonly MountSpec[];
  readonly scratch: readonly { readonly guestPath: string; readonly maxBytes: number }[];
}

/**
 * The granted folders by their real paths, as WASI wants them, and what lives in memory. Relative ones are looked up
 * from the working directory of the process, because it is the host that grants them.
 * @throws ERR_OPTIONS for one that is not there or is no folder, and for one to write to that would expose what the host trusts
 */
export async function openableMounts(
  manifest: Manifest,
  grant: Grant,
  trusted: readonly TrustedPlace[],
): Promise<OpenableMounts> {
  const mounts: MountSpec[] = [];
  const scratch: { guestPath: string; maxBytes: number }[] = [];
  for (const access of ['read', 'write'] as const) {
    for (const [guestPath, granted] of Object.entries<MountTarget>(grant.fs[access])) {
      if (isScratch(granted)) {
        scratch.push({ guestPath, maxBytes: granted.quotaBytes });
        continue;
      }
      const hostPath = await folderAt(manifest, guestPath, pathOf(granted));
      const exposed = access === 'write' ? exposedBy(hostPath, trusted) : undefined;
      if (exposed) throw exposes(manifest, guestPath, hostPath, exposed);
      const quota = typeof granted === 'string' ? {} : { quotaBytes: granted.quotaBytes };
      mounts.push({ guestPath, hostPath, access, ...quota });
    }
  }
  return { mounts, scratch };
}

function exposes(
  { name, version }: Manifest,
  guestPath: string,
  hostPath: string,
  { option, path }: TrustedPlace,
): CordonError {
  return cordonError(
    'ERR_OPTIONS',
    `The folder "${hostPath}", granted to ${name} as ${guestPath} to write to, cannot be mounted: with it the plugin could change ${path}, which the host trusts as its "${option}". Grant another folder, or move the ${option}.`,
    { plugin: name, version, details: { guestPath, hostPath, option, path } },
  );
}

async function folderAt(manifest: Manifest, guestPath: string, granted: string): Promise<string> {
  let why = 'it is no folder';
  try {
    const path = await realpath(resolve(granted));
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message;
  }
  throw cordonError(
    'ERR_OPTIONS',
    `The folder "${granted}", granted to ${manifest.name} as ${guestPath}, cannot be mounted: ${why}. Create it, or correct the grant.`,
    { plugin: manifest.name, version: manifest.version, details: { guestPath, hostPath: granted } },
  );
}
