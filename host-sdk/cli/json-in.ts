import { readJson } from '../../src/manifest/json-text.js';
import { MANIFEST_BOUNDS } from '../../src/manifest/snapshot.js';

/** The JSON in the text of a file that a person wrote, within the bounds of a manifest; it knows where each thing is. */
export function jsonIn(text: string): ReturnType<typeof readJson> {
  return readJson(text, { maxDepth: MANIFEST_BOUNDS.depth, maxValues: MANIFEST_BOUNDS.nodes });
}
