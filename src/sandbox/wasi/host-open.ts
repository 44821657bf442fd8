import { closeSync, openSync } from 'node:fs';
import { Fault } from './fault.js';

/**
 * Opens on the host and never answers 0, 1 or 2: were the process started with one of those closed, a guest would
 * otherwise write into what the rest of the host takes for its standard streams.
 */
export function hostOpen(path: string, flags: number): number {
  const fd = openSync(path, flags, 0o666);
  if (fd > 2) return fd;
  closeSync(fd);
  throw new Fault('IO');
}
