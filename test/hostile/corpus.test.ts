import { execFile } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { CORPUS } from './corpus/index.js';

const MiB = 1024 * 1024;

interface Case {
  readonly topic: string;
  readonly name: string;
  readonly problems: readonly string[];
  /** How far the resident memory rose above where it was before. */
  readonly peakBytes: number;
}

interface Report {
  readonly cases: readonly Case[];
  readonly crashes: readonly string[];
  readonly left: readonly string[];
  readonly memoryBefore: number;
  readonly memoryAfter: number;
}

/** How the one process ended that ran all of them, and what it wrote last. */
function runCorpus(): Promise<{ end: string; report: Report | undefined }> {
  return new Promise((resolve) => {
    const options = { timeout: 280_000, killSignal: 'SIGKILL' as const, maxBuffer: 16 * MiB };
    execFile(process.execPath, ['test/hostile/run-corpus.js', '--json'], options, (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').pop();
      const end = error ? `${error.signal ?? error.code}: ${stderr.slice(-2000)}` : 'well';
      resolve({ end, report: line ? JSON.parse(line) : undefined });
    });
  });
}

describe.runIf(process.platform === 'linux')('one host against the whole corpus, in one process', () => {
  let end = '';
  let report: Report | undefined;
  beforeAll(async () => {
    ({ end, report } = await runCorpus());
  }, 300_000);

  it('survives, and ends by itself when the host is closed', () => {
    expect(end).toBe('well');
    expect(report?.crashes).toEqual([]);
    expect(report?.cases.length).toBe(CORPUS.length);
    expect(new Set(CORPUS.map(({ topic, name }) => `${topic}: ${name}`)).size).toBe(CORPUS.length);
  });

  it('leaves no thread, descriptor, connection or timer behind, and not much memory', () => {
    expect(report?.left).toEqual([]);
    expect(report!.memoryAfter - report!.memoryBefore).toBeLessThan(400 * MiB);
  });

  describe.each([...new Set(CORPUS.map(({ topic }) => topic))])('%s:', (topic) => {
    const attacks = CORPUS.filter((attack) => attack.topic === topic);
    it.each(attacks.map((attack) => ({ ...attack, title: `${attack.name} ${ends(attack.expected)}` })))(
      '$title',
      ({ name }) => {
        const found = report?.cases.find((one) => one.topic === topic && one.name === name);
        expect(found?.problems).toEqual([]);
        expect(found!.peakBytes).toBeLessThan(384 * MiB);
      },
    );
  });
});

/** What becomes of an attack, as the end of a sentence. */
function ends(expected: readonly string[]): string {
  const worst = expected.find((one) => !one.startsWith('ok')) ?? 'ok';
  if (worst === 'ok') return 'gets nothing';
  if (worst.startsWith('load ')) return `is not loaded: ${worst.slice('load '.length)}`;
  return `ends in ${worst}`;
}
