import { cordonError } from '../../src/errors/cordon-error.js';
import { LOG_LEVELS } from '../../src/sandbox/protocol.js';

/** What a guest's log level may be; `silent` lets nothing through. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

const NAMES: readonly LogLevel[] = [...LOG_LEVELS, 'silent'];

/** The level as Cordon's threads know it. @throws ERR_OPTIONS */
export function logLevelIndex(level: unknown): number {
  const index = NAMES.indexOf(level as LogLevel);
  if (index >= 0) return index;
  const expected = NAMES.map((name) => `"${name}"`).join(', ');
  throw cordonError('ERR_OPTIONS', `unrecognized log level "${String(level)}"; expected one of ${expected}`);
}

export function logLevelName(index: number): LogLevel {
  return NAMES[index] ?? 'silent';
}
