import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cordonError } from '../errors/cordon-error.js';
import { fileProblem, readFileCapped } from '../integrity/read-file.js';
import { replaceFile } from '../integrity/replace-file.js';
import type { QuarantineRecord } from './quarantine-record.js';
import { parseRecord } from './quarantine-record-schema.js';

/** A record with 32 violations at their largest has half of it. */
const MAX_BYTES = 1024 * 1024;

/** What a store has to say to the operator. */
export type StoreProblem = (message: string, detail: Readonly<Record<string, unknown>>) => void;

/**
 * Keeps quarantines in a directory, one file for each plugin in quarantine, so that hosts that share it do not overwrite
 * each other. A file is written whole beside its place and renamed. Saving never fails the caller: what could not be
 * written is told, and in force in memory.
 */
export class QuarantineStore {
  readonly #directory: string;
  readonly #tell: StoreProblem;
  /** What is still to be written, the latest for each plugin; undefined for one that is released. */
  readonly #pending = new Map<string, QuarantineRecord | undefined>();
  #writing: Promise<void> | undefined;

  constructor(directory: string, tell: StoreProblem) {
    this.#directory = resolve(directory);
    this.#tell = tell;
  }

  /** Where a plugin's record is. Names of plugins are lower case, so they are files of their own on every system. */
  fileOf(plugin: string): string {
    return join(this.#directory, `${encodeURIComponent(plugin)}.quarantine.json`);
  }

  save(record: QuarantineRecord): void {
    this.#write(record.plugin, record);
  }

  remove(plugin: string): void {
    this.#write(plugin, undefined);
  }

  /** Resolves when everything so far is on the disk, or was told to have failed. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /**
   * What is kept of a plugin; undefined where it is free. A file that is there and cannot be read still says that the plugin
   * was in quarantine: the answer is the reason why nothing more is known.
   */
  async read(plugin: string): Promise<QuarantineRecord | { readonly damaged: string } | undefined> {
    await this.flush();
    const file = this.fileOf(plugin);
    try {
      const bytes = await readFileCapped(file, {
        maxBytes: MAX_BYTES,
        tooLarge: (observed) => new Error(`it has ${observed} bytes, and may have ${MAX_BYTES}`),
      });
      return parseRecord(new TextDecoder().decode(bytes), plugin);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      const damaged = `${file} cannot be read: ${fileProblem(error)}`;
      this.#tell(`The quarantine of ${plugin} is unknown, and the plugin is held: ${damaged}.`, {
        plugin,
        file,
      });
      return { damaged };
    }
  }

  #write(plugin: string, record: QuarantineRecord | undefined): void {
    this.#pending.set(plugin, record);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (const [plugin, record] of this.#pending) {
      this.#pending.delete(plugin);
      const file = this.fileOf(plugin);
      try {
        if (record)
          await replaceFile(file, `${JSON.stringify({ quarantineVersion: 1, ...record }, null, 2)}\n`);
        else await rm(file, { force: true });
      } catch (error) {
        const what = record ? 'was not written down' : 'is still written down';
        this.#tell(`The quarantine of ${plugin} ${what}: ${file}: ${fileProblem(error)}.`, { plugin, file });
      }
    }
  }
}

/** Makes the directory where it is not there. @throws ERR_OPTIONS where there can be none */
export async function prepareStateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(resolve(directory), { recursive: true });
  } catch (error) {
    throw cordonError(
      'ERR_OPTIONS',
      `The directory ${resolve(directory)} cannot be used: ${fileProblem(error)}. Correct the option "stateDirectory".`,
      { cause: error, details: { directory: resolve(directory) } },
    );
  }
}
