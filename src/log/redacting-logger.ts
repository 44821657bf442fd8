import type { Logger } from './logger.js';
import type { Redaction } from './redaction.js';

/** A logger that masks secrets in every line, in its fields too. The given one where there are none. */
export function redactingLogger(logger: Logger, redaction: Redaction): Logger {
  if (!redaction.active) return logger;
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message?: string): void =>
      logger[level](redaction.value(fields), message === undefined ? message : redaction.text(message));
  return {
    ...(logger.trace && {
      trace: (fields: object, message?: string) =>
        logger.trace?.(redaction.value(fields), message === undefined ? message : redaction.text(message)),
    }),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (bindings) => redactingLogger(logger.child(bindings), redaction),
  };
}
