import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a plugin as people keep it: `plugin.json` and its module. Returns the path of the `plugin.json`. */
export function writePlugin(
  folder: string,
  wasm: Uint8Array,
  manifest: { readonly name: string } & Readonly<Record<string, unknown>>,
): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'plugin.wasm'), wasm);
  const path = join(folder, 'plugin.json');
  const whole = { manifestVersion: 1, version: '1.0.0', wasm: 'plugin.wasm', ...manifest };
  writeFileSync(path, JSON.stringify(whole, undefined, 2));
  return path;
}
