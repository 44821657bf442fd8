import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RotatingFile, type RotatingFileOptions } from '../../host-sdk/logs/rotating-file.js';
import { rejection } from '../host/open-host.js';
import { temporaryFolder } from '../host/plugin-folder.js';

async function open(options: Partial<RotatingFileOptions> = {}) {
  const folder = temporaryFolder();
  const path = join(folder, 'sub', 'audit.jsonl');
  const errors: Error[] = [];
  const file = await RotatingFile.open({
    path,
    maxFileBytes: 100,
    maxFiles: 3,
    maxQueuedBytes: 10_000,
    droppedLine: (count) => `dropped ${count}`,
    onError: (error) => errors.push(error),
    ...options,
  });
  onTestFinished(() => file.close());
  const lines = (suffix = '') => readFileSync(`${path}${suffix}`, 'utf8').split('\n').slice(0, -1);
  return { file, path, folder, errors, lines };
}

describe('a file of lines', () => {
  it('has them in their order, whole, and appends to what is there', async () => {
    const { file, path, lines } = await open({ maxFileBytes: 1e6 });
    for (let i = 0; i < 500; i++) file.write(`line ${i}`);
    await file.close();
    expect(lines()).toEqual(Array.from({ length: 500 }, (_, i) => `line ${i}`));
    const again = await RotatingFile.open({
      path,
      maxFileBytes: 1e6,
      maxFiles: 2,
      maxQueuedBytes: 1e6,
      droppedLine: String,
      onError: () => {},
    });
    again.write('after');
    await again.close();
    expect(lines().at(-1)).toBe('after');
    expect(lines()).toHaveLength(501);
  });

  it('is put aside when it is full, and the oldest is deleted', async () => {
    const { file, folder, lines } = await open();
    for (let i = 0; i < 100; i++) file.write(`line number ${String(i).padStart(4, '0')}`);
    await file.close();
    expect(readdirSync(join(folder, 'sub')).sort()).toEqual([
      'audit.jsonl',
      'audit.jsonl.1',
      'audit.jsonl.2',
    ]);
    const kept = [...lines('.2'), ...lines('.1'), ...lines()];
    const last = Array.from({ length: 100 }, (_, i) => `line number ${String(i).padStart(4, '0')}`);
    expect(kept).toEqual(last.slice(-kept.length));
    for (const suffix of ['', '.1', '.2']) expect(lines(suffix).join('\n').length).toBeLessThan(100);
  });

  it('has a line that is larger than a file alone in one', async () => {
    const { file, lines } = await open();
    file.write('small');
    file.write('x'.repeat(500));
    file.write('small again');
    await file.flush();
    expect(lines('.2')).toEqual(['small']);
    expect(lines('.1')).toEqual(['x'.repeat(500)]);
    expect(lines()).toEqual(['small again']);
  });

  it('drops what waits beyond its bound, counts it, and says so', async () => {
    const { file, lines } = await open({ maxQueuedBytes: 60, maxFileBytes: 1e6 });
    for (let i = 0; i < 10; i++) file.write(`0123456789${i}`);
    expect(file.dropped).toBe(5);
    await file.flush();
    file.write('later');
    await file.flush();
    expect(lines()).toEqual([
      '01234567890',
      '01234567891',
      '01234567892',
      '01234567893',
      '01234567894',
      'dropped 5',
      'later',
    ]);
  });

  it('takes nothing after its end', async () => {
    const { file, lines } = await open();
    file.write('first');
    await Promise.all([file.close(), file.close()]);
    file.write('second');
    await file.close();
    expect(lines()).toEqual(['first']);
  });

  it('that cannot be put aside grows, and no line is lost', async () => {
    const { file, folder, errors, lines } = await open({ maxFileBytes: 30, maxFiles: 2 });
    // A folder with something in it stands where the full file is to go.
    const inTheWay = join(folder, 'sub', 'audit.jsonl.1');
    mkdirSync(inTheWay);
    writeFileSync(join(inTheWay, 'file'), '');
    for (let i = 0; i < 4; i++) {
      file.write(`a line that is kept: ${i}`);
      await file.flush();
    }
    expect(lines()).toHaveLength(4);
    expect(errors).toHaveLength(1);
    expect(file.dropped).toBe(0);
    rmSync(inTheWay, { recursive: true });
    file.write('the next');
    await file.flush();
    expect([lines('.1').length, lines()]).toEqual([4, ['the next']]);
  });

  it('goes on when the disk works again, tells of a fault once, and of what was lost', async () => {
    const { file, folder, errors, lines } = await open({ maxFileBytes: 30 });
    file.write('a line before the fault');
    await file.flush();
    rmSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'sub'), 'no folder any more');
    for (let i = 0; i < 3; i++) {
      file.write(`a line that is lost: ${i}`);
      await file.flush();
    }
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThan(3);
    expect(file.dropped).toBe(3);
    rmSync(join(folder, 'sub'));
    file.write('a line after the fault');
    await file.close();
    expect([...lines('.1'), ...lines()]).toEqual(['a line after the fault', 'dropped 3']);
  });

  it('that cannot be opened is an error that says what to do', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'file', 'below'), folder]) {
      const error = await rejection(
        RotatingFile.open({
          path,
          maxFileBytes: 100,
          maxFiles: 3,
          maxQueuedBytes: 100,
          droppedLine: String,
          onError: () => {},
        }),
      );
      expect(error.code).toBe('ERR_OPTIONS');
      expect(error.message).toContain(`The log file ${path} cannot be written: `);
    }
  });
});
