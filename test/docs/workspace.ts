import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** How a child process ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022', // `await using` is lowered: Node 20 has to run it
    lib: ['es2023', 'esnext.disposable', 'dom'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    rootDir: '.',
  },
};

/**
 * A folder outside of the repository in which `cordon` is installed as its users have it: built, by its package name.
 * Programs are written in TypeScript, compiled together, and run as child processes.
 */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), 'cordon-docs-'));

  constructor() {
    const modules = join(this.path, 'node_modules');
    mkdirSync(modules);
    symlinkSync(root, join(modules, 'cordon'), 'dir');
    const links = [
      'zod',
      '@extism',
      'pino',
      '@types',
      'assemblyscript',
      '@opentelemetry',
      'pino-roll',
      'vitest',
    ];
    for (const name of links) {
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir');
    }
    this.write('package.json', '{ "private": true, "type": "module" }\n');
  }

  write(file: string, content: string | Uint8Array): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** The examples as plugin folders: a manifest and a module each. */
  addExamples(folder: string): void {
    const examples = join(root, 'guest-examples');
    for (const name of readdirSync(examples)) {
      if (!existsSync(join(examples, name, 'plugin.json'))) continue;
      mkdirSync(join(this.path, folder, name), { recursive: true });
      for (const file of ['plugin.json', `${name}.wasm`]) {
        copyFileSync(join(examples, name, file), join(this.path, folder, name, file));
      }
    }
  }

  /** Checks and compiles the given files, each beside itself. */
  async compile(files: readonly string[]): Promise<Ended> {
    this.write('tsconfig.json', JSON.stringify({ ...TSCONFIG, files }));
    return this.run([join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], '.');
  }

  /** Runs Node with these arguments; it has to end by itself. */
  run(argv: readonly string[], folder: string, env: Record<string, string> = {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, argv, {
        cwd: join(this.path, folder),
        env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
        timeout: 60_000,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
