import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The ranks of the rooms. A room imports only rooms of a lower rank, or its own. Inside rank 3 of DESIGN.md there is an
 * order too: the kernel knows nobody, the sandbox runs guests on it, and the bridge speaks the sandbox's protocol.
 */
const RANKS: Readonly<Record<string, number>> = {
  errors: 0,
  events: 0,
  log: 0,
  manifest: 1,
  wasm: 1,
  integrity: 1,
  lifecycle: 1,
  metrics: 1,
  catalog: 2,
  resolver: 2,
  policy: 2,
  violations: 2,
  cache: 2,
  kernel: 3,
  sandbox: 3.1,
  bridge: 3.2,
  reload: 4,
  cluster: 4,
  runtime: 5,
};
const MAX_LINES = 400;
/** Written by a program, not by a person. */
const GENERATED: readonly string[] = ['src/kernel/kernel-bytes.ts'];

/** Peers that an application brings if it wants to, and the entry point that they are for. */
const OPTIONAL: Readonly<Record<string, string>> = {
  '@opentelemetry/api': 'host-sdk/otel/',
  vitest: 'host-sdk/testing/vitest/',
};

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** From the root of the repository; undefined for a package. */
  readonly target: string | undefined;
}

const sources = sourceFiles('src');
const hostSdk = sourceFiles('host-sdk');
const imports = [...sources, ...hostSdk].flatMap(importsOf);

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort();
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*'([^'\s,]+)'/g);
  return [...found].map(([, specifier]) => ({
    file,
    specifier: specifier!,
    target: specifier!.startsWith('.') ? normalize(join(dirname(file), specifier!)) : undefined,
  }));
}

function roomOf(file: string): string {
  return file.split('/')[1]!;
}

describe('the rooms of src', () => {
  it('are all known by their rank', () => {
    expect(sources.length).toBeGreaterThan(100);
    const unknown = sources.filter((file) => RANKS[roomOf(file)] === undefined);
    expect(unknown).toEqual([]);
  });

  it('import only rooms of a lower rank, or their own', () => {
    const upward = imports.filter(({ file, target }) => {
      if (!file.startsWith('src/') || !target?.startsWith('src/')) return false;
      const [from, to] = [roomOf(file), roomOf(target)];
      return from !== to && !(RANKS[from]! > RANKS[to]!);
    });
    expect(upward.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('never import what users import', () => {
    const outward = imports.filter(
      ({ file, target }) => file.startsWith('src/') && !target?.startsWith('src/'),
    );
    expect(outward.filter(({ target }) => target !== undefined)).toEqual([]);
    expect(outward.filter(({ specifier }) => specifier === 'cordon')).toEqual([]);
  });

  it('meet below the sandbox only in its protocol', () => {
    const used = imports.filter(
      ({ file, target }) => roomOf(file) === 'bridge' && target?.includes('/sandbox/'),
    );
    expect(new Set(used.map(({ target }) => target))).toEqual(
      new Set(['src/sandbox/host-value.js', 'src/sandbox/protocol.js', 'src/sandbox/shared-clock.js']),
    );
  });

  it('have no index file and no room for leftovers', () => {
    const leftovers = /(^|\/)(index\.ts|(utils?|types|helpers?|common|classes|misc|shared)(\.ts|\/))/;
    expect(sources.filter((file) => leftovers.test(file.slice('src/'.length)))).toEqual([]);
  });

  it('know Extism in one file', () => {
    const users = imports.filter(({ specifier }) => specifier.startsWith('@extism/'));
    expect(users.map(({ file }) => file)).toEqual(['src/sandbox/engine-extism.ts']);
  });

  it('use node:wasi nowhere', () => {
    expect(imports.filter(({ specifier }) => /^(node:)?wasi$/.test(specifier))).toEqual([]);
  });
});

describe('every source file', () => {
  it('imports files that exist, by the name they have when built', () => {
    const missing = imports.filter(
      ({ target }) => target !== undefined && !existsSync(target.replace(/\.js$/, '.ts')),
    );
    expect(missing.map(({ file, specifier }) => `${file}: ${specifier}`)).toEqual([]);
  });

  it('imports only packages that are installed with cordon, and optional ones where they belong', () => {
    const { dependencies } = packageJson();
    const packages = imports
      .filter(({ specifier, target }) => target === undefined && !specifier.startsWith('node:'))
      .map(({ file, specifier }) => ({ file, name: specifier.match(/^(@[^/]+\/)?[^/]+/)![0] }));
    const optional = packages.filter(({ name }) => Object.hasOwn(OPTIONAL, name));
    expect(optional.filter(({ file, name }) => !file.startsWith(OPTIONAL[name]!))).toEqual([]);
    const always = packages.filter((one) => !optional.includes(one)).map(({ name }) => name);
    expect([...new Set(always)].sort()).toEqual(Object.keys(dependencies).sort());
  });

  it(`has at most ${MAX_LINES} lines`, () => {
    const long = [...sources, ...hostSdk]
      .filter((file) => !GENERATED.includes(file))
      .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('has about eighty lines', () => {
    const lines = sources
      .map((file) => readFileSync(file, 'utf8').split('\n').length - 1)
      .sort((a, b) => a - b);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(100);
  });
});

describe('what the package opens', () => {
  const entries = Object.entries(packageJson().exports).filter(
    (entry): entry is [string, { types: string; default: string }] => typeof entry[1] === 'object',
  );

  it('is built, with its types', () => {
    expect(entries.length).toBeGreaterThan(0);
    for (const [, { types, default: code }] of entries) {
      expect(existsSync(code), code).toBe(true);
      expect(existsSync(types), types).toBe(true);
      expect(types).toBe(code.replace(/\.js$/, '.d.ts'));
    }
  });

  it('is every index file of host-sdk, and nothing else', () => {
    const opened = entries.map(([, { default: code }]) =>
      code.replace('./dist/', '').replace(/\.js$/, '.ts'),
    );
    expect(opened.sort()).toEqual(hostSdk.filter((file) => file.endsWith('/index.ts')));
    for (const [name, { default: code }] of entries) {
      expect(code).toBe(`./dist/host-sdk/${name === '.' ? '' : `${name.slice(2)}/`}index.js`);
    }
  });

  it('is published', () => {
    expect(packageJson().files).toEqual(expect.arrayContaining(['dist/host-sdk', 'dist/src']));
  });
});

function packageJson(): {
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
  files: string[];
} {
  return JSON.parse(readFileSync('package.json', 'utf8'));
}
