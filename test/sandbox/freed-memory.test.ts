import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';

const BUILT = fileURLToPath(new URL('../../dist/src/sandbox/freed-memory.js', import.meta.url));
const MIB = 2 ** 20;
const BUFFERS = 16;
const PAGE_BYTES = 4096;

/** Pages that are faulted in where buffers are made, freed and made again; in a process of its own, as the C library learns. */
async function faultsOfSecondRound(before: string): Promise<number> {
  const source = `
    import { setTimeout } from 'node:timers/promises';
    import { keepFreedMemory } from ${JSON.stringify(BUILT)};
    ${before}
    // V8 frees on a thread of its own.
    const collect = async () => {
      gc();
      await setTimeout(50);
    };
    await collect();
    const round = () => {
      const before = process.resourceUsage().minorPageFault;
      Array.from({ length: ${BUFFERS} }, () => new Uint8Array(${MIB}).fill(1));
      return process.resourceUsage().minorPageFault - before;
    };
    round();
    await collect();
    console.log(round());`;
  const args = ['--expose-gc', '--input-type=module', '-e', source];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

/** What is known of the C library: only glibc gives a report its version. */
function isGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

it.runIf(isGlibc() && process.arch === 'x64')(
  'what outputs have left is there for the next ones, and not given back to the system',
  async () => {
    const pages = (BUFFERS * MIB) / PAGE_BYTES;
    expect(await faultsOfSecondRound('')).toBeGreaterThan(pages * 0.9);
    // Where the machine stands still for as long as it waits, not all is freed by then.
    const kept = async () => expect(await faultsOfSecondRound('keepFreedMemory();')).toBeLessThan(pages / 4);
    await vi.waitFor(kept, 10_000);
  },
);
