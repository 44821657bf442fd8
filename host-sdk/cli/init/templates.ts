import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = join('host-sdk', 'cli', 'templates');
/** What a template's files end in: a tarball would drop a `.gitignore`, and tools would take the rest for Cordon's own. */
const ENDING = '.tpl';

/** A language that plugins can be begun in. */
export interface Template {
  readonly language: string;
  /** Beside Node. */
  readonly needs: string;
  /** The file to begin with. */
  readonly source: string;
  /** What a build leaves and no repository should have. */
  readonly ignored: readonly string[];
}

export const TEMPLATES: Readonly<Record<string, Template>> = {
  assemblyscript: { language: 'AssemblyScript', needs: '', source: 'assembly/index.ts', ignored: [] },
  rust: {
    language: 'Rust',
    needs: 'cargo with the target wasm32-wasip1 (rustup target add wasm32-wasip1)',
    source: 'src/lib.rs',
    ignored: ['target/'],
  },
  go: { language: 'Go', needs: 'Go 1.24 or newer', source: 'main.go', ignored: [] },
  c: { language: 'C', needs: 'clang with lld', source: 'plugin.c', ignored: [] },
  zig: { language: 'Zig', needs: 'Zig', source: 'plugin.zig', ignored: ['.zig-cache/'] },
  wat: { language: 'WebAssembly text', needs: '', source: 'plugin.wat', ignored: [] },
};

/** What a person chose. */
export interface Choice {
  readonly template: string;
  readonly name: string;
  /** The range of Cordon that the plugin is for. */
  readonly cordon: string;
}

/** The files of a new plugin, path and text. */
export async function newPlugin({ template, name, cordon }: Choice): Promise<Map<string, string>> {
  const { language, needs, source, ignored } = TEMPLATES[template]!;
  const file = name.replace(/^@.*\//, '');
  const words: Readonly<Record<string, string>> = {
    name,
    file,
    crate: file.replace(/^[^a-z]+/, '').replace(/[^a-z0-9]+/g, '_') || 'plugin',
    cordon,
    language,
    needs: needs === '' ? '' : `, and ${needs}`,
    source,
    ignored: [...ignored, `${file}.wasm`].join('\n'),
  };
  const files = new Map<string, string>();
  for (const folder of ['common', template]) {
    const root = join(templatesFolder(), folder);
    for (const path of await readdir(root, { recursive: true })) {
      if (!path.endsWith(ENDING)) continue;
      const text = await readFile(join(root, path), 'utf8');
      files.set(
        path
          .slice(0, -ENDING.length)
          .replaceAll('\\', '/')
          .replace(/^gitignore$/, '.gitignore'),
        text.replace(/\{\{(\w+)\}\}/g, (all, word: string) => words[word] ?? all),
      );
    }
  }
  return files;
}

/** In the package's root, wherever this file was built to. */
export function templatesFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, FOLDER)) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, FOLDER);
}
