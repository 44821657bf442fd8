import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineManifest } from '../../host-sdk/manifest.js';
import { type Page, readPage } from './snippets.js';
import { root, Workspace } from './workspace.js';

const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .map((path) => join('docs', path));
const pages: readonly Page[] = ['README.md', ...docs.sort()].map((path) => readPage(path, root));

const workspace = new Workspace();
const folderOf = ({ path }: Page) => path.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
const programFile = (page: Page, name: string) => `${folderOf(page)}/${name || 'program'}.ts`;
const fragmentFile = (page: Page, line: number) => `${folderOf(page)}/line-${line}.ts`;

let compiled: { code: number | null; stdout: string };

beforeAll(async () => {
  const files = ['globals.d.ts'];
  workspace.write('globals.d.ts', readGlobals());
  for (const page of pages) {
    for (const folder of ['plugins', 'guest-examples']) workspace.addExamples(`${folderOf(page)}/${folder}`);
    for (const [file, text] of Object.entries(page.files)) workspace.write(`${folderOf(page)}/${file}`, text);
    for (const { name, text } of page.programs) {
      files.push(programFile(page, name));
      workspace.write(programFile(page, name), text);
    }
    for (const { text, line } of page.fragments) {
      files.push(fragmentFile(page, line));
      workspace.write(fragmentFile(page, line), `${text}\nexport {};\n`);
    }
  }
  compiled = await workspace.compile(files);
}, 120_000);

afterAll(() => workspace.remove());

function readGlobals(): string {
  return readFileSync(join(root, 'test/docs/snippet-globals.txt'), 'utf8');
}

it('every program and every fragment compiles against the built package', () => {
  expect(compiled.stdout).toBe('');
  expect(compiled.code).toBe(0);
});

it('what is called JSON is JSON, and manifests are manifests', () => {
  for (const { path, blocks } of pages) {
    for (const { language, text, line } of blocks) {
      if (language !== 'json') continue;
      const check = () => {
        const value = JSON.parse(text);
        if ('manifestVersion' in value) defineManifest(value);
      };
      expect(check, `${path}:${line}`).not.toThrow();
    }
  }
});

it('what is quoted from a file is in that file, and code in other languages is', () => {
  for (const { path, blocks } of pages) {
    for (const { language, marks, text, line } of blocks) {
      if (marks.of !== undefined) {
        expect(readFileSync(join(root, marks.of), 'utf8'), `${path}:${line}`).toContain(text);
      }
      if (['rust', 'go', 'c', 'zig', 'wat'].includes(language)) {
        expect(marks.of ?? marks.file, `${path}:${line}`).toBeDefined();
      }
    }
  }
});

it('what programs print is said only of programs that are there', () => {
  for (const { blocks, programs } of pages) {
    const names = programs.map(({ name }) => name);
    for (const { marks } of blocks) if (marks.prints !== undefined) expect(names).toContain(marks.prints);
  }
});

it('links lead to files and headings that exist', () => {
  expect(pages.flatMap(({ path }) => brokenLinks(path))).toEqual([]);
});

const withPrograms = pages.filter(({ programs }) => programs.length > 0);

describe.each(withPrograms)('$path', (page) => {
  const folder = folderOf(page);

  const guests = Object.keys(page.files).filter((file) => file.endsWith('asconfig.json'));
  if (guests.length > 0) {
    it('has guests that build', async () => {
      for (const config of guests) {
        const bindings = join(root, 'guest-examples/assemblyscript-bindings/assembly/extism.ts');
        workspace.write(`${folder}/${dirname(config)}/assembly/extism.ts`, readFileSync(bindings, 'utf8'));
        const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
        const built = await workspace.run([asc, '--config', 'asconfig.json'], `${folder}/${dirname(config)}`);
        expect(built).toMatchObject({ code: 0, stderr: '' });
      }
    }, 60_000);
  }

  for (const { name, prints } of page.programs) {
    it(`runs its program${name && ` "${name}"`}${prints === undefined ? '' : ', which prints what the page says'}`, async () => {
      const ended = await workspace.run([`${name || 'program'}.js`], folder);
      expect(ended).toMatchObject({ code: 0, ...(prints !== undefined && { stdout: prints }) });
    });
  }
});

/** Links of a page into the repository that lead nowhere. */
function brokenLinks(path: string): string[] {
  const prose = readFileSync(join(root, path), 'utf8').replace(/^(`{3,})[\s\S]*?^\1$/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
  });
  return broken.map((link) => `${path}: ${link}`);
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(path: string): Set<string> {
  const text = readFileSync(join(root, path), 'utf8');
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
