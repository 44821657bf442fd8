import { parentPort, workerData } from 'node:worker_threads';
import { compileKernel } from '../../kernel/kernel.js';
import { SandboxThreadEntry } from '../thread-entry.js';
import { ChildPort } from './child-port.js';
import { CHILD_FD } from './child-terms.js';
import { WrittenControl } from './control-file.js';

/** What the thread of a child process is started with. */
export interface ChildThreadData {
  readonly control: SharedArrayBuffer;
  readonly maxFrameBytes: number;
}

const data = workerData as ChildThreadData;
const control = new WrittenControl(data.control, CHILD_FD.control);
const port = new ChildPort(parentPort!, control, CHILD_FD.out, data.maxFrameBytes);

new SandboxThreadEntry(port, compileKernel(), control);
port.greet();
