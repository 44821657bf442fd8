import { parentPort, workerData } from 'node:worker_threads';
import { ControlBlock } from './control-block.js';
import { FileBudget } from './file-budget.js';
import type { ThreadData } from './protocol.js';
import { SharedPort } from './shared-port.js';
import { SandboxThreadEntry } from './thread-entry.js';

const data = workerData as ThreadData;
const control = new ControlBlock(data.control);
const port = new SharedPort(parentPort!, control, data.shared);

new SandboxThreadEntry(port, data.kernel, control, new FileBudget(data.files));
