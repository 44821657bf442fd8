import { readdirSync, readFileSync } from 'node:fs';

/** The pids of this process's children that run guests. Reads `/proc`, so it knows none on other systems than Linux. */
export function guestProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === process.pid && read(pid, 'cmdline').includes('child-entry'));
}

/** Is it there, and not only as an entry that its parent has not read yet? */
export function isAlive(pid: number): boolean {
  const stat = read(pid, 'stat');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

export function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  return Number(/\) \S (\d+)/.exec(read(pid, 'stat'))?.[1]);
}
