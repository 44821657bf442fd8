import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logFile } from 'cordon/logs';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from '../host/open-host.js';
import { temporaryFolder } from '../host/plugin-folder.js';

const says = guest(() => `${ECHO} ${fn('say', '(call $log_info (call $input_offset))')}`);

function linesOf(folder: string): Record<string, unknown>[] {
  return readdirSync(folder)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a log file', () => {
  it('has what plugins say, with plugin, version and call, and all of it after close', async () => {
    const folder = temporaryFolder();
    const log = await logFile({ path: join(folder, 'logs', 'app.log') });
    const host = await openHost({ logger: log.logger });
    const ids: (string | undefined)[] = [];
    host.on('call', ({ callId }) => ids.push(callId));
    const p = await host.load(plugin('@acme/p', says));
    for (let i = 0; i < 20; i++) await p.call('say', `line ${i}`);
    await host.close();
    await Promise.all([log.close(), log.close()]);
    const said = linesOf(join(folder, 'logs')).filter(({ msg }) => String(msg).startsWith('line '));
    expect(said).toMatchObject(
      Array.from({ length: 20 }, (_, i) => ({
        msg: `line ${i}`,
        plugin: '@acme/p',
        version: '1.0.0',
        callId: ids[i],
      })),
    );
    expect(readdirSync(join(folder, 'logs'))).toEqual(['app.1.log']);
  });

  it('keeps to the number of files, and about to their size', async () => {
    const folder = temporaryFolder();
    await using log = await logFile({ path: join(folder, 'app.log'), maxFileBytes: 4096, maxFiles: 3 });
    let written = 0;
    const rolled = () => readdirSync(folder).some((file) => Number(file.split('.')[1]) >= 5);
    while (!rolled()) {
      log.logger.info({ filler: 'x'.repeat(200) }, String(written++));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await log.close();
    const files = readdirSync(folder);
    expect(files.length).toBeLessThanOrEqual(4);
    const largest = Math.max(...files.map((file) => statSync(join(folder, file)).size));
    expect(largest).toBeLessThan(written * 200);
  });

  it('has a level', async () => {
    const folder = temporaryFolder();
    const log = await logFile({ path: join(folder, 'app.log'), level: 'warn' });
    log.logger.info('not this');
    log.logger.warn('this');
    await log.close();
    expect(linesOf(folder).map(({ msg }) => msg)).toEqual(['this']);
  });

  it('that cannot be written is an error at once', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const error = await rejection(logFile({ path: join(folder, 'file', 'app.log') }));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain('Log files cannot be written in');
    expect((await rejection(logFile({ path: '' }))).code).toBe('ERR_OPTIONS');
  });
});
