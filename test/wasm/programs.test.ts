import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { rewriteModule } from '../../src/wasm/rewrite.js';
import { optionalPackage, packageFolder } from './optional-package.js';

const MODES = ['original', 'capped', 'metered'] as const;
type Mode = (typeof MODES)[number];

interface Output {
  readonly digest: string;
  /** What the metered run consumed. */
  readonly fuel?: number;
}

afterEach(() => vi.restoreAllMocks());

/** Runs `program` while every module that it instantiates is rewritten; its loader need not know. */
async function under(mode: Mode, program: () => Promise<string | Uint8Array>): Promise<Output> {
  const plain = WebAssembly.instantiate as unknown as (
    source: unknown,
    imports: WebAssembly.Imports,
  ) => Promise<{ module: WebAssembly.Module; instance: WebAssembly.Instance }>;
  let instances = 0;
  let granted = 0;
  let counter: { value: number } | undefined;
  const rewriting = async (source: unknown, imports: WebAssembly.Imports) => {
    // Node itself instantiates a compiled module when it first uses HTTP.
    if (!(source instanceof Uint8Array || source instanceof ArrayBuffer)) return plain(source, imports);
    instances++;
    const bytes = new Uint8Array(source);
    if (mode === 'original') return plain(bytes, imports);
    const rewritten = rewriteModule(bytes, {
      maxMemoryBytes: 2 ** 31,
      maxTableElements: 100_000,
      metering: mode === 'metered',
    }).bytes;
    const meter = {
      may_grow: () => 1,
      out_of_fuel: () => {
        granted += 1_000_000;
        return 1_000_000;
      },
    };
    const { module, instance } = await plain(rewritten, { ...imports, 'cordon:meter': meter });
    counter = instance.exports['cordon:fuel'] as unknown as typeof counter;
    const exports = Object.fromEntries(
      Object.entries(instance.exports).map(([name, value]) => [name.replace(/^cordon:_/, '_'), value]),
    );
    return { module, instance: { exports } };
  };
  vi.spyOn(WebAssembly, 'instantiate').mockImplementation(rewriting as never);
  const result = await program();
  vi.restoreAllMocks();
  expect(instances).toBe(1);
  const digest = createHash('sha256').update(result).digest('hex');
  return counter === undefined ? { digest } : { digest, fuel: granted - counter.value };
}

async function compare(program: (mode: Mode) => Promise<string | Uint8Array>): Promise<number> {
  const outputs: Output[] = [];
  for (const mode of MODES) outputs.push(await under(mode, () => program(mode)));
  expect(outputs[1]!.digest).toBe(outputs[0]!.digest);
  expect(outputs[2]!.digest).toBe(outputs[0]!.digest);
  return outputs[2]!.fuel!;
}

const sqlite = packageFolder('sql.js');
const quickjs = packageFolder('@jitl/quickjs-wasmfile-release-sync');
const resvg = packageFolder('@resvg/resvg-wasm');
const oniguruma = packageFolder('vscode-oniguruma');
const esbuild = packageFolder('esbuild-wasm');

describe('programs give the same output before and after', () => {
  test.skipIf(!sqlite)('SQLite', { timeout: 60_000 }, async () => {
    const require = createRequire(join(sqlite!, 'x.js'));
    const path = join(sqlite!, 'dist/sql-wasm.js');
    await compare(async () => {
      // It keeps its one instance in the module.
      delete require.cache[path];
      const { Database } = await require(path)();
      const database = new Database();
      database.run('create table t (a, b)');
      for (let i = 0; i < 2_000; i++)
        database.run('insert into t values (?, ?)', [(i * 7919) % 1000, `x${i}`]);
      return JSON.stringify(
        database.exec('select a, count(*), group_concat(b) from t group by a order by a'),
      );
    });
  });

  test.skipIf(!quickjs || !packageFolder('quickjs-emscripten-core'))(
    'QuickJS',
    { timeout: 60_000 },
    async () => {
      interface Core {
        newVariant(variant: unknown, options: { wasmBinary: Uint8Array }): unknown;
        newQuickJSWASMModuleFromVariant(variant: unknown): Promise<{ evalCode(code: string): unknown }>;
      }
      const core = (await optionalPackage<Core>('quickjs-emscripten-core'))!;
      const variant = (await import(pathToFileURL(join(quickjs!, 'dist/index.mjs')).href)).default;
      const wasmBinary = readFileSync(join(quickjs!, 'dist/emscripten-module.wasm'));
      const fuel = await compare(async () => {
        const engine = await core.newQuickJSWASMModuleFromVariant(core.newVariant(variant, { wasmBinary }));
        return JSON.stringify(
          engine.evalCode(`const out = [];
          for (let i = 0; i < 2000; i++) try {
            if (i % 7 == 0) throw new Error('e' + i);
            out.push({ i, s: ('x' + i).padStart(9).replace(/x/g, 'y') });
          } catch (error) { out.push(error.message); }
          JSON.stringify(out) + [3, 1, 2].sort() + Math.sin(3)`),
        );
      });
      expect(fuel).toBeGreaterThan(10_000_000);
    },
  );

  test.skipIf(!resvg)('resvg', { timeout: 60_000 }, async () => {
    const wasm = readFileSync(join(resvg!, 'index_bg.wasm'));
    const fuel = await compare(async (mode) => {
      const { initWasm, Resvg } = await import(`${pathToFileURL(join(resvg!, 'index.mjs')).href}?${mode}`);
      await initWasm(wasm);
      return new Resvg(`<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">
        <defs><radialGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></radialGradient></defs>
        <circle cx="100" cy="100" r="80" fill="url(#g)"/>
        <path d="M10 10 C 50 90 90 50 190 190" stroke="black" stroke-width="7" fill="none"/></svg>`)
        .render()
        .asPng();
    });
    expect(fuel).toBeGreaterThan(10_000_000);
  });

  test.skipIf(!oniguruma)('Oniguruma', { timeout: 60_000 }, async () => {
    const require = createRequire(join(oniguruma!, 'x.js'));
    const path = join(oniguruma!, 'release/main.js');
    const wasm = readFileSync(join(oniguruma!, 'release/onig.wasm'));
    await compare(async () => {
      // It keeps its one instance in the module.
      delete require.cache[path];
      const { loadWASM, createOnigScanner, createOnigString } = require(path);
      await loadWASM(Uint8Array.from(wasm).buffer);
      const scanner = createOnigScanner(['\\p{Lu}\\w+', '(?<=\\s)(\\d+)(?:px|em)', '(a+)+$']);
      const found: unknown[] = [];
      const text = createOnigString(`${'Anna misst 12px, Ördög 7em; '.repeat(50)}${'a'.repeat(30)}`);
      for (let at = 0; ; ) {
        const match = scanner.findNextMatchSync(text, at);
        if (!match) break;
        found.push(match.index, match.captureIndices);
        at = Math.max(at + 1, match.captureIndices[0].end);
      }
      return JSON.stringify(found);
    });
  });

  test.skipIf(!esbuild)('esbuild', { timeout: 120_000 }, async () => {
    const wasm = readFileSync(join(esbuild!, 'esbuild.wasm'));
    const source = readFileSync(new URL('./programs.test.ts', import.meta.url));
    await compare(async () => {
      const output = await runGo(
        join(esbuild!, 'wasm_exec.js'),
        wasm,
        ['esbuild', '--minify', '--loader=ts'],
        source,
      );
      expect(new TextDecoder().decode(output)).toContain('createHash');
      return output;
    });
  });
});

/** Runs a program that Go compiled for JavaScript hosts: its input on descriptor 0, what it writes to 1 as the result. */
async function runGo(
  loader: string,
  wasm: Uint8Array,
  args: readonly string[],
  input: Uint8Array,
): Promise<Uint8Array> {
  const written: Uint8Array[] = [];
  let at = 0;
  type Done = (error: Error | null, count?: number) => void;
  const missing = (...all: unknown[]) =>
    (all.at(-1) as Done)(Object.assign(new Error('none'), { code: 'ENOENT' }));
  const fs = {
    constants: {
      O_WRONLY: 1,
      O_RDWR: 2,
      O_CREAT: 64,
      O_TRUNC: 512,
      O_APPEND: 1024,
      O_EXCL: 128,
      O_DIRECTORY: 65536,
    },
    writeSync: (fd: number, bytes: Uint8Array) => {
      if (fd === 1) written.push(bytes.slice());
      return bytes.length;
    },
    write: (
      fd: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      _position: unknown,
      done: Done,
    ) => {
      done(null, fs.writeSync(fd, bytes.subarray(offset, offset + length)));
    },
    read: (
      _fd: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      _position: unknown,
      done: Done,
    ) => {
      const piece = input.subarray(at, at + length);
      bytes.set(piece, offset);
      at += piece.length;
      done(null, piece.length);
    },
    fsync: (_fd: number, done: Done) => done(null),
    open: missing,
    stat: missing,
    lstat: missing,
    readdir: missing,
    close: (_fd: number, done: Done) => done(null),
    fstat: missing,
  };
  vi.stubGlobal('fs', fs);
  try {
    await import(`${pathToFileURL(loader).href}?${performance.now()}`);
    interface Go {
      argv: string[];
      importObject: WebAssembly.Imports;
      run(instance: WebAssembly.Instance): Promise<void>;
    }
    const go = new (globalThis as unknown as { Go: new () => Go }).Go();
    go.argv = [...args];
    const instantiate = WebAssembly.instantiate as unknown as (
      bytes: Uint8Array,
      imports: WebAssembly.Imports,
    ) => Promise<{ instance: WebAssembly.Instance }>;
    const { instance } = await instantiate(wasm, go.importObject);
    // Its loader wants a real instance; with the exports as the original had them it gets one that looks so.
    const looks = { exports: { value: instance.exports } };
    await go.run(Object.create(WebAssembly.Instance.prototype, looks) as WebAssembly.Instance);
  } finally {
    vi.unstubAllGlobals();
  }
  return Buffer.concat(written);
}
