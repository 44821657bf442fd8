import { readJson } from '../../../../src/manifest/json-text.js';
import type { ImportDescription } from '../../../../src/manifest/manifest.js';
import { MANIFEST_BOUNDS } from '../../../../src/manifest/snapshot.js';
import { readContract } from '../../../contracts/read-contract.js';
import { readText } from '../../read-manifest.js';
import { UsageError } from '../../usage-error.js';

/**
 * What an application offers, from a file `{ "hostFunctions": … }` as `hostFunctionsJsonSchema` makes it.
 * @throws UsageError for no such file, ERR_OPTIONS for what is wrong in it
 */
export async function readHostFunctions(file: string): Promise<Readonly<Record<string, ImportDescription>>> {
  const { depth: maxDepth, nodes: maxValues } = MANIFEST_BOUNDS;
  const json = readJson(await readText(file), { maxDepth, maxValues });
  if (!json.ok) {
    const { line, column, found, expected } = json.problem;
    throw new UsageError(`${file}:${line}:${column}: found ${found}, expected ${expected}`);
  }
  const { value } = json;
  if (typeof value !== 'object' || value === null || !('hostFunctions' in value)) {
    throw new UsageError(`${file} is no { "hostFunctions": … }, as hostFunctionsJsonSchema makes it`);
  }
  return readContract(value as object, file).hostFunctions;
}
