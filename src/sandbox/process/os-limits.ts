import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { GuestSpec } from '../protocol.js';

const MIB = 1024 * 1024;
/** What a child may take for everything but guests: the heap, messages on their way, compiling. */
const BASE_BYTES = 512 * MIB;
/** Compiled code and what V8 needs to make it, for each byte of a module. */
const BYTES_PER_MODULE_BYTE = 16;
/** Instances that are gone, and that the collector has not freed yet. */
const DEAD_INSTANCES = 4;
/** What a child without mounts may write into one file: it has none but its control words. */
const FILE_BYTES = 4096;

/** How much a child may take on top of what it takes when it is ready and empty; `Infinity` for no cap. */
export function memoryAllowance(spec: GuestSpec, instances: number): number {
  let moduleBytes = 0;
  for (const { module } of spec.modules) if (module instanceof Uint8Array) moduleBytes += module.byteLength;
  const guests = (instances + DEAD_INSTANCES) * spec.limits.memoryBytes;
  return BASE_BYTES + moduleBytes * BYTES_PER_MODULE_BYTE + guests;
}

/**
 * Has the kernel hold a child to its limits, where it can (Linux with util-linux's `prlimit`): private memory, the size of
 * files, no core dumps; and has it prefer the child to the host when memory runs out. The limit is on `RLIMIT_DATA`,
 * because one on the address space would refuse V8's reservations of gigabytes; it does not count what a file backs, and
 * pages of code that newer versions of V8 take at the start (512 MiB). Resolves to whether there is a cap.
 */
export async function holdToLimits(pid: number, spec: GuestSpec, allowance: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  await writeFile(`/proc/${pid}/oom_score_adj`, '500').catch(() => {});
  const flags = ['--core=0:0'];
  const fileBytes = mayWrite(spec) ? spec.limits.fileBytes : FILE_BYTES;
  if (fileBytes !== Number.POSITIVE_INFINITY) {
    const most = Math.max(FILE_BYTES, fileBytes);
    flags.push(`--fsize=${most}:${most}`);
  }
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  const data = Number(/^VmData:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  const capped = Number.isFinite(data + allowance);
  if (capped) flags.push(`--data=${data + allowance}:${data + allowance}`);
  return new Promise((resolve) => {
    execFile('prlimit', ['--pid', String(pid), ...flags], { timeout: 10_000 }, (error) => {
      resolve(!error && capped);
    });
  });
}

function mayWrite({ wasi }: GuestSpec): boolean {
  return wasi?.mounts.some(({ access }) => access === 'write') ?? false;
}
