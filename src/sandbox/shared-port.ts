import { performance } from 'node:perf_hooks';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { ControlBlock } from './control-block.js';
import { keepFreedMemory } from './freed-memory.js';
import { HostRecordReader } from './host-records.js';
import type { LendMessage } from './lent-memory.js';
import { OutputMemory } from './output-memory.js';
import { Patience } from './patience.js';
import type { FromThread, ToThread } from './protocol.js';
import { maySpin, type SharedMemory, WAKE } from './shared-memory.js';
import { SpinCredit } from './spin-credit.js';
import type { ThreadPort } from './thread-port.js';
import { transferOf, withOwnOutput } from './thread-port.js';
import { ThreadRecordWriter } from './thread-records.js';

/** How long a thread that has nothing to do spins for a call that may come. */
const SPIN_MS = 0.05;
/**
 * The same where it is not to stay awake for its host: about what it costs both of them to put it to sleep and to wake it (measured: 10 to
 * 45 µs). Where many calls are under way it is often ahead of its host by less than that.
 */
const CALM_SPIN_MS = 0.03;
/** How long it then sleeps where it can be woken at once, before it goes back to its event loop. */
const DOZE_MS = 5;
/** At the latest after so long the event loop has its turn: V8 has tasks of its own there. */
const MAX_AWAY_MS = 50;

/** What comes by message, and what goes. */
type Mail = readonly (ToThread | LendMessage)[] | typeof WAKE;

/**
 * The port of a thread in the host's own process. What is small and frequent (calls and results, questions and answers)
 * goes through rings in shared memory, all else as messages; what is taken comes in the order in which it was sent, whichever way it went.
 */
export class SharedPort implements ThreadPort {
  readonly outputs = new OutputMemory();
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #from: HostRecordReader;
  readonly #to: ThreadRecordWriter;
  readonly #active: Int32Array;
  readonly #patience = new Patience();
  readonly #credit = new SpinCredit();
  #wasEager = false;
  #take: (batch: readonly ToThread[]) => void = () => {};
  /** Batches taken from the port, and sent by it, mod 2^32. */
  #taken = 0;
  #sent = 0;
  #turnedAt = performance.now();

  constructor(port: MessagePort, control: ControlBlock, { toThread, toHost, active }: SharedMemory) {
    this.#port = port;
    this.#control = control;
    this.#from = new HostRecordReader(toThread);
    this.#to = new ThreadRecordWriter(toHost);
    this.#active = new Int32Array(active);
  }

  listen(take: (batch: readonly ToThread[]) => void): void {
    this.#take = take;
    this.#port.on('message', (message: Mail) => {
      this.#turnedAt = performance.now();
      this.#control.stayAwake('thread');
      const batch: ToThread[] = [];
      this.#takeMessage(message, batch);
      this.#from.read(this.#taken, batch);
      take(batch);
    });
  }

  receive(): readonly ToThread[] | undefined {
    const batch: ToThread[] = [];
    // Looking into a port costs more than a short call, and nearly always there is nothing in it.
    while (this.#control.posted !== this.#taken) {
      const received = receiveMessageOnPort(this.#port);
      if (!received) break;
      this.#takeMessage(received.message, batch);
    }
    this.#from.read(this.#taken, batch);
    return batch.length > 0 ? batch : undefined;
  }

  send(batch: readonly FromThread[]): void {
    let messages: (FromThread | LendMessage)[] = [];
    let wrote = false;
    for (const message of batch) {
      if (message.op === 'done' || message.op === 'ask') {
        // A record says how many batches come before it: what is to come before it has to be sent by now.
        messages = this.#post(messages);
        if (this.#to.write(message, this.#sent)) {
          wrote = true;
          continue;
        }
        const lent = message.op === 'done' && this.#to.lend(message);
        if (lent) messages.push(lent);
      }
      messages.push(withOwnOutput(message));
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
    this.wait(seen, DOZE_MS);
    if (control.mail !== seen) return true;
    control.fallAsleep('thread');
    // What was sent in between has come without a message that would wake the event loop.
    if (control.mail === seen) return false;
    control.stayAwake('thread');
    return true;
  }

  wait(seen: number, ms: number): void {
    const start = performance.now();
    const { isEager } = this.#control;
    this.#credit.waits(start);
    const most = isEager ? SPIN_MS : CALM_SPIN_MS;
    if (this.#spin(seen, isEager, start + most, start + ms)) return;
    this.#control.sleep(seen, ms);
    // It would have paid to stay awake.
    if (this.#control.mail !== seen && performance.now() - start < most) this.#patience.paidOff();
  }

  #spin(seen: number, isEager: boolean, until: number, atMost: number): boolean {
    const control = this.#control;
    // How it went when nobody was awake at the other end says nothing of how it goes now.
    if (isEager && !this.#wasEager) this.#patience.paidOff();
    this.#wasEager = isEager;
    if (control.mail !== seen) return true;
    if (!maySpin(this.#active) || !this.#patience.left) return false;
    do {
      if (control.mail !== seen) {
        this.#patience.paidOff();
        return true;
      }
    } while (performance.now() < until);
    if (isEager && this.#stretch(seen, until, atMost)) return true;
    this.#patience.inVain();
    return false;
  }

  /** Goes on spinning, for as long as has been earned. */
  #stretch(seen: number, since: number, atMost: number): boolean {
    const until = Math.min(since + this.#credit.ms, atMost);
    let now = since;
    while (this.#control.mail === seen && now < until) now = performance.now();
    this.#credit.spend(now - since);
    return this.#control.mail !== seen;
  }

  #turn(): false {
    setImmediate(() => {
      this.#turnedAt = performance.now();
      this.#take([]);
    });
    return false;
  }

  #takeMessage(message: Mail, batch: ToThread[]): void {
    if (message === WAKE) return;
    // Those that were sent before it.
    this.#from.read(this.#taken, batch);
    this.#taken = (this.#taken + 1) | 0;
    for (const one of message) {
      if (one.op === 'lend') this.#from.lend(one);
      else batch.push(one);
    }
  }

  #post(messages: (FromThread | LendMessage)[]): (FromThread | LendMessage)[] {
    if (messages.length === 0) return messages;
    this.#sent = (this.#sent + 1) | 0;
    const transfer = transferOf(messages);
    if (transfer.length > 0) keepFreedMemory();
    this.#port.postMessage(messages, transfer);
    this.#control.postedBack = this.#sent;
    return [];
  }
}
