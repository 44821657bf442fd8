import { parentPort, workerData } from 'node:worker_threads';
import { ControlBlock } from './control-block.js';
import type { ThreadData } from './protocol.js';
import { SharedBudget } from './shared-budget.js';
import { SharedPort } from './shared-port.js';
import { SandboxThreadEntry } from './thread-entry.js';
import { lowerPriority } from './thread-priority.js';

const data = workerData as ThreadData;
if (data.isBackground) lowerPriority();
const control = new ControlBlock(data.control);
const port = new SharedPort(parentPort!, control, data.shared);

new SandboxThreadEntry(port, data.kernel, control, {
  files: new SharedBudget(data.files),
  memory: new SharedBudget(data.memory),
  space: new SharedBudget(data.space),
  ...(data.stacks && { stacks: new SharedBudget(data.stacks) }),
});
