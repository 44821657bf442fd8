/** What Cordon needs of a logger; pino's has it. */
export interface Logger {
  trace?(details: object, message?: string): void;
  debug(details: object, message?: string): void;
  info(details: object, message?: string): void;
  warn(details: object, message?: string): void;
  error(details: object, message?: string): void;
  child(bindings: Record<string, unknown>): Logger;
}
