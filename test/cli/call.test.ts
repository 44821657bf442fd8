import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { lab } from '../fixtures/guests/guests.js';
import { wasi } from '../fixtures/guests/wasi.js';
import { temporaryFolder, writePlugin } from '../host/plugin-folder.js';
import { wat } from '../wasm/wat.js';
import { cordon, examples } from './run.js';
import { started } from './started.js';

function plugin(wasm: Uint8Array, manifest: object = {}): string {
  const folder = temporaryFolder();
  writePlugin(folder, wasm, { name: 'lab', ...manifest });
  return folder;
}

describe('cordon call', () => {
  it('prints the output as it is', async () => {
    const argv = ['call', 'count-vowels', 'count_vowels', '--input', 'Hello', '--config', 'vowels=aeiou'];
    expect(await cordon(argv)).toEqual({
      code: 0,
      stdout: '{"count":2,"total":2,"vowels":"aeiou"}',
      stderr: '',
    });
  });

  it('takes a plugin of a catalog, and prints all that happened as JSON', async () => {
    const argv = ['call', '@acme/markdown@^1', 'render', '--catalog', '.', '--input', '*x*', '--json'];
    const { code, stdout } = await cordon(argv);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      plugin: '@acme/markdown',
      version: '1.2.0',
      fn: 'render',
      ok: true,
      output: '<p><em>x</em></p>\n',
      durationMs: expect.any(Number),
      cpuMs: expect.any(Number),
      fuel: expect.any(Number),
      memoryBytes: expect.any(Number),
      inputBytes: 3,
      outputBytes: 18,
      violations: [],
      logs: [],
    });
  });

  it('says where other plugins would come from, and that there are no host functions', async () => {
    const alone = await cordon(['call', 'markdown', 'render']);
    expect(alone).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/empty\. Add --catalog <where>\.\n$/),
    });
    const typed = await cordon(['call', 'typed-assemblyscript', 'shout', '--grant-all']);
    expect(typed).toMatchObject({ code: 1, stderr: expect.stringContaining('cordon/testing') });
  });

  it('passes bytes on from stdin to stdout, and as base64 in JSON', async () => {
    const folder = plugin(lab);
    const bytes = Buffer.from([0xff, 0, 0x1b, 0x80]);
    writeFileSync(join(folder, 'in'), bytes);
    const { child } = started(['call', '.', 'echo', '--stdin'], folder);
    const parts: Buffer[] = [];
    child.stdout.removeAllListeners('data').setEncoding('latin1' as 'utf8');
    child.stdout.on('data', (part: string) => parts.push(Buffer.from(part, 'latin1')));
    child.stdin.end(bytes);
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(Buffer.concat(parts)).toEqual(bytes);
    const json = await cordon(['call', '.', 'echo', '--input-file', 'in', '--json'], folder);
    expect(JSON.parse(json.stdout)).toMatchObject({ outputBase64: bytes.toString('base64') });
  });

  it('shows log lines from a level on, and the figures where they are asked for', async () => {
    const folder = plugin(lab);
    const { stdout, stderr } = await cordon(
      ['call', '.', 'log', '--input', 'a\u001b[31mb', '--log-level', 'warn', '--stats'],
      folder,
    );
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^warn: lab: a\\x1b\[31mb\nerror: lab: a\\x1b\[31mb\nlog: [\d.]+ ms, [\d.]+ ms of processor time, \d+ instructions, \d+ KiB of memory, 7 bytes in, 0 out\n$/,
    );
  });

  it.each([
    [['fail'], 3, 'ERR_GUEST'],
    [['trap'], 3, 'ERR_TRAP'],
    [['nowhere'], 3, 'ERR_NO_EXPORT'],
    [['spin', '--timeout', '50ms'], 5, 'ERR_TIMEOUT'],
    [['spin', '--fuel', '100000'], 5, 'ERR_FUEL'],
    [['hog', '--memory', '1MiB'], 5, 'ERR_MEMORY'],
  ])('%j ends with %i for %s', async (argv, code, why) => {
    const ended = await cordon(['call', '.', ...argv], plugin(lab));
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(`cordon: ${why}: `);
  });

  it('ends with 4 for what was refused, and shows the violation', async () => {
    const refused = await cordon(['call', 'link-preview', 'preview', '--input', 'https://example.com/']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/^violation http \(\w+\): @acme\/link-preview: .*\n.*ERR_PERMISSION/s);
  });

  it.each(['fs.read=/data:./data', '{"fs":{"read":{"/data":"./data"}}}', 'grants.json'])(
    'grants what %s says',
    async (grant) => {
      const folder = plugin(wasi, { permissions: { fs: { read: { '/data': './data' } } } });
      mkdirSync(join(folder, 'data'));
      writeFileSync(join(folder, 'data', 'a.txt'), 'hello');
      writeFileSync(join(folder, 'grants.json'), JSON.stringify({ fs: { read: { '/data': './data' } } }));
      const argv = ['call', '.', 'read', '--input', 'a.txt', '--grant', grant];
      expect(await cordon(argv, folder)).toEqual({ code: 0, stdout: 'hello', stderr: '' });
    },
  );

  it('grants all that is asked for', async () => {
    const folder = plugin(wasi, { permissions: { env: ['GREETING'] } });
    const { stdout } = await cordon(['call', '.', 'environ', '--grant-all'], folder, { GREETING: 'hi' });
    expect(stdout).toContain('GREETING=hi');
  });

  it.each([
    [['nowhere', 'f'], 'nowhere is not there; for a plugin of a catalog add --catalog <where>'],
    [
      ['count-vowels', 'f', '--input', 'a', '--stdin'],
      '--input, --input-file and --stdin exclude each other',
    ],
    [['count-vowels', 'f', '--timeout', 'soon'], '--timeout soon is not a time such as 500ms or 2s'],
    [['count-vowels', 'f', '--memory', 'much'], '--memory much is not a size such as 64MiB'],
    [['count-vowels', 'f', '--fuel', '-1'], '--fuel -1 is not a number of instructions'],
    [['count-vowels', 'f', '--config', 'x'], '--config x is not <key>=<value>'],
    [
      ['count-vowels', 'f', '--grant', 'fs.read=/data'],
      '--grant fs.read=/data is not fs.read=<guest path>:<path>, such as fs.read=/data:./data',
    ],
    [
      ['count-vowels', 'f', '--log-level', 'loud'],
      '--log-level loud is not one of trace, debug, info, warn, error, none',
    ],
    [['count-vowels', 'f', '--input-file', 'no'], 'no cannot be read: it does not exist'],
  ])('%j is a wrong command line', async (argv, said) => {
    expect(await cordon(['call', ...argv])).toEqual({ code: 2, stdout: '', stderr: `cordon: ${said}\n` });
  });

  it('calls again when the files change, until it is interrupted', async () => {
    const say = (text: string) =>
      guest((put) => fn('say', `(call $output_set ${put(text)} (i64.const ${text.length}))`));
    const folder = plugin(say('first'));
    const { child, prints, text } = started(['call', '.', 'say', '--watch'], folder);
    await prints('watching lab');
    expect(text()).toContain('first');
    writeFileSync(join(folder, 'plugin.wasm'), say('again'));
    await prints('again');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  it.skipIf(process.platform === 'win32').each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is ended by %s: the call is stopped, the host closed', async (signal, code) => {
    const folder = plugin(
      guest((text) => fn('spin', `(call $log_info ${text('spinning')}) (loop $for_ever (br $for_ever))`)),
    );
    const { child, prints, text } = started(['call', '.', 'spin'], folder);
    await prints('spinning');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(text()).not.toContain('ERR_');
  });
});

describe('cordon run', () => {
  it('prints what a WASI command writes', async () => {
    expect(await cordon(['run', '.'], plugin(wasi))).toEqual({ code: 0, stdout: 'started\n', stderr: '' });
  });

  it('ends with the exit code of the program', async () => {
    const exits = wat(`(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (i32.const 42))))`);
    expect(await cordon(['run', '.'], plugin(exits))).toEqual({ code: 42, stdout: '', stderr: '' });
  });

  it('says that a plugin is no program', async () => {
    const { code, stderr } = await cordon(['run', 'count-vowels'], examples);
    expect(code).toBe(3);
    expect(stderr).toContain('ERR_NO_EXPORT');
  });
});

it('a reader that goes away ends the program without a word', async () => {
  const { child } = started(['inspect', 'markdown', '--json'], examples);
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (part: string) => {
    said += part;
  });
  const [code] = await once(child, 'exit');
  expect([0, 141]).toContain(code);
  expect(said).toBe('');
});

it('colours are there where they are forced, and not where NO_COLOR is set', async () => {
  const argv = ['call', 'nowhere', 'f'];
  const forced = await cordon(argv, examples, { FORCE_COLOR: '1', NO_COLOR: '' });
  expect(forced.stderr).toBe(
    '\u001b[31mcordon:\u001b[0m nowhere is not there; for a plugin of a catalog add --catalog <where>\n',
  );
  const none = await cordon(argv, examples, { FORCE_COLOR: '1', NO_COLOR: '1' });
  expect(none.stderr).not.toContain('\u001b');
});
