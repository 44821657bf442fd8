import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { ControlBlock } from '../control-block.js';
import { threadLimits } from '../thread-limits.js';
import { CHILD_EXIT, CHILD_FD, type ChildTerms } from './child-terms.js';
import type { ChildThreadData } from './child-thread.js';

/**
 * The main thread of a child process. It starts the one thread that runs guests and hands on what the host sends, so that a
 * guest that computes or waits can be told to stop. Where the host is gone, it ends the process at once: an orderly
 * exit would wait for a thread that may never end.
 */
const { stackSizeMb, maxFrameBytes } = JSON.parse(process.argv[2]!) as ChildTerms;
const control = new ControlBlock();

const workerData: ChildThreadData = { control: control.buffer, maxFrameBytes };
const worker = new Worker(new URL('./child-thread.js', import.meta.url), {
  name: 'cordon sandbox',
  workerData,
  env: {},
  argv: [],
  resourceLimits: threadLimits(stackSizeMb),
});
worker.on('error', (error) => {
  const outOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
  process.stderr.write(`${error.message}\n`, () => {
    process.exit(outOfMemory ? CHILD_EXIT.outOfMemory : CHILD_EXIT.failed);
  });
});

const fromHost = new Socket({ fd: CHILD_FD.in, readable: true, writable: false });
fromHost.on('data', (chunk: Buffer<ArrayBuffer>) => {
  worker.postMessage(chunk, [chunk.buffer]);
  control.ring();
});
fromHost.on('close', () => process.kill(process.pid, 'SIGKILL'));
