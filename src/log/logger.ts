/** What Cordon needs of a logger; pino's has it. Each method writes one line: fields first, then the message. */
export interface Logger {
  /** Without it, lines of this level go to `debug`. */
  trace?(details: object, message?: string): void;
  debug(details: object, message?: string): void;
  info(details: object, message?: string): void;
  warn(details: object, message?: string): void;
  error(details: object, message?: string): void;
  /** A logger that adds `bindings` to every line. */
  child(bindings: Record<string, unknown>): Logger;
}

/** The levels that a guest can log at, lowest first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** A level of a line of a guest's log. */
export type LogLevel = (typeof LOG_LEVELS)[number];
