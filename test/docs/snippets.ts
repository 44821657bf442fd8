import { readFileSync } from 'node:fs';

/**
 * How a fenced block of a page is marked, after its language:
 *   ts run[=name]      a program; blocks of one name on one page are one module, in their order. Type-checked and run.
 *   text prints[=name] what that program prints, all such blocks together, word for word
 *   any of=path        words of a file of this repository, which has them exactly so
 *   any file=path      a file of the page's workspace, written before anything runs
 *   ts                 a fragment: type-checked, with the globals of snippet-globals.txt
 *   json               has to be JSON
 */
export interface Block {
  readonly language: string;
  readonly marks: Readonly<Record<string, string>>;
  readonly text: string;
  /** The line of the fence, from 1. */
  readonly line: number;
}

export interface Program {
  readonly name: string;
  readonly text: string;
  /** Undefined where the page does not say. */
  readonly prints: string | undefined;
}

/** What the fenced blocks of a page come to. */
export interface Page {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly programs: readonly Program[];
  readonly files: Readonly<Record<string, string>>;
  readonly fragments: readonly Block[];
}

const LANGUAGES = ['ts', 'js', 'json', 'sh', 'text', 'mermaid', 'rust', 'go', 'c', 'zig', 'wat'];
const MARKS = ['run', 'prints', 'file', 'of'];

/** Reads the blocks of a Markdown page. Throws for a language or a mark that nobody knows: it would not be checked. */
export function readPage(path: string, root: string): Page {
  const blocks = fencedBlocks(readFileSync(`${root}/${path}`, 'utf8'));
  for (const { language, marks, line } of blocks) {
    const unknown = Object.keys(marks).filter((mark) => !MARKS.includes(mark));
    if (!LANGUAGES.includes(language) || unknown.length > 0) {
      throw new Error(`${path}:${line}: a block "${language} ${unknown.join(' ')}", which nothing checks`);
    }
  }
  const names = [...new Set(blocks.flatMap(({ marks }) => marks.run ?? []))];
  const joined = (mark: 'run' | 'prints', name: string) =>
    blocks.filter(({ marks }) => marks[mark] === name).map(({ text }) => text);
  return {
    path,
    blocks,
    programs: names.map((name) => {
      const prints = joined('prints', name);
      const text = joined('run', name).join('\n');
      return { name, text, prints: prints.length > 0 ? prints.join('') : undefined };
    }),
    files: Object.fromEntries(
      blocks.flatMap(({ marks, text }) => (marks.file === undefined ? [] : [[marks.file, text]])),
    ),
    fragments: blocks.filter(({ language, marks }) => language === 'ts' && Object.keys(marks).length === 0),
  };
}

function fencedBlocks(markdown: string): Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(`{3,})(\S*) ?(.*)$/.exec(lines[i]!);
    if (!fence) continue;
    const end = lines.indexOf(fence[1]!, i + 1);
    if (end < 0) throw new Error(`line ${i + 1}: a block without an end`);
    const marks = fence[3]!.split(' ').filter(Boolean);
    blocks.push({
      language: fence[2]!,
      marks: Object.fromEntries(marks.map((mark) => [mark.split('=')[0]!, mark.split('=')[1] ?? ''])),
      text: lines
        .slice(i + 1, end)
        .map((line) => `${line}\n`)
        .join(''),
      line: i + 1,
    });
    i = end;
  }
  return blocks;
}
