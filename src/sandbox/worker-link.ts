import { Worker } from 'node:worker_threads';
import { ControlBlock } from './control-block.js';
import type { FileBudgets } from './file-budget.js';
import type { FromThread, ThreadData, ToThread } from './protocol.js';
import type { LinkEnd, LinkListener, ThreadLink } from './thread-link.js';

/** The stack that Cordon's own frames and Extism's need beside the guest's, in MiB. */
const STACK_RESERVE_MB = 1;

/** How a thread is made. */
export interface WorkerOptions {
  readonly kernel: WebAssembly.Module;
  /** The guests' native stack, in bytes, for all that run in this thread. */
  readonly stackBytes: number;
  readonly name: string;
  readonly files: FileBudgets;
}

/** The link to a thread of this very process. */
export class WorkerLink implements ThreadLink {
  readonly control = new ControlBlock();
  readonly #worker: Worker;

  constructor({ kernel, stackBytes, name, files }: WorkerOptions, listener: LinkListener) {
    const share = files.share();
    const data: ThreadData = { kernel, control: this.control.buffer, files: share.data };
    this.#worker = new Worker(new URL('./worker-entry.js', import.meta.url), {
      name,
      workerData: data,
      env: {},
      // Extism imports node:wasi on loading, of which nothing is used here.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      argv: [],
      resourceLimits: { stackSizeMb: stackSizeMb(stackBytes) },
    });
    this.#worker.unref();
    this.#worker.on('message', (batch: FromThread[]) => listener.onBatch(batch));
    let failure: unknown;
    this.#worker.on('error', (error) => {
      failure = error;
    });
    this.#worker.once('exit', (code) => {
      share.release();
      listener.onEnd(describeEnd(failure, code));
    });
  }

  send(batch: readonly ToThread[]): void {
    this.#worker.postMessage(batch);
    this.control.ring();
  }

  ref(): void {
    this.#worker.ref();
  }

  unref(): void {
    this.#worker.unref();
  }

  end(): void {
    void this.#worker.terminate();
  }
}

function stackSizeMb(stackBytes: number): number {
  return Math.min(64, stackBytes / (1024 * 1024)) + STACK_RESERVE_MB;
}

function describeEnd(error: unknown, exitCode: number): LinkEnd {
  return {
    reason:
      error instanceof Error
        ? `its thread failed: ${error.message}`
        : `its thread ended by itself (exit code ${exitCode})`,
    outOfMemory: (error as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY',
  };
}
