import { realpath, stat } from 'node:fs/promises';
import { cordonError } from '../../src/errors/cordon-error.js';
import type { MountSpec } from '../../src/sandbox/protocol.js';

/**
 * The SDK's `allowedPaths` as mounts: guest folder → host folder, `ro:` before it for reading only.
 * @throws ERR_OPTIONS for one that is not there or is no folder
 */
export function mountsOf(allowedPaths: Readonly<Record<string, string>>): Promise<MountSpec[]> {
  return Promise.all(
    Object.entries(allowedPaths).map(async ([guest, host]): Promise<MountSpec> => {
      const isReadOnly = host.startsWith('ro:');
      const hostPath = await folderAt(guest, isReadOnly ? host.slice(3) : host);
      return { guestPath: guestPathOf(guest), hostPath, access: isReadOnly ? 'read' : 'write' };
    }),
  );
}

function guestPathOf(guest: string): string {
  const path = guest.length > 1 ? guest.replace(/\/+$/, '') : guest;
  if (path !== '' && !/[\0\\]/.test(path) && !path.split('/').includes('..')) return path;
  throw cordonError(
    'ERR_OPTIONS',
    `createPlugin: "allowedPaths" has ${JSON.stringify(guest)}; expected a folder of the guest.`,
  );
}

async function folderAt(guest: string, host: string): Promise<string> {
  let why = 'it is no folder';
  try {
    const path = await realpath(host);
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    why = (error as Error).message;
  }
  throw cordonError(
    'ERR_OPTIONS',
    `createPlugin: "allowedPaths" has ${JSON.stringify(host)} for ${JSON.stringify(guest)}, which cannot be mounted: ${why}.`,
    { details: { guestPath: guest, hostPath: host } },
  );
}
