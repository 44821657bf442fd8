import { parentPort, workerData } from 'node:worker_threads';
import { ControlBlock } from './control-block.js';
import { FileBudget } from './file-budget.js';
import type { ThreadData } from './protocol.js';
import { SandboxThreadEntry } from './thread-entry.js';
import { messagePort } from './thread-port.js';

const { kernel, control, files } = workerData as ThreadData;

new SandboxThreadEntry(messagePort(parentPort!), kernel, new ControlBlock(control), new FileBudget(files));
