import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { guestMemories } from './address-space.js';
import { withOwnValue } from './answer-record.js';
import { ControlBlock } from './control-block.js';
import { Eagerness } from './eagerness.js';
import { guestStacks, MOST_STACK_BYTES } from './guest-stacks.js';
import { hostPoll, type Polled } from './host-poll.js';
import { HostRecordWriter } from './host-records.js';
import type { LendMessage } from './lent-memory.js';
import { withTakenOutput } from './output-memory.js';
import type { FromThread, ThreadData, ToThread } from './protocol.js';
import type { SharedBudgets } from './shared-budget.js';
import { countActive, sharedMemory, WAKE } from './shared-memory.js';
import { stackSizeMb, threadLimits } from './thread-limits.js';
import type { LinkEnd, LinkListener, ThreadLink } from './thread-link.js';
import { hasPriorities } from './thread-priority.js';
import { ThreadRecordReader } from './thread-records.js';

/** What comes by message. */
type Mail = readonly (FromThread | LendMessage)[] | typeof WAKE;

/** How a thread is made. */
export interface WorkerOptions {
  readonly kernel: WebAssembly.Module;
  /** The guests' native stack, in bytes, for all that run in this thread. */
  readonly stackBytes: number;
  readonly name: string;
  readonly files: SharedBudgets;
  readonly memory: SharedBudgets;
  /** Does it come after other threads where these want the processor too? */
  readonly isBackground: boolean;
}

/**
 * The link to a thread of this very process. What is small and frequent (calls and results, questions and answers) goes
 * through rings in shared memory, all else as messages, and both are handed over in the order in which they were sent.
 */
export class WorkerLink implements ThreadLink, Polled {
  readonly control = new ControlBlock();
  idleSince = 0;
  readonly #worker: Worker;
  readonly #listener: LinkListener;
  readonly #to: HostRecordWriter;
  readonly #from: ThreadRecordReader;
  readonly #eagerness = new Eagerness();
  /** Batches sent as messages, and taken, mod 2^32. */
  #sent = 0;
  #taken = 0;
  #expecting = false;
  /** Others may stay awake though this one has work: it gives way to them. */
  readonly #givesWay: boolean;
  #isFirst = false;

  constructor(
    { kernel, stackBytes, name, files, memory, isBackground }: WorkerOptions,
    listener: LinkListener,
  ) {
    const shares = [files.share(), memory.share(), guestStacks.share(), guestMemories.share()] as const;
    const shared = sharedMemory();
    const data: ThreadData = {
      ...{ kernel, control: this.control.buffer, shared, isBackground },
      ...{ files: shares[0].data, memory: shares[1].data, space: shares[3].data },
      ...(stackBytes <= MOST_STACK_BYTES && { stacks: shares[2].data }),
    };
    this.#listener = listener;
    this.#givesWay = isBackground && hasPriorities;
    this.#to = new HostRecordWriter(shared.toThread);
    this.#from = new ThreadRecordReader(shared.toHost);
    this.#worker = new Worker(new URL('./worker-entry.js', import.meta.url), {
      name,
      workerData: data,
      env: {},
      // Extism imports node:wasi on loading, of which nothing is used here.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      argv: [],
      resourceLimits: threadLimits(stackSizeMb(stackBytes)),
    });
    this.#worker.unref();
    this.#worker.on('message', (message: Mail) => this.#onMessage(message));
    let failure: unknown;
    this.#worker.on('error', (error) => {
      failure = error;
    });
    this.#worker.once('exit', (code) => {
      hostPoll.forget(this);
      this.unref();
      for (const share of shares) share.release();
      this.#takeRecords();
      listener.onEnd(describeEnd(failure, code));
    });
  }

  send(batch: readonly ToThread[]): void {
    let messages: (ToThread | LendMessage)[] = [];
    for (const message of batch) {
      if (message.op === 'call' || message.op === 'answer') {
        // A record says how many batches come before it: what is to come before it has to be sent by now.
        messages = this.#post(messages);
        if (this.#to.write(message, this.#sent)) continue;
        const lent = message.op === 'call' && this.#to.lend(message);
        if (lent) messages.push(lent);
      }
      messages.push(message.op === 'answer' ? withOwnValue(message) : message);
    }
    this.#post(messages);
    this.#stayAwake();
    this.control.ring();
    if (this.control.mustWake('thread')) this.#worker.postMessage(WAKE);
  }

  ref(): void {
    if (this.#expecting) return;
    this.#expecting = true;
    this.#isFirst = true;
    this.#worker.ref();
    if (!this.#givesWay) countActive(1);
  }

  unref(): void {
    if (!this.#expecting) return;
    this.#expecting = false;
    this.#worker.unref();
    if (!this.#givesWay) countActive(-1);
  }

  end(): void {
    void this.#worker.terminate();
  }

  get expecting(): boolean {
    return this.#expecting;
  }

  get hasResults(): boolean {
    // A message is handed over by the event loop, which is not to be kept from it.
    return this.#from.hasSome || this.control.postedBack !== this.#taken;
  }

  poll(): boolean {
    return this.#takeRecords();
  }

  pollEnded(): void {
    this.control.fallAsleep('host');
    // What came in between came without a message.
    this.#takeRecords();
  }

  /** Just before something is sent. */
  #stayAwake(): void {
    if (!this.#expecting) return;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#eagerness.begins(performance.now());
    }
    this.control.isEager = this.#eagerness.isEager;
    if (!this.#eagerness.isEager) return;
    if (!hostPoll.has(this)) this.control.stayAwake('host');
    hostPoll.watch(this);
  }

  #onMessage(message: Mail): void {
    if (!hostPoll.has(this)) this.control.fallAsleep('host');
    const batch: FromThread[] = [];
    this.#from.read(this.#taken, batch);
    if (message !== WAKE) {
      this.#taken = (this.#taken + 1) | 0;
      for (const one of message) {
        if (one.op === 'lend') this.#from.lend(one);
        else batch.push(one.op === 'done' ? withTakenOutput(one) : one);
      }
      this.#from.read(this.#taken, batch);
    }
    this.#handOver(batch);
  }

  #takeRecords(): boolean {
    const batch: FromThread[] = [];
    this.#from.read(this.#taken, batch);
    this.#handOver(batch);
    return batch.length > 0;
  }

  #handOver(batch: readonly FromThread[]): void {
    if (batch.length === 0) return;
    this.#eagerness.answered(performance.now(), batch.length);
    this.#listener.onBatch(batch);
  }

  #post(messages: (ToThread | LendMessage)[]): (ToThread | LendMessage)[] {
    if (messages.length === 0) return messages;
    this.#sent = (this.#sent + 1) | 0;
    this.#worker.postMessage(messages);
    this.control.posted = this.#sent;
    return [];
  }
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
