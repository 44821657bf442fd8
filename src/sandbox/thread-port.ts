import { type ByteSlab, ownBytes } from './byte-slab.js';
import type { LendMessage } from './lent-memory.js';
import { isLent } from './output-memory.js';
import type { FromThread, ToThread } from './protocol.js';

/** Outputs from this size on move to the host instead of being copied, but for those that are lent to it. */
const TRANSFER_BYTES = 16 * 1024;

/** The thread's end of a link. */
export interface ThreadPort {
  /** Where outputs are kept until they are sent; absent where any memory does. */
  readonly outputs?: Pick<ByteSlab, 'copy'>;
  /** From now on, what arrives while the event loop turns is handed over. */
  listen(take: (batch: readonly ToThread[]) => void): void;
  /** Takes what has arrived, without the event loop; undefined where nothing waits. */
  receive(): readonly ToThread[] | undefined;
  /** The batch is not kept. */
  send(batch: readonly FromThread[]): void;
  /**
   * Nothing is left to do. May wait here for the mail to become another than `seen`, for a while; true once it has.
   * Otherwise what comes next is handed over by the event loop.
   */
  linger?(seen: number): boolean;
  /** Waits for the mail to become another than `seen`, at most `ms`: awake for a moment, where that pays, and then asleep. */
  wait?(seen: number, ms: number): void;
}

/** As it is to be posted: with a part of a slab, all of it would go. */
export function withOwnOutput(message: FromThread): FromThread {
  if (message.op !== 'done' || !message.output || isLent(message.output)) return message;
  const output = ownBytes(message.output);
  return output === message.output ? message : { ...message, output };
}

/** What of a batch is given away when it is posted. */
export function transferOf(batch: readonly (FromThread | LendMessage)[]): ArrayBuffer[] {
  const transfer: ArrayBuffer[] = [];
  for (const message of batch) {
    if (message.op !== 'done' || !message.output || isLent(message.output)) continue;
    if (message.output.byteLength >= TRANSFER_BYTES) transfer.push(message.output.buffer as ArrayBuffer);
  }
  return transfer;
}
