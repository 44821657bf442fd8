import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * Writes files into a fresh folder that is gone after the test. Objects are written as JSON, with what every manifest on
 * disk must have.
 */
export async function tree(files: Readonly<Record<string, string | Uint8Array | object>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cordon-catalog-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    const data =
      typeof content === 'string' || content instanceof Uint8Array
        ? content
        : JSON.stringify({ manifestVersion: 1, wasm: 'a.wasm', ...content });
    await writeFile(join(root, path), data);
  }
  return root;
}
