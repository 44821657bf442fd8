import semver from 'semver';
import type { ImportDescription } from '../../src/manifest/manifest.js';
import { readContract } from '../contracts/read-contract.js';
import { jsonIn } from './json-in.js';
import { readText } from './read-manifest.js';
import { UsageError } from './usage-error.js';

/** What an application offers to plugins. */
export interface Offer {
  /** Of the application's API, where the file says it. */
  readonly version: string | undefined;
  readonly hostFunctions: Readonly<Record<string, ImportDescription>>;
}

/**
 * What an application offers, from a file `{ "version", "hostFunctions" }` with what `hostFunctionsJsonSchema` makes.
 * @throws UsageError for no such file, ERR_OPTIONS for what is wrong in it
 */
export async function readOffer(file: string): Promise<Offer> {
  const json = jsonIn(await readText(file));
  if (!json.ok) {
    const { line, column, found, expected } = json.problem;
    throw new UsageError(`${file}:${line}:${column}: found ${found}, expected ${expected}`);
  }
  const { value } = json;
  if (typeof value !== 'object' || value === null || !('hostFunctions' in value)) {
    throw new UsageError(`${file} is no { "hostFunctions": … }, as hostFunctionsJsonSchema makes it`);
  }
  const { version, hostFunctions } = readContract(value as object, file);
  if (version !== undefined && semver.valid(version) === null)
    throw new UsageError(
      `${file}: version: found ${JSON.stringify(version)}, expected a semver version such as "1.2.0"`,
    );
  return { version, hostFunctions };
}

/** Whether a file is such an offer, and not a manifest. */
export async function isOffer(given: string): Promise<boolean> {
  if (!given.endsWith('.json')) return false;
  const json = jsonIn(await readText(given).catch(() => ''));
  if (!json.ok || typeof json.value !== 'object' || json.value === null) return false;
  return 'hostFunctions' in json.value && !('manifestVersion' in json.value);
}
