import { constants } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { cordonError } from '../../src/errors/cordon-error.js';
import type { MountTarget, Permissions } from '../../src/manifest/permissions.js';
import { canonicalGuestPath, isScratch } from '../../src/policy/mounts.js';

/** Files of a test by guest path: texts or bytes. */
export type FileTree = Readonly<Record<string, string | Uint8Array>>;

interface Root {
  readonly guestPath: string;
  readonly hostPath: string;
}

/**
 * The files that a plugin sees, by the paths that it sees them at. Behind each mount is an empty folder of the test's own, below
 * the system's folder for temporary files; it is removed at the end.
 */
export class TestFiles {
  readonly #folder: string;
  /** The deepest first. */
  readonly #roots: readonly Root[];

  private constructor(folder: string, roots: readonly Root[]) {
    this.#folder = folder;
    this.#roots = roots;
  }

  /** @internal Makes folders for these mounts and puts the files there. @throws ERR_OPTIONS */
  static async create(
    fs: Permissions['fs'],
    files: FileTree,
  ): Promise<{ readonly files: TestFiles; readonly fs: Permissions['fs'] }> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'cordon-test-')));
    try {
      const mounts = { ...fs.read, ...fs.write } as Record<string, MountTarget>;
      const paths = [...new Set(Object.keys(mounts).map(canonicalGuestPath))];
      const wanted = Object.keys(files).map(canonicalGuestPath);
      const inMemory = new Set(
        Object.entries(mounts)
          .filter(
            ([path, target]) =>
              isScratch(target) && !wanted.some((one) => covers(canonicalGuestPath(path), one)),
          )
          .map(([path]) => canonicalGuestPath(path)),
      );
      const roots = paths
        .filter((path) => !inMemory.has(path))
        .map((guestPath, index) => ({ guestPath, hostPath: join(folder, String(index)) }))
        .sort((a, b) => b.guestPath.length - a.guestPath.length);
      for (const { hostPath } of roots) await mkdir(hostPath);
      const made = new TestFiles(folder, roots);
      for (const [path, content] of Object.entries(files)) await made.write(path, content);
      return { files: made, fs: made.#granted(fs) };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The bytes of a file. @throws ERR_NOT_FOUND */
  async read(path: string): Promise<Uint8Array> {
    const { hostPath } = this.#locate(path);
    try {
      // A link that the guest made is not followed, neither at the end nor on the way.
      const file = await open(hostPath, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
      try {
        if ((await realpath(hostPath)).startsWith(this.#folder + sep))
          return new Uint8Array(await file.readFile());
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw cordonError('ERR_NOT_FOUND', `${path} cannot be read: ${(cause as Error).message}`, { cause });
    }
    throw cordonError('ERR_NOT_FOUND', `${path} is a link out of the files of the test.`);
  }

  /** A file as UTF-8. @throws ERR_NOT_FOUND */
  async text(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path));
  }

  /** Writes a file, with the folders that it is in. @throws ERR_OPTIONS for a path below no mount */
  async write(path: string, content: string | Uint8Array): Promise<void> {
    const { hostPath } = this.#locate(path);
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
      throw cordonError(
        'ERR_OPTIONS',
        `The content of ${path} is ${typeof content}; expected a text or bytes.`,
      );
    }
    await mkdir(dirname(hostPath), { recursive: true });
    await writeFile(hostPath, content);
  }

  /** The guest paths of all files, sorted. Links are listed and not followed. */
  async list(): Promise<string[]> {
    const found: string[] = [];
    for (const { guestPath, hostPath } of this.#roots) {
      for (const entry of await readdir(hostPath, { recursive: true, withFileTypes: true })) {
        if (entry.isDirectory()) continue;
        const inside = join(entry.parentPath, entry.name).slice(hostPath.length).replaceAll(sep, '/');
        found.push(canonicalGuestPath(guestPath + inside));
      }
    }
    return found.sort();
  }

  /** @internal */
  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #locate(path: string): Root {
    const guestPath = canonicalGuestPath(path);
    const root = this.#roots.find((one) => covers(one.guestPath, guestPath) && one.guestPath !== guestPath);
    if (!root) {
      const mounts = this.#roots.map((one) => one.guestPath).join(', ') || 'none';
      throw cordonError(
        'ERR_OPTIONS',
        `${path} is below no mount that the plugin has; it has ${mounts}. Ask for one in permissions.fs of its manifest.`,
      );
    }
    const inside = root.guestPath === '/' ? guestPath : guestPath.slice(root.guestPath.length);
    return { guestPath, hostPath: join(root.hostPath, inside) };
  }

  #granted(fs: Permissions['fs']): Permissions['fs'] {
    const own = (path: string) =>
      this.#roots.find(({ guestPath }) => guestPath === canonicalGuestPath(path))?.hostPath;
    const read = Object.entries(fs.read).map(([path, target]) => [path, own(path) ?? target]);
    const write = Object.entries(fs.write).map(([path, target]): [string, MountTarget] => {
      const folder = own(path);
      if (folder === undefined) return [path, target];
      return [path, typeof target === 'string' ? folder : { path: folder, quotaBytes: target.quotaBytes }];
    });
    return { read: Object.fromEntries(read), write: Object.fromEntries(write) };
  }
}

function covers(outer: string, inner: string): boolean {
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}
