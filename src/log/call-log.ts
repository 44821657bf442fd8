import { LogBudget } from './log-budget.js';
import { lineBytes, lineText } from './log-line.js';
import { LOG_LEVELS, type LogLevel } from './logger.js';

/** A line that a plugin logged, made fit to be written. */
export interface PluginLogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly callId?: string;
}

/** A call logged more than it may. */
export interface LogFlood {
  /** `logBytesPerCall`. */
  readonly limit: number;
  /** Bytes sent when it was noticed. */
  readonly observed: number;
}

/** How a {@link CallLog} is made. */
export interface CallLogOptions {
  readonly callId?: string | undefined;
  /** `logBytesPerCall`. */
  readonly limitBytes: number;
  /** The longest line; the rest is cut. */
  readonly maxLineBytes: number;
  /** Takes each line that is kept. */
  readonly write: (line: PluginLogLine) => void;
  /** Takes what the host has to say about this log. */
  readonly note?: (message: string) => void;
  /** Told once, when the limit is first exceeded. */
  readonly onFlood?: ((flood: LogFlood) => void) | undefined;
}

/** What one call logs: sanitised, cut, and dropped where it is more than a call may log. */
export class CallLog {
  readonly #options: CallLogOptions;
  readonly #budget: LogBudget;
  #flooded = false;

  constructor(options: CallLogOptions) {
    this.#options = options;
    this.#budget = new LogBudget(options.limitBytes);
  }

  /** Takes one line of the guest. A level that there is not counts as `info`. */
  write(level: LogLevel, line: string | Uint8Array): void {
    const { maxLineBytes, callId, onFlood, write } = this.#options;
    const keep = this.#budget.take(lineBytes(line));
    if (this.#budget.droppedBytes > 0 && !this.#flooded) {
      this.#flooded = true;
      onFlood?.(Object.freeze({ limit: this.#budget.limitBytes, observed: this.#budget.sentBytes }));
    }
    if (keep === undefined) return;
    write(
      Object.freeze({
        level: LOG_LEVELS.includes(level) ? level : 'info',
        message: lineText(line, Math.min(keep, maxLineBytes)),
        ...(callId === undefined ? {} : { callId }),
      }),
    );
  }

  /** The call has ended: notes how much was dropped, if anything was. */
  end(): void {
    const { droppedBytes, droppedLines, limitBytes } = this.#budget;
    if (droppedBytes === 0) return;
    this.#options.note?.(
      `log of this call: ${droppedBytes} bytes dropped, ${droppedLines} whole lines among them; ` +
        `limits.logBytesPerCall is ${limitBytes}`,
    );
  }
}
