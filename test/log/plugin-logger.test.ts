import pino from 'pino';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { LogLevel as EventLogLevel } from '../../src/events/host-events.js';
import type { LogFlood, PluginLogLine } from '../../src/log/call-log.js';
import { LogBudget } from '../../src/log/log-budget.js';
import type { Logger, LogLevel } from '../../src/log/logger.js';
import { PluginLogger } from '../../src/log/plugin-logger.js';

function pinoInto(lines: Record<string, unknown>[]) {
  return pino(
    { level: 'trace', base: null, timestamp: false },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
}

function plugin(limitBytes = 1000, callId: string | undefined = 'c1') {
  const written: Record<string, unknown>[] = [];
  const lines: PluginLogLine[] = [];
  const floods: LogFlood[] = [];
  const log = new PluginLogger({
    logger: pinoInto(written),
    plugin: '@acme/p',
    version: '1.0.0',
    onLine: (line) => lines.push(line),
  }).forCall({ callId, limitBytes, onFlood: (flood) => floods.push(flood) });
  return { log, written, lines, floods };
}

describe('PluginLogger', () => {
  it('writes to a pino logger, bound to plugin, version and call', () => {
    const { log, written, lines } = plugin();
    log.write('warn', 'careful');
    log.write('debug', new TextEncoder().encode('detail'));
    expect(written).toEqual([
      { level: 40, plugin: '@acme/p', version: '1.0.0', callId: 'c1', msg: 'careful' },
      { level: 20, plugin: '@acme/p', version: '1.0.0', callId: 'c1', msg: 'detail' },
    ]);
    expect(lines).toEqual([
      { level: 'warn', message: 'careful', callId: 'c1' },
      { level: 'debug', message: 'detail', callId: 'c1' },
    ]);
    expect(lines.every((line) => Object.isFrozen(line))).toBe(true);
  });

  it('has no callId for what is logged during a start', () => {
    const written: Record<string, unknown>[] = [];
    const lines: PluginLogLine[] = [];
    new PluginLogger({
      logger: pinoInto(written),
      plugin: 'p',
      version: '1.0.0',
      onLine: (line) => lines.push(line),
    })
      .forCall({ limitBytes: 100 })
      .write('info', 'starting');
    expect(written).toEqual([{ level: 30, plugin: 'p', version: '1.0.0', msg: 'starting' }]);
    expect(lines).toEqual([{ level: 'info', message: 'starting' }]);
  });

  it('does not let a guest forge lines, fields or format strings', () => {
    const { log, written } = plugin();
    log.write('info', '%s %o {"level":60} \n{"level":60,"msg":"forged"}');
    expect(written).toHaveLength(1);
    expect(written[0]).toMatchObject({ level: 30, msg: '%s %o {"level":60} \\n{"level":60,"msg":"forged"}' });
  });

  it.each(['child', 'fatal', '__proto__', 'silent'])('takes the level "%s" of a guest for info', (level) => {
    const { log, lines } = plugin();
    log.write(level as LogLevel, 'x');
    expect(lines[0]?.level).toBe('info');
  });

  it('drops what a call logs beyond its budget, tells of it once, and notes the sum at the end', () => {
    const { log, lines, floods, written } = plugin(20);
    for (let i = 0; i < 1000; i++) log.write('info', '12345678');
    expect(lines.map(({ message }) => message)).toEqual(['12345678', '12345678', '1234… [4 more bytes]']);
    expect(floods).toEqual([{ limit: 20, observed: 24 }]);
    log.end();
    expect(lines).toHaveLength(3);
    expect(written.at(-1)).toMatchObject({
      level: 40,
      callId: 'c1',
      msg: 'log of this call: 7980 bytes dropped, 997 whole lines among them; limits.logBytesPerCall is 20',
    });
  });

  it('notes nothing at the end of a call that kept within its budget', () => {
    const { log, written, floods } = plugin(8);
    log.write('info', '12345678');
    log.end();
    expect(written).toHaveLength(1);
    expect(floods).toEqual([]);
  });

  it('ends a loop of empty lines too, and one with a budget of 0 at once', () => {
    const { log, lines } = plugin(100);
    for (let i = 0; i < 10_000; i++) log.write('info', '');
    expect(lines).toHaveLength(100);
    const none = plugin(0);
    none.log.write('info', '');
    none.log.write('info', 'x');
    expect(none.lines).toEqual([]);
    expect(none.floods).toHaveLength(1);
  });

  it('cuts a giant line at 8 KiB, and lets it use up the budget by its whole length', () => {
    const { log, lines, floods } = plugin(65_536);
    log.write('info', 'x'.repeat(1_000_000));
    log.write('info', 'next');
    expect(lines.map(({ message }) => message)).toEqual([`${'x'.repeat(8192)}… [991808 more bytes]`]);
    expect(floods).toHaveLength(1);
  });

  it('survives a logger that throws, and still hands the line on', () => {
    const lines: PluginLogLine[] = [];
    const broken = vi.fn(() => {
      throw new Error('disk full');
    });
    const logger: Logger = {
      trace: broken,
      debug: broken,
      info: broken,
      warn: broken,
      error: broken,
      child: () => logger,
    };
    const log = new PluginLogger({
      logger,
      plugin: 'p',
      version: '1.0.0',
      onLine: (line) => lines.push(line),
    }).forCall({ limitBytes: 100 });
    log.write('error', 'x');
    expect(broken).toHaveBeenCalledOnce();
    expect(lines).toHaveLength(1);
  });

  it('writes trace to debug where a logger has no trace', () => {
    const debug = vi.fn();
    const none = () => {};
    const logger: Logger = { debug, info: none, warn: none, error: none, child: () => logger };
    const log = new PluginLogger({ logger, plugin: 'p', version: '1.0.0' }).forCall({ limitBytes: 100 });
    log.write('trace', 'fine');
    expect(debug).toHaveBeenCalledExactlyOnceWith({}, 'fine');
  });

  it('has the levels of the log event, and takes a pino logger as it is', () => {
    expectTypeOf<LogLevel>().toEqualTypeOf<EventLogLevel>();
    expectTypeOf<pino.Logger>().toExtend<Logger>();
  });
});

describe('LogBudget', () => {
  it('keeps account of what was sent and what was dropped', () => {
    const budget = new LogBudget(10);
    expect([budget.take(4), budget.take(0), budget.take(8), budget.take(3), budget.take(0)]).toEqual([
      4,
      0,
      5,
      undefined,
      undefined,
    ]);
    expect(budget).toMatchObject({ sentBytes: 17, droppedBytes: 7, droppedLines: 2 });
  });

  it('has no end when its limit is Infinity', () => {
    const budget = new LogBudget(Number.POSITIVE_INFINITY);
    expect(budget.take(1e15)).toBe(1e15);
    expect(budget.droppedBytes).toBe(0);
  });
});
