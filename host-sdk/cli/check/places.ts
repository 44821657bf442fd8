import { jsonIn } from '../json-in.js';
import { readText } from '../read-manifest.js';

/** Where something is in a file. */
export type Places = (steps: readonly PropertyKey[]) => { readonly line?: number; readonly column?: number };

/** Where things are in a manifest's text; nowhere for one that is inside a module. */
export async function placesIn(file: string): Promise<Places> {
  if (file.endsWith('.wasm')) return () => ({});
  const json = jsonIn(await readText(file));
  return json.ok ? (steps) => json.positionOf(steps) : () => ({});
}
