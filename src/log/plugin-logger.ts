import { CallLog, type LogFlood, type PluginLogLine } from './call-log.js';
import type { Logger, LogLevel } from './logger.js';

/** How a {@link PluginLogger} is made. */
export interface PluginLoggerOptions {
  readonly logger: Logger;
  readonly plugin: string;
  readonly version: string;
  /** The longest line in bytes; the rest is cut. Default 8 KiB. */
  readonly maxLineBytes?: number;
  /** Told of every line that is kept; for the `log` event. */
  readonly onLine?: (line: PluginLogLine) => void;
}

/** Writes what the guests of one plugin log to a child logger that is bound to `plugin` and `version`. */
export class PluginLogger {
  /** The child logger; also for what the host has to say about the plugin. */
  readonly logger: Logger;
  readonly #maxLineBytes: number;
  readonly #onLine: ((line: PluginLogLine) => void) | undefined;

  constructor({ logger, plugin, version, maxLineBytes = 8 * 1024, onLine }: PluginLoggerOptions) {
    this.logger = logger.child({ plugin, version });
    this.#maxLineBytes = maxLineBytes;
    this.#onLine = onLine;
  }

  /**
   * The log of one call, or of a start where there is no `callId`. `limitBytes` is `logBytesPerCall`; `onFlood` is told once,
   * when it is first exceeded.
   */
  forCall(options: {
    readonly callId?: string | undefined;
    readonly limitBytes: number;
    readonly onFlood?: (flood: LogFlood) => void;
  }): CallLog {
    return new CallLog({
      ...options,
      maxLineBytes: this.#maxLineBytes,
      write: (line) => {
        this.#log(line.level, line.callId, line.message);
        this.#onLine?.(line);
      },
      note: (message) => this.#log('warn', options.callId, message),
    });
  }

  #log(level: LogLevel, callId: string | undefined, message: string): void {
    try {
      const method = level === 'trace' && !this.logger.trace ? 'debug' : level;
      this.logger[method]?.(callId === undefined ? {} : { callId }, message);
    } catch {
      // The application's logger failed. Its own report has nowhere else to go, and the guest's call must not pay for it.
    }
  }
}
