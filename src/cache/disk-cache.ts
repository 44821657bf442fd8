import { createHash, randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lutimes, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cordonError } from '../errors/cordon-error.js';
import { fileProblem, readFileCapped } from '../integrity/read-file.js';
import { decodeEntry, encodeEntry, type StoredModule } from './entry-format.js';
import { evictEntries } from './evict-entries.js';
import { makeOwnDirectory, notOurOwn, othersMayWrite } from './own-directory.js';

/** Counters of a {@link DiskCache} since the host was made, for this process alone. */
export interface DiskCacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly writes: number;
  /** Entries that were damaged, and removed. */
  readonly damaged: number;
  /** Entries that were removed to keep the limit. */
  readonly evicted: number;
}

export interface DiskCacheOptions {
  readonly directory: string;
  /** All entries together. */
  readonly maxBytes: number;
}

/** Tells the operator; `detail` has the figures. */
export type CacheWarning = (message: string, detail: Readonly<Record<string, unknown>>) => void;

/** More than a buffer holds is no module. */
const MAX_ENTRY = 2 ** 31 - 1;
/** The path itself is wrong, not what it is on at the moment. */
const WRONG_PATH: ReadonlySet<unknown> = new Set(['ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EINVAL']);

/**
 * Rewritten modules in a directory that several processes may share. An entry is written beside and renamed, so that it is
 * whole or not there, and carries its own digest; what is damaged is removed and made anew. Nothing here fails a load: what the
 * file system refuses is a warning, once for each kind.
 *
 * Who can write to the directory decides what runs, so it has to be the application's own.
 */
export class DiskCache {
  /** Its real path, once it was looked at: a link that is turned later leads nowhere else. */
  directory: string;
  readonly #maxBytes: number;
  readonly #pending = new Set<Promise<void>>();
  readonly #told = new Set<string>();
  #early: Parameters<CacheWarning>[] = [];
  #warn: CacheWarning = (...warning) => void this.#early.push(warning);
  #evicting: Promise<void> | undefined;
  #again = false;
  #stats = { hits: 0, misses: 0, writes: 0, damaged: 0, evicted: 0 };

  private constructor({ directory, maxBytes }: DiskCacheOptions) {
    this.directory = resolve(directory);
    this.#maxBytes = maxBytes;
  }

  /**
   * Makes the directory where it is missing.
   * @throws ERR_OPTIONS where it cannot be one, or where others could write to it
   */
  static async open(options: DiskCacheOptions): Promise<DiskCache> {
    const cache = new DiskCache(options);
    const { directory } = cache;
    const refuse = (problem: string, remedy: string, cause?: unknown) =>
      cordonError(
        'ERR_OPTIONS',
        `The directory ${directory} of "cache.directory" cannot be used: ${problem}. ${remedy}`,
        {
          cause,
          details: { directory },
        },
      );
    try {
      await makeOwnDirectory(directory);
      const problem = await notOurOwn(directory);
      if (problem) {
        throw refuse(
          problem,
          'Modules that others can change would run: use a directory of its own, with mode 700.',
        );
      }
      cache.directory = await realpath(directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_OPTIONS') throw error;
      if (WRONG_PATH.has(code)) throw refuse(fileProblem(error), 'Correct the path.', error);
      cache.#tell('cannot be used', error);
    }
    return cache;
  }

  get stats(): DiskCacheStats {
    return Object.freeze({ ...this.#stats });
  }

  /** Who is told from now on, and of what has been wrong until now. */
  onWarning(warn: CacheWarning): void {
    this.#warn = warn;
    for (const warning of this.#early.splice(0)) warn(...warning);
  }

  /** The entry under this key, whole and with its digest; undefined for a miss. */
  async read(key: string): Promise<StoredModule | undefined> {
    const path = this.#path(key);
    const entry = await this.#readEntry(path, key);
    if (entry) this.#stats.hits++;
    else this.#stats.misses++;
    // The time of the last use, for eviction; a directory that cannot be written to still serves.
    if (entry) await lutimes(path, new Date(), new Date()).catch(() => {});
    return entry;
  }

  /** Keeps an entry, in the background. */
  write(key: string, module: StoredModule): void {
    this.#track(this.#writeEntry(key, module));
  }

  /** Removes what turned out to be no use. */
  async drop(key: string, problem: string): Promise<void> {
    this.#stats.damaged++;
    const path = this.#path(key);
    await rm(path, { force: true }).catch(() => {});
    this.#warn(`An entry of the module cache was damaged, and dropped: ${problem} (${path}).`, {
      path,
      problem,
    });
  }

  /** Settles when nothing is being written any more. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #path(key: string): string {
    return join(this.directory, `${createHash('sha256').update(key).digest('hex')}.cordon`);
  }

  async #readEntry(path: string, key: string): Promise<StoredModule | undefined> {
    if (!(await this.#isOurs())) return undefined;
    let damage: string | undefined;
    const damaged = (what: string): Error => {
      damage = what;
      return new Error(what);
    };
    try {
      const bytes = await readFileCapped(path, {
        maxBytes: Math.min(this.#maxBytes, MAX_ENTRY),
        tooLarge: (observed) => damaged(`it has ${observed} bytes`),
        accept: (found: Stats) => {
          const problem = othersMayWrite(found);
          if (problem) throw damaged(problem);
        },
      });
      const entry = await decodeEntry(bytes, key);
      if (typeof entry !== 'string') return entry;
      damage = entry;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      if (code === 'ELOOP' || code === 'ENOTFILE') damage = fileProblem(error);
      if (damage === undefined) this.#tell('cannot be read', error);
    }
    if (damage !== undefined) await this.drop(key, damage);
    return undefined;
  }

  async #writeEntry(key: string, module: StoredModule): Promise<void> {
    if (module.bytes.length >= this.#maxBytes || !(await this.#isOurs())) return;
    const entry = await encodeEntry(key, module);
    if (entry.length > this.#maxBytes) return;
    const path = this.#path(key);
    const part = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(part, entry, { mode: 0o600, flag: 'wx' });
      await rename(part, path);
      this.#stats.writes++;
    } catch (error) {
      await rm(part, { force: true }).catch(() => {});
      this.#tell('cannot be written to', error);
      return;
    }
    await this.#evict();
  }

  /** One at a time; what was written meanwhile is looked at once more. */
  #evict(): Promise<void> {
    this.#again = true;
    this.#evicting ??= this.#evictAll().finally(() => {
      this.#evicting = undefined;
    });
    return this.#evicting;
  }

  async #evictAll(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        this.#stats.evicted += await evictEntries(this.directory, this.#maxBytes);
      }
    } catch (error) {
      this.#tell('cannot be kept within its limit', error);
    }
  }

  /** It was when the host was made; whoever changes its mode later makes it useless, not dangerous. */
  async #isOurs(): Promise<boolean> {
    try {
      const problem = othersMayWrite(await stat(this.directory));
      if (problem) this.#tell('is not used any more', new Error(problem));
      return problem === undefined;
    } catch (error) {
      this.#tell('cannot be used', error);
      return false;
    }
  }

  #tell(what: string, error: unknown): void {
    const reason = fileProblem(error);
    if (this.#told.has(`${what} ${reason}`)) return;
    this.#told.add(`${what} ${reason}`);
    const { code } = error as NodeJS.ErrnoException;
    this.#warn(
      `The cache directory ${this.directory} ${what}: ${reason}. Modules are rewritten without it.`,
      { directory: this.directory, ...(code !== undefined && { reason: code }) },
    );
  }

  #track(work: Promise<void>): void {
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }
}
