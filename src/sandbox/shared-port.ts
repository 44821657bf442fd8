import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { CallReader } from './call-record.js';
import type { ControlBlock } from './control-block.js';
import { Patience } from './patience.js';
import type { FromThread, ToThread } from './protocol.js';
import { RingReader, RingWriter } from './record-ring.js';
import { writeResult } from './result-record.js';
import { maySpin, type SharedMemory, WAKE } from './shared-memory.js';
import type { ThreadPort } from './thread-port.js';
import { transferOf } from './thread-port.js';

/** How long a thread that has nothing to do spins for a call that may come. */
const SPIN_MS = 0.05;
/** How long it then sleeps where it can be woken at once, before it goes back to its event loop. */
const DOZE_MS = 5;
/** At the latest after so long the event loop has its turn: V8 has tasks of its own there. */
const MAX_AWAY_MS = 50;

/**
 * The port of a thread in the host's own process. Calls and results that are small go through rings in shared memory,
 * all else as messages; what is taken comes in the order in which it was sent, whichever way it went.
 */
export class SharedPort implements ThreadPort {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #calls: CallReader;
  readonly #results: RingWriter;
  readonly #active: Int32Array;
  readonly #patience = new Patience();
  #take: (batch: readonly ToThread[]) => void = () => {};
  /** Batches taken from the port, and sent by it, mod 2^32. */
  #taken = 0;
  #sent = 0;
  #turnedAt = performance.now();

  constructor(port: MessagePort, control: ControlBlock, { calls, results, active }: SharedMemory) {
    this.#port = port;
    this.#control = control;
    this.#calls = new CallReader(new RingReader(calls));
    this.#results = new RingWriter(results);
    this.#active = new Int32Array(active);
  }

  listen(take: (batch: readonly ToThread[]) => void): void {
    this.#take = take;
    this.#port.on('message', (message: readonly ToThread[] | typeof WAKE) => {
      this.#turnedAt = performance.now();
      this.#control.stayAwake('thread');
      const batch: ToThread[] = [];
      this.#takeMessage(message, batch);
      this.#takeCalls(batch);
      take(batch);
    });
  }

  receive(): readonly ToThread[] | undefined {
    const batch: ToThread[] = [];
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (!received) break;
      this.#takeMessage(received.message, batch);
    }
    this.#takeCalls(batch);
    return batch.length > 0 ? batch : undefined;
  }

  send(batch: readonly FromThread[]): void {
    let messages: FromThread[] = [];
    let wrote = false;
    for (const message of batch) {
      if (message.op === 'done') {
        // A record says how many batches come before it: what is to come before it has to be sent by now.
        messages = this.#post(messages);
        if (writeResult(this.#results, message, this.#sent)) {
          wrote = true;
          continue;
        }
      }
      messages.push(message);
    }
    this.#post(messages);
    if (wrote && this.#control.mustWake('host')) this.#port.postMessage(WAKE);
  }

  /**
   * There is nothing to do: stays where it can be had at once. First by spinning, where calls have come that fast and
   * no one needs the processor, then by sleeping on the control block. False once it is the event loop's turn.
   */
  linger(seen: number): boolean {
    const control = this.#control;
    const start = performance.now();
    if (start - this.#turnedAt > MAX_AWAY_MS) return this.#turn();
    if (!this.spin(seen)) control.sleep(seen, DOZE_MS);
    if (control.mail !== seen) {
      if (performance.now() - start < SPIN_MS) this.#patience.paidOff();
      return true;
    }
    control.fallAsleep('thread');
    // What was sent in between has come without a message that would wake the event loop.
    if (control.mail === seen) return false;
    control.stayAwake('thread');
    return true;
  }

  spin(seen: number): boolean {
    const control = this.#control;
    if (control.mail !== seen) return true;
    if (!control.isEager || !maySpin(this.#active) || !this.#patience.left) return false;
    const until = performance.now() + SPIN_MS;
    do {
      if (control.mail !== seen) return true;
    } while (performance.now() < until);
    this.#patience.inVain();
    return false;
  }

  #turn(): false {
    setImmediate(() => {
      this.#turnedAt = performance.now();
      this.#take([]);
    });
    return false;
  }

  #takeMessage(message: readonly ToThread[] | typeof WAKE, batch: ToThread[]): void {
    if (message === WAKE) return;
    this.#takeCalls(batch);
    this.#taken = (this.#taken + 1) | 0;
    batch.push(...message);
  }

  /** Those that were sent before the next batch of messages. */
  #takeCalls(batch: ToThread[]): void {
    for (let call = this.#calls.read(this.#taken); call; call = this.#calls.read(this.#taken))
      batch.push(call);
  }

  #post(messages: FromThread[]): FromThread[] {
    if (messages.length === 0) return messages;
    this.#sent = (this.#sent + 1) | 0;
    this.#port.postMessage(messages, transferOf(messages));
    return [];
  }
}
