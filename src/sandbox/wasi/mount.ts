import { isAbsolute, resolve } from 'node:path';
import { cordonError } from '../../errors/cordon-error.js';
import { errnoOfSystemError, errnoText } from './errno.js';
import { Fault } from './fault.js';
import type { Folder } from './file-tree.js';
import { HostFolder } from './host-folder.js';
import { pseudoFilesystem } from './pseudo-filesystem.js';
import { Quota } from './quota.js';
import { QuotaUse } from './quota-use.js';
import { ScratchFolder } from './scratch-folder.js';

/** A directory of the host that a guest may see. */
export interface HostMount {
  /** The name that the guest knows it by, for example `/data`. */
  readonly guestPath: string;
  /** Absolute. Its last component must be a directory, not a symbolic link to one. */
  readonly hostPath: string;
  readonly access: 'read' | 'write';
  /**
   * The bytes that the mount may hold, what is there already included; each file and directory counts 1 024 on top.
   * Default: none, only `fileBytes` bounds each file.
   */
  readonly quotaBytes?: number;
  /** The count that all instances which write there have in common, of `QuotaUse.BYTES`. Default: the instance's own. */
  readonly quotaUse?: SharedArrayBuffer;
}

/** A directory in memory, empty at first, gone with the instance. */
export interface ScratchMount {
  readonly guestPath: string;
  /** Counted as `quotaBytes` is; the memory held can be half as much again. */
  readonly maxBytes: number;
}

/** A preopened directory. */
export interface Mount {
  readonly guestPath: string;
  readonly writable: boolean;
  readonly root: Folder;
  readonly quota: Quota | undefined;
  /** The device number that the guest sees: the mount's own, never the host's. */
  readonly device: bigint;
  /** Told when the guest reads, and when it wants to change something. */
  readonly onUse?: { readonly read: () => void; readonly write: () => void } | undefined;
}

/** @throws ERR_OPTIONS when the host path is not an absolute path of a directory that can be opened. */
export function openHostMount(mount: HostMount, device: bigint, breathe?: () => void): Mount {
  checkGuestPath(mount.guestPath);
  if (!isAbsolute(mount.hostPath)) throw mountError(mount, 'is not an absolute path');
  const root = openRoot(mount);
  return {
    guestPath: mount.guestPath,
    writable: mount.access === 'write',
    root,
    quota: quotaOf(mount, root, breathe),
    device,
  };
}

function quotaOf({ quotaBytes, quotaUse }: HostMount, root: Folder, breathe?: () => void): Quota | undefined {
  return quotaBytes === undefined ? undefined : new Quota(quotaBytes, root, breathe, new QuotaUse(quotaUse));
}

export function openScratchMount(mount: ScratchMount, device: bigint, now: () => bigint): Mount {
  checkGuestPath(mount.guestPath);
  const root = ScratchFolder.root(now);
  return { guestPath: mount.guestPath, writable: true, root, quota: new Quota(mount.maxBytes, root), device };
}

function openRoot(mount: HostMount): Folder {
  // `resolve` drops a trailing slash, which would make the kernel follow a link there.
  const path = resolve(mount.hostPath);
  try {
    const pseudo = pseudoFilesystem(path);
    if (pseudo !== undefined)
      throw mountError(mount, `is on a file system of type ${pseudo}, which holds no files`);
    return HostFolder.root(path);
  } catch (error) {
    if (error instanceof Fault) throw mountError(mount, `cannot be opened (${errnoText(error.errno)})`);
    const errno = errnoOfSystemError(error);
    if (errno === undefined) throw error;
    const isNoFolder = errno === 'NOTDIR' || errno === 'LOOP';
    throw mountError(
      mount,
      isNoFolder
        ? 'is not a directory, or is a symbolic link; name the directory itself'
        : `cannot be opened (${errnoText(errno)})`,
    );
  }
}

function checkGuestPath(guestPath: string): void {
  if (guestPath !== '' && !guestPath.includes('\0') && Buffer.byteLength(guestPath) <= 4096) return;
  throw cordonError(
    'ERR_OPTIONS',
    `A mount's guest path must have 1 to 4096 bytes and no NUL: ${JSON.stringify(guestPath)}`,
    {
      details: { guestPath },
    },
  );
}

function mountError(mount: HostMount, what: string): Error {
  return cordonError(
    'ERR_OPTIONS',
    `The host path ${mount.hostPath} of the mount ${mount.guestPath} ${what}`,
    {
      details: { guestPath: mount.guestPath, hostPath: mount.hostPath },
    },
  );
}
