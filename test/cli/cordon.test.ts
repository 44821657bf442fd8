import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { typed } from './in-process.js';
import { cordon } from './run.js';

const page = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8');

/** The names of the commands, as `cordon --help` lists them. */
async function commands(): Promise<string[]> {
  const { out } = await typed(['--help']);
  const [, list] = out.split('\nCommands:\n');
  return [...list!.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!).filter((name) => name !== 'help');
}

describe('cordon', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await cordon(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('prints what there is', async () => {
    expect(await cordon(['--help'])).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Usage: cordon \[options\] \[command\]\n/),
    });
    const { stdout, stderr } = await cordon([]);
    expect({ stdout, helps: stderr.startsWith('Usage: ') }).toEqual({ stdout: '', helps: true });
    expect((await cordon([])).code).toBe(2);
  });

  it('has every command and every option on its page', async () => {
    const names = await commands();
    expect(names).toContain('resolve');
    expect([...page.matchAll(/^## `cordon (\w+)/gm)].map(([, name]) => name)).toEqual(names);
    for (const name of names) {
      const { code, out } = await typed([name, '--help']);
      expect(code).toBe(0);
      const [, section] = page.split(new RegExp(`^## .cordon ${name}`, 'm'));
      const described = section!.split('\n## ')[0]!;
      const [, options] = out.split('\nOptions:\n');
      for (const [, option] of options!.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)) {
        if (option !== '--help') expect(described, `${name} ${option}`).toContain(`| \`${option}`);
      }
    }
  });
});

it('the package brings the program, built and with its first line', () => {
  const { bin } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(Object.keys(bin)).toEqual(['cordon']);
  const text = readFileSync(new URL(`../../${bin.cordon}`, import.meta.url), 'utf8');
  expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
});
