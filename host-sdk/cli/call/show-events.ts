import type { Host } from '../../host.js';
import { type Console, paint } from '../console.js';
import { LOG_LEVELS } from './guest-options.js';

/** Shows what plugins log from this level on, and what they were refused, on standard error. */
export function showEvents(io: Console, host: Host, logLevel: string): void {
  const from = LOG_LEVELS.indexOf(logLevel as (typeof LOG_LEVELS)[number]);
  host.on('log', ({ plugin, level, message }) => {
    if (LOG_LEVELS.indexOf(level) < from) return;
    const style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
    io.err(paint(style, `${level}:`), ` ${plugin}: ${message}\n`);
  });
  host.on('violation', ({ plugin, kind, severity, message }) => {
    io.err(paint('yellow', `violation ${kind} (${severity}):`), ` ${plugin}: ${message}\n`);
  });
  host.on('warning', ({ topic, message }) => {
    io.err(paint('yellow', `warning ${topic}:`), ` ${message}\n`);
  });
}
