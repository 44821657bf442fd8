import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { cordonError } from '../../src/errors/cordon-error.js';
import { fileProblem } from '../../src/integrity/read-file.js';

export interface RotatingFileOptions {
  readonly path: string;
  readonly maxFileBytes: number;
  readonly maxFiles: number;
  /** What may wait for the disk; lines beyond are dropped and counted. */
  readonly maxQueuedBytes: number;
  /** A line that says how many were dropped. */
  readonly droppedLine: (count: number) => string;
  /** The disk refused; told once until it works again. Must not throw. */
  readonly onError: (error: Error) => void;
}

/** Lines that are written in one go. */
const MAX_BATCH_BYTES = 256 * 1024;

/**
 * Appends lines to a file, in order, without holding up who writes them. A file that is full is renamed to `.1`, that one
 * to `.2`, and so on; the oldest is deleted. What waits for the disk is bounded.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #path: string;
  #handle: FileHandle | undefined;
  #size = 0;
  #queue: string[] = [];
  #queuedBytes = 0;
  #dropped = 0;
  /** Of these the file does not say anything yet. */
  #untold = 0;
  #failing = false;
  /** The full file cannot be put aside. */
  #stuck = false;
  #pumping: Promise<void> | undefined;
  #closed = false;

  private constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#path = resolve(options.path);
  }

  /** @throws `ERR_OPTIONS` where the file cannot be opened for writing */
  static async open(options: RotatingFileOptions): Promise<RotatingFile> {
    const file = new RotatingFile(options);
    try {
      await file.#open();
    } catch (cause) {
      throw cordonError(
        'ERR_OPTIONS',
        `The log file ${file.#path} cannot be written: ${fileProblem(cause)}. Give another "path", or the permission.`,
        { cause, details: { path: file.#path } },
      );
    }
    return file;
  }

  /** Lines that were lost, because the disk was too slow or refused. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes one line, without its end. Never throws and never waits. */
  write(line: string): void {
    if (this.#closed) return;
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#queuedBytes + bytes > this.#options.maxQueuedBytes) {
      this.#drop(1);
      return;
    }
    if (!this.#failing) this.#tellDropped();
    this.#push(line);
    this.#start();
  }

  /** Resolves when everything that was taken so far is with the operating system, or lost. */
  async flush(): Promise<void> {
    while (this.#pumping) await this.#pumping;
  }

  /** Writes what is left and closes the file. Lines that come later are not taken. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(this.#options.onError);
  }

  #push(line: string): void {
    this.#queue.push(line);
    this.#queuedBytes += Buffer.byteLength(line) + 1;
  }

  #tellDropped(): void {
    if (this.#untold === 0) return;
    this.#push(this.#options.droppedLine(this.#untold));
    this.#untold = 0;
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#untold += lines;
  }

  #start(): void {
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
    });
  }

  async #pump(): Promise<void> {
    // A turn later: lines of one tick are written together.
    await null;
    for (;;) {
      if (this.#queue.length === 0 && !this.#failing) this.#tellDropped();
      if (this.#queue.length === 0) return;
      const lines = this.#take();
      try {
        await this.#append(lines);
        this.#failing = false;
      } catch (error) {
        this.#drop(lines.length);
        if (!this.#failing) this.#options.onError(error as Error);
        this.#failing = true;
        await this.#forgetHandle();
      }
    }
  }

  /** As many lines as fit into the file, at least one. */
  #take(): string[] {
    const room = Math.min(MAX_BATCH_BYTES, this.#options.maxFileBytes - this.#size);
    let bytes = 0;
    let count = 0;
    for (const line of this.#queue) {
      const size = Buffer.byteLength(line) + 1;
      if (count > 0 && bytes + size > room) break;
      bytes += size;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #append(lines: readonly string[]): Promise<void> {
    const text = Buffer.from(`${lines.join('\n')}\n`);
    if (this.#size > 0 && this.#size + text.byteLength > this.#options.maxFileBytes) {
      await this.#rotate().then(
        () => {
          this.#stuck = false;
        },
        (error: Error) => {
          // A file that is too large is better than lines that are lost.
          if (!this.#stuck) this.#options.onError(error);
          this.#stuck = true;
        },
      );
    }
    if (!this.#handle) await this.#open();
    await this.#handle!.appendFile(text);
    this.#size += text.byteLength;
  }

  async #open(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    this.#handle = await open(this.#path, 'a', 0o600);
    this.#size = (await this.#handle.stat()).size;
  }

  async #rotate(): Promise<void> {
    const name = (n: number): string => (n === 0 ? this.#path : `${this.#path}.${n}`);
    const { maxFiles } = this.#options;
    await this.#handle?.close();
    this.#handle = undefined;
    await rm(name(maxFiles - 1), { force: true });
    for (let n = maxFiles - 2; n >= 0; n--) {
      await rename(name(n), name(n + 1)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }

  async #forgetHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#size = 0;
    await handle?.close().catch(() => {});
  }
}
