import { parentPort, workerData } from 'node:worker_threads';
import { ControlBlock } from './control-block.js';
import type { ThreadData } from './protocol.js';
import { SandboxThreadEntry } from './thread-entry.js';
import { messagePort } from './thread-port.js';

const { kernel, control } = workerData as ThreadData;

new SandboxThreadEntry(messagePort(parentPort!), kernel, new ControlBlock(control));
