import type { Logger } from '../../src/log/logger.js';
import { LOG_LEVELS } from '../../src/sandbox/protocol.js';
import type { SdkLogger } from './options.js';

/** The SDK's logger as Cordon's: lines of the guest as text, and what Cordon itself says from the plugin's level on. */
export function guestLogger(logger: SdkLogger, logLevel: number): Logger {
  const line = (index: number) => (details: object, message?: string) => {
    // The thread has looked at the guest's own lines; a host function may have changed their level.
    const isGuests = Object.keys(details).every((key) => key === 'callId');
    if (!isGuests && index < logLevel) return;
    try {
      logger[LOG_LEVELS[index]!](message ?? '');
    } catch {
      // A logger that throws must not end a call of a plugin.
    }
  };
  const adapted: Logger = {
    trace: line(0),
    debug: line(1),
    info: line(2),
    warn: line(3),
    error: line(4),
    child: () => adapted,
  };
  return adapted;
}
