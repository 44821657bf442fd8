import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { cutText } from '../../log/cut-text.js';
import { escapeControl } from '../../log/escape-control.js';
import type { GuestSpec, ToThread } from '../protocol.js';
import { stackSizeMb } from '../thread-limits.js';
import type { ControlWords, LinkEnd, LinkListener, ThreadLink } from '../thread-link.js';
import { ChildGuard } from './child-guard.js';
import { HELLO } from './child-port.js';
import { CHILD_EXIT } from './child-terms.js';
import { ControlFile } from './control-file.js';
import { FrameReader } from './frame-reader.js';
import { holdToLimits, memoryAllowance } from './os-limits.js';
import { spawnChild } from './spawn-child.js';
import { readWire } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

/** A child that has not said that it is ready after so long is not going to. */
const START_MS = 30_000;
/** How long a dead child's last words are waited for: whoever it has started may hold its end of the pipe. */
const LAST_WORDS_MS = 500;
/** What is kept of what a child writes to its standard error. */
const MAX_STDERR = 8192;

/** How a child process is made. */
export interface ProcessOptions {
  readonly spec: GuestSpec;
  readonly stackBytes: number;
  /** Live instances at most. */
  readonly instances: number;
  /** How long to wait before it is started. */
  readonly delayMs: number;
}

/** The link to the thread of a child process, which holds the instances of one plugin. */
export class ProcessLink implements ThreadLink {
  readonly #options: ProcessOptions;
  readonly #listener: LinkListener;
  readonly #guard: ChildGuard;
  readonly #writer = new WireWriter();
  readonly #frames: FrameReader;
  /** Waits for the child to be ready; undefined from then on. */
  #waiting: Buffer[] | undefined = [];
  #child: ChildProcess | undefined;
  #file: ControlFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  #backstop: NodeJS.Timeout | undefined;
  /** Its limits are being set, or are. */
  #limits: Promise<void> | undefined;
  #isRef = false;
  #said = '';
  /** Why it was ended from here, where it was. */
  #because: string | undefined;
  #over = false;

  constructor(options: ProcessOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
    this.#guard = new ChildGuard(options.spec);
    this.#frames = new FrameReader(ChildGuard.maxFrameBytes(options.spec));
    // Not at once: a listener is not to be called before it has what it listens to.
    this.#timer = setTimeout(() => this.#spawn(), options.delayMs);
    this.#timer.unref();
  }

  get control(): ControlWords {
    return this.#file ?? NOTHING_BEGUN;
  }

  send(batch: readonly ToThread[]): void {
    try {
      for (const message of batch) this.#writer.frame(message);
      // A copy: the pipe may take it later.
      this.#write(Buffer.from(this.#writer.bytes));
    } finally {
      this.#writer.clear();
    }
    for (const message of batch) this.#guard.sent(message);
    if (!this.#waiting) this.#watch();
  }

  ref(): void {
    this.#isRef = true;
    this.#timer?.ref();
    this.#child?.ref();
    for (const stream of this.#streams()) stream.ref?.();
  }

  unref(): void {
    this.#isRef = false;
    this.#timer?.unref();
    this.#child?.unref();
    for (const stream of this.#streams()) stream.unref?.();
  }

  end(): void {
    clearTimeout(this.#timer);
    const pid = this.#child?.pid;
    if (pid === undefined) {
      queueMicrotask(() => this.#ended({ reason: 'it was ended before it was started', outOfMemory: false }));
      return;
    }
    kill(this.#child!, pid);
  }

  #spawn(): void {
    const { spec, stackBytes } = this.#options;
    const terms = {
      stackSizeMb: stackSizeMb(stackBytes),
      maxFrameBytes: ChildGuard.maxFrameBytes(spec),
    };
    const failed = (error: unknown): void => {
      const reason = `its process could not be started: ${(error as Error).message}`;
      this.#ended({ reason, outOfMemory: false });
    };
    let child: ChildProcess;
    try {
      this.#file = new ControlFile();
      child = spawnChild(spec, terms, this.#file.fd);
    } catch (error) {
      failed(error);
      return;
    }
    this.#child = child;
    child.once('error', failed);
    child.once('exit', (code, signal) => this.#exited(code, signal));
    const [, , err, to, from] = child.stdio as [null, null, Readable, Writable, Readable];
    err.setEncoding('latin1').on('data', (text: string) => {
      this.#said += text.slice(0, MAX_STDERR);
      // A child that writes without end is not read without end: that would be work for the host.
      if (this.#said.length >= MAX_STDERR) err.destroy();
    });
    from.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A child that dies takes its pipes with it; its exit says what there is to say.
    for (const stream of [err, to, from]) stream.on('error', () => {});
    this.#timer = setTimeout(() => this.#giveUp('its process did not get ready'), START_MS);
    if (this.#isRef) this.ref();
    else this.unref();
  }

  #receive(chunk: Buffer): void {
    if (this.#because !== undefined || this.#over) return;
    try {
      const batch: Parameters<LinkListener['onBatch']>[0][number][] = [];
      this.#frames.push(chunk, (message) => {
        if (this.#waiting) this.#greeted(message);
        else batch.push(this.#guard.read(message));
      });
      if (batch.length > 0) this.#listener.onBatch(batch);
    } catch (error) {
      this.#accuse((error as Error).message);
    }
  }

  #greeted(message: Buffer): void {
    const greeting = readWire(message, 2) as { op?: unknown } | undefined;
    const pid = this.#child!.pid!;
    if (greeting?.op !== HELLO.op || this.#timer === undefined)
      throw new Error('it did not begin with a greeting');
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { spec, instances } = this.#options;
    this.#limits = holdToLimits(pid, spec, memoryAllowance(spec, instances)).then(() => {
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const bytes of waiting) this.#write(bytes);
      this.#guard.restart();
      this.#watch();
    });
  }

  #write(bytes: Buffer): void {
    if (this.#waiting) this.#waiting.push(bytes);
    else if (!this.#over) (this.#child!.stdio[3] as Writable).write(bytes);
  }

  /** One timer, due when the child should long have been done with what it does. */
  #watch(): void {
    if (this.#backstop || this.#over) return;
    const ms = this.#guard.patienceMs();
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#backstop = setTimeout(
      () => {
        this.#backstop = undefined;
        if (this.#guard.patienceMs() <= 0) this.#giveUp('its process did not get on with a call');
        else this.#watch();
      },
      Math.min(Math.max(ms, 1), 2 ** 31 - 1),
    );
    this.#backstop.unref();
  }

  /** No sandbox says this: somebody else has taken over the process. */
  #accuse(what: string): void {
    const { plugin, version, id } = this.#options.spec;
    const problem = escapeControl(cutText(what, 256));
    this.#giveUp(`its process broke the protocol (${problem})`);
    this.#listener.onBatch([
      {
        op: 'violation',
        seq: 0,
        spec: id,
        kind: 'abi',
        message: `The process of ${plugin}@${version} said what no sandbox says (${problem}), and was killed.`,
        detail: { problem },
      },
    ]);
  }

  #giveUp(because: string): void {
    if (this.#because !== undefined || this.#over) return;
    this.#because = because;
    this.end();
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const end = this.#describe(code, signal);
    const from = this.#child!.stdio[4] as Readable;
    if (from.destroyed || from.readableEnded) {
      this.#ended(end);
      return;
    }
    const timer = setTimeout(() => this.#ended(end), LAST_WORDS_MS);
    from.once('close', () => {
      clearTimeout(timer);
      this.#ended(end);
    });
  }

  #describe(code: number | null, signal: NodeJS.Signals | null): LinkEnd {
    const outOfMemory =
      code === CHILD_EXIT.outOfMemory || /out of memory|allocation failed/i.test(this.#said);
    const how = signal ? `was killed by ${signal}` : `ended by itself (exit code ${code})`;
    const said = escapeControl(cutText(this.#said.trim().split('\n')[0] ?? '', 256));
    return { reason: this.#because ?? `its process ${how}${said && `: ${said}`}`, outOfMemory };
  }

  #ended(end: LinkEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#backstop);
    for (const stream of this.#streams()) stream.destroy();
    this.#file?.close();
    // The program that sets the limits is done in a moment, and is not to be left behind.
    void (this.#limits ?? Promise.resolve()).then(() => this.#listener.onEnd(end));
  }

  #streams(): { ref?(): void; unref?(): void; destroy(): void }[] {
    return (this.#child?.stdio ?? []).filter((stream) => stream !== null && stream !== undefined) as never;
  }
}

const NOTHING_BEGUN: ControlWords = { running: 0, startedAt: 0, isSleeping: false, begun: new Set() };

/** The whole group of a child: it may have got to start others. */
function kill(child: ChildProcess, pid: number): void {
  if (process.platform !== 'win32') {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // No such group: it is dead already.
    }
  }
  child.kill('SIGKILL');
}
