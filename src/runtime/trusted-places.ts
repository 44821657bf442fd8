import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Runtime } from './runtime.js';

/** A file or folder that the host believes when it reads it. */
export interface TrustedPlace {
  /** The option that names it. */
  readonly option: string;
  /** Real and absolute. */
  readonly path: string;
}

/** What decides which code runs, and who is shut out. A guest that could write there would decide it. */
export async function trustedPlaces({ options }: Pick<Runtime, 'options'>): Promise<TrustedPlace[]> {
  const { cache, stateDirectory, lockfile } = options;
  const named: [string, string | undefined][] = [
    ['cache.directory', cache.directory],
    ['stateDirectory', stateDirectory],
    ['lockfile', lockfile === false ? undefined : lockfile.path],
  ];
  const places: TrustedPlace[] = [];
  for (const [option, path] of named)
    if (path !== undefined) places.push({ option, path: await realOf(path) });
  return places;
}

/** Which of them a guest could change that may write to this folder: one that lies in it, or that it lies in. */
export function exposedBy(folder: string, places: readonly TrustedPlace[]): TrustedPlace | undefined {
  return places.find(({ path }) => isWithin(path, folder) || isWithin(folder, path));
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** It may not be there yet, as a lockfile before the first load. */
async function realOf(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch {
    const above = dirname(absolute);
    return above === absolute ? absolute : join(await realOf(above), basename(absolute));
  }
}
