import { writeSync } from 'node:fs';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { ControlBlock } from '../control-block.js';
import type { Answer, FromThread, ToThread } from '../protocol.js';
import type { ThreadPort } from '../thread-port.js';
import { FrameReader } from './frame-reader.js';
import { readWire } from './wire-reader.js';
import { MAX_FRAME, WireWriter } from './wire-writer.js';

/** The first message of a child: from now on it takes what its host sends. */
export const HELLO = { op: 'hello' } as const;

/**
 * The port of the thread in a child process. Takes the host's bytes from the main thread, and writes its own straight to
 * the host, without a detour. It believes its host.
 */
export class ChildPort implements ThreadPort {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #out: number;
  readonly #maxFrameBytes: number;
  readonly #frames = new FrameReader(MAX_FRAME);
  readonly #writer = new WireWriter();
  /** What this port has to say to its own thread: why a message did not go. */
  readonly #own: ToThread[] = [];

  constructor(port: MessagePort, control: ControlBlock, out: number, maxFrameBytes: number) {
    this.#port = port;
    this.#control = control;
    this.#out = out;
    this.#maxFrameBytes = maxFrameBytes;
  }

  greet(): void {
    this.#writer.frame(HELLO);
    this.#write();
  }

  listen(take: (batch: readonly ToThread[]) => void): void {
    this.#port.on('message', (chunk: Uint8Array) => {
      const batch = this.#read(chunk);
      if (batch.length > 0) take(batch);
    });
  }

  receive(): readonly ToThread[] | undefined {
    if (this.#own.length > 0) return this.#own.splice(0);
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (!received) return undefined;
      const batch = this.#read(received.message as Uint8Array);
      if (batch.length > 0) return batch;
    }
  }

  send(batch: readonly FromThread[]): void {
    for (const message of batch) {
      const start = this.#writer.length;
      try {
        this.#writer.frame(message);
        if (this.#writer.length - start <= this.#maxFrameBytes) continue;
      } catch (error) {
        // Too long for any message; whatever else cannot be written is a mistake of ours, and is to be seen.
        if (!(error instanceof RangeError)) throw error;
      }
      this.#writer.clear(start);
      this.#refuse(message);
    }
    this.#write();
  }

  #read(chunk: Uint8Array): ToThread[] {
    const batch: ToThread[] = [];
    this.#frames.push(chunk, (message) => {
      batch.push(readWire(message, Number.POSITIVE_INFINITY) as ToThread);
    });
    return batch;
  }

  /** What the host would not take does not cost the process: the guest's call fails. */
  #refuse(message: FromThread): void {
    const failure = {
      code: 'ERR_MEMORY',
      message: `The guest handed more to its host at once than its process may send (${this.#maxFrameBytes} bytes).`,
      details: { limit: this.#maxFrameBytes },
    } as const;
    if (message.op === 'ask') {
      const answer: Answer = { ok: false, failure };
      this.#own.push({ op: 'answer', ask: message.ask, answer });
      this.#control.ring();
    } else if (message.op === 'done') {
      const { seq, figures } = message;
      this.#writer.frame({ op: 'done', seq, figures, lost: true, failure });
    }
  }

  #write(): void {
    const { bytes } = this.#writer;
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(this.#out, bytes, at);
    this.#writer.clear();
  }
}
