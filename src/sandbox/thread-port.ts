import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { FromThread, ToThread } from './protocol.js';

/** The thread's end of a link. */
export interface ThreadPort {
  /** From now on, what arrives while the event loop turns is handed over. */
  listen(take: (batch: readonly ToThread[]) => void): void;
  /** Takes what has arrived, without the event loop; undefined where nothing waits. */
  receive(): readonly ToThread[] | undefined;
  /** The batch is not kept. What is in `transfer` is the receiver's afterwards. */
  send(batch: readonly FromThread[], transfer: readonly ArrayBuffer[]): void;
}

/** The port of a thread whose host is in the same process. */
export function messagePort(port: MessagePort): ThreadPort {
  return {
    listen(take) {
      port.on('message', take);
    },
    receive() {
      return receiveMessageOnPort(port)?.message as ToThread[] | undefined;
    },
    send(batch, transfer) {
      port.postMessage(batch, transfer);
    },
  };
}
