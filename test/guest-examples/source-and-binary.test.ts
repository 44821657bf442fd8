import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const examples = fileURLToPath(new URL('../../guest-examples', import.meta.url));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function runBuild(folder: string, flags: readonly string[], env = process.env): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(folder, 'build.js'), ...flags], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

async function build(folder: string, ...flags: string[]): Promise<Omit<Ended, 'stdout'>> {
  const { code, stderr } = await runBuild(folder, flags);
  return { code, stderr };
}

/** The examples in whose folder none of these files is. */
function namesWithout(...files: string[]): string[] {
  return readdirSync(examples).filter(
    (name) =>
      existsSync(join(examples, name, 'plugin.json')) &&
      !files.some((file) => existsSync(join(examples, name, file))),
  );
}

describe('the build of the examples', () => {
  it('finds sources and binaries as they were built, and shared files the same everywhere', async () => {
    expect(await build(examples, '--check')).toEqual({ code: 0, stderr: '' });
  });

  // asc takes two seconds for each: in CI all that need nothing but npm; elsewhere the smallest.
  const some = process.env.CI ? namesWithout('build.sh') : ['memory-hog', 'minimal-wat'];
  it(`makes the same bytes again from a copy of ${process.env.CI ? 'each folder' : some.join(', ')}`, {
    timeout: 120_000,
  }, async () => {
    expect(await build(examples, '--rebuild', ...some)).toEqual({ code: 0, stderr: '' });
  });

  describe('notices', () => {
    let copy: string;
    beforeEach(async () => {
      copy = await mkdtemp(join(tmpdir(), 'guest-examples-'));
      await cp(examples, copy, { recursive: true });
    });
    afterEach(() => rm(copy, { recursive: true }));

    const append = async (path: string, text: string) =>
      writeFile(join(copy, path), Buffer.concat([await readFile(join(copy, path)), Buffer.from(text)]));

    it('a source that was changed after the build', async () => {
      await append('runaway/assembly/index.ts', '\n');
      const { code, stderr } = await build(copy, '--check');
      expect(code).toBe(1);
      expect(stderr).toContain('runaway: its sources are not those that it was built from\n');
    });

    it('a build option that was changed', async () => {
      await append('runaway/asconfig.json', ' ');
      expect((await build(copy, '--check')).stderr).toContain('runaway: its sources are not those');
    });

    it('a binary that is not what was built', async () => {
      await append('markdown/markdown.wasm', '\0');
      expect((await build(copy, '--check')).stderr).toContain(
        'markdown: markdown.wasm is not what was built\n',
      );
    });

    it('a shared file that was changed in one folder, or where it belongs', async () => {
      await append('markdown/assembly/extism.ts', '\n');
      expect((await build(copy, '--check')).stderr).toContain(
        'markdown: assembly/extism.ts differs from assemblyscript-bindings/extism.ts\n',
      );
      await append('assemblyscript-bindings/assembly/json.ts', '\n');
      expect((await build(copy, '--check')).stderr).toContain(
        'highlight: assembly/json.ts differs from assemblyscript-bindings/json.ts\n',
      );
    });

    it('a source of each language that was changed after the build', async () => {
      for (const [name, file] of [
        ['contract-rust', 'src/lib.rs'],
        ['minimal-rust', 'Cargo.lock'],
        ['contract-c', 'build.sh'],
        ['contract-go', 'go.sum'],
        ['contract-zig', 'contract-zig.zig'],
        ['minimal-wat', 'minimal-wat.wat'],
      ] as const) {
        await append(`${name}/${file}`, '\n');
        expect((await build(copy, '--check')).stderr).toContain(`${name}: its sources are not those`);
      }
      await append('c-bindings/extism.h', '\n');
      expect((await build(copy, '--check')).stderr).toContain(
        'minimal-c: extism.h differs from c-bindings/extism.h\n',
      );
    });

    it('a toolchain that is not on this machine, and skips what needs it', async () => {
      const before = await readFile(join(copy, 'minimal-c/minimal-c.wasm'));
      const env = { ...process.env, CLANG: join(copy, 'no-clang') };
      const ended = await runBuild(copy, ['minimal-c'], env);
      expect(ended.stdout).toBe('Skipped, as their toolchains are not on this machine: minimal-c.\n');
      expect(ended.code).toBe(1);
      expect(await readFile(join(copy, 'minimal-c/minimal-c.wasm'))).toEqual(before);
    });

    it('an example that was never built, and one that is gone', async () => {
      await cp(join(copy, 'runaway'), join(copy, 'another'), { recursive: true });
      await rm(join(copy, 'memory-hog'), { recursive: true });
      const { stderr } = await build(copy, '--check');
      expect(stderr).toContain('another: is not in build.lock.json\n');
      expect(stderr).toContain('memory-hog: is in build.lock.json, but not here\n');
    });

    it('line ends of another system as no change', async () => {
      const path = join(copy, 'runaway/assembly/index.ts');
      await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', '\r\n'));
      expect(await build(copy, '--check')).toEqual({ code: 0, stderr: '' });
    });

    it('a name or an option that it does not know', async () => {
      expect((await build(copy, 'nobody')).stderr).toContain(
        'nobody: no such guest; there are contract-assemblyscript, ',
      );
      expect(await build(copy, '--chek')).toEqual({ code: 2, stderr: '--chek: no such option\n' });
    });
  });
});
