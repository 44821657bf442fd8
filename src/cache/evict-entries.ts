import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** An entry, by the SHA-256 of its key. */
const ENTRY = /^[0-9a-f]{64}\.cordon$/;
/** An entry that is being written. */
const PART = /^[0-9a-f]{64}\.cordon\.[0-9a-f-]{36}\.tmp$/;
/** Nobody writes for so long: a process died over it. */
const STALE_MS = 60 * 60 * 1000;

/**
 * Removes the entries that were used longest ago until all together have at most `maxBytes`, and what processes that died
 * left behind. Files of other names are neither counted nor touched. Answers with how many entries went.
 */
export async function evictEntries(directory: string, maxBytes: number): Promise<number> {
  const entries: { path: string; size: number; usedAt: number }[] = [];
  for (const name of await readdir(directory)) {
    if (!ENTRY.test(name) && !PART.test(name)) continue;
    const path = join(directory, name);
    // Another process may have removed it just now.
    const found = await lstat(path).catch(() => undefined);
    if (!found) continue;
    if (ENTRY.test(name)) entries.push({ path, size: found.size, usedAt: found.mtimeMs });
    else if (Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true });
  }
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  let evicted = 0;
  for (const { path, size } of entries.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= maxBytes) break;
    await rm(path, { force: true });
    total -= size;
    evicted++;
  }
  return evicted;
}
