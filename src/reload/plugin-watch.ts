import { performance } from 'node:perf_hooks';
import { foldersOf, stampOf } from './file-stamps.js';
import type { FolderWatches } from './folder-watches.js';

/** What the files of a plugin are at one moment. */
export interface Look {
  /** Digest of all that matters in them. */
  readonly key: string;
  /** Absolute paths of the files, those that are missing included. */
  readonly files: readonly string[];
  /** Of the manifest; absent where there is a problem. */
  readonly version?: string | undefined;
  /** Digests of the modules by their names; absent where there is a problem. */
  readonly modules?: Readonly<Record<string, string>> | undefined;
  /** Why nothing can be made of them. */
  readonly problem?: Error | undefined;
}

export interface PluginWatchOptions {
  readonly folders: FolderWatches;
  /** How long files have to stay as they are. */
  readonly debounceMs: number;
  /** Files to begin with. */
  readonly files: readonly string[];
  /** The key of what is loaded, where it is known. */
  readonly loaded: string | undefined;
  /** Reads the files as a load would. Must not reject but for the signal. */
  readonly look: (signal: AbortSignal) => Promise<Look>;
  /** Whether this is what is loaded; asked where no key is known. */
  readonly isLoaded: (look: Look) => boolean;
  /** The files are whole and not what is loaded. Must not reject. Not told again until they change. */
  readonly onChanged: (look: Look) => Promise<void>;
  /** The files stay broken. Not told again until they change. */
  readonly onProblem: (look: Look, problem: Error) => void;
}

/** A file that is written without end is looked at all the same, after so many times `debounceMs`. */
const MAX_DEBOUNCES = 20;

/**
 * Watches the files of one plugin. After a change it waits until they stay as they are: the same sizes and times, and the
 * same digest at two looks, `debounceMs` apart. Only what is whole and differs from what is loaded is handed on.
 */
export class PluginWatch {
  readonly #options: PluginWatchOptions;
  readonly #end = new AbortController();
  readonly #following = new Map<string, () => void>();
  #files: readonly string[];
  #loaded: string | undefined;
  /** What the files were when somebody was told. */
  #told: string | undefined;
  #stamp: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #firstTouch = 0;
  #again = false;
  #running: Promise<void> | undefined;

  constructor(options: PluginWatchOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    this.#files = options.files;
    this.#follow(options.files);
    // They may have changed since they were read.
    this.touch();
  }

  /** Something may have changed. */
  touch(): void {
    if (this.#end.signal.aborted) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    const now = performance.now();
    if (this.#timer === undefined) this.#firstTouch = now;
    else if (now - this.#firstTouch > MAX_DEBOUNCES * this.#options.debounceMs) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), this.#options.debounceMs);
    this.#timer.unref();
  }

  /** Stops at once. The promise resolves when no file is being read any more. */
  close(): Promise<void> {
    this.#end.abort();
    clearTimeout(this.#timer);
    for (const stop of this.#following.values()) stop();
    this.#following.clear();
    return this.#running ?? Promise.resolve();
  }

  #start(): void {
    this.#timer = undefined;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#check();
      } catch (error) {
        // Nobody waits for this: whatever it is, it is told.
        if (!this.#end.signal.aborted) {
          this.#options.onProblem({ key: '', files: this.#files }, error as Error);
        }
      }
    } while (this.#again && !this.#end.signal.aborted);
  }

  async #check(): Promise<void> {
    const { isLoaded, onChanged, onProblem } = this.#options;
    const look = await this.#settle();
    if (!look || this.#end.signal.aborted) return;
    if (this.#loaded === undefined && isLoaded(look)) this.#loaded = look.key;
    if (look.key === this.#loaded) {
      this.#told = undefined;
      return;
    }
    if (look.key === this.#told) return;
    this.#told = look.key;
    if (look.problem) {
      onProblem(look, look.problem);
      return;
    }
    await onChanged(look);
  }

  /** The files as soon as they stay as they are; undefined where they have not changed since the last time. */
  async #settle(): Promise<Look | undefined> {
    const { look, debounceMs } = this.#options;
    const { signal } = this.#end;
    for (;;) {
      const stamp = await stampOf(this.#files);
      if (stamp === this.#stamp || signal.aborted) return undefined;
      const first = await look(signal);
      this.#files = first.files;
      this.#follow(first.files);
      if (first.key === this.#loaded) {
        // That from before the look: what was written since then is to be seen the next time.
        this.#stamp = stamp;
        return first;
      }
      const before = await stampOf(first.files);
      await pause(debounceMs, signal);
      const second = await look(signal);
      const after = await stampOf(second.files);
      if (second.key !== first.key || after !== before) continue;
      this.#stamp = after;
      return second;
    }
  }

  #follow(files: readonly string[]): void {
    if (this.#end.signal.aborted) return;
    const wanted = foldersOf(files);
    for (const [folder, stop] of this.#following) {
      if (wanted.has(folder)) continue;
      stop();
      this.#following.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#following.has(folder)) continue;
      this.#following.set(
        folder,
        this.#options.folders.follow(folder, () => this.touch()),
      );
    }
  }
}

/** Waits, at most until the signal; never keeps the process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    timer.unref();
    signal.addEventListener('abort', over);
    if (signal.aborted) over();
  });
}
