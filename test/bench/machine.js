// @ts-check
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** What a reader has to know of where the figures come from. */
export const machine = () => ({
  node: process.version,
  v8: process.versions.v8,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  platform: `${process.platform} ${process.arch}`,
});

/** The load of the last minute; 0 on systems that do not tell. */
export const load = () => Number((loadavg()[0] ?? 0).toFixed(2));
