import { cordonError } from '../errors/cordon-error.js';
import { deepFreeze } from './deep-freeze.js';
import { type JsonText, readJson } from './json-text.js';
import type { Manifest } from './manifest.js';
import type { ManifestInput } from './manifest-input.js';
import { manifestSchema } from './manifest-schema.js';
import { isPluginName } from './plugin-name.js';
import { formatProblems, type Problem, printable } from './problem.js';
import { MANIFEST_BOUNDS, snapshotData } from './snapshot.js';
import { type LocatedProblem, valueAt, zodProblems } from './zod-problems.js';

/** How a manifest is parsed. */
export interface ParseManifestOptions {
  /** Where it came from, for messages. Default: none, the message says "The manifest". */
  readonly file?: string | undefined;
  /** Whether it must say where its module is, as on disk. Default `false`: bytes may be given in memory. */
  readonly requireWasm?: boolean | undefined;
}

/**
 * Checks a value against the schema of plugin.json. The result shares nothing with `value`; its maps have no prototype.
 *
 * @throws `ERR_MANIFEST` with every problem in the message and, as data, in `details.problems`.
 */
export function parseManifest(value: unknown, options: ParseManifestOptions = {}): Manifest {
  return parse(value, options, undefined).manifest;
}

/**
 * Checks like {@link parseManifest}, and returns the manifest as it was written: a frozen copy without what is
 * `undefined`, fit for `JSON.stringify`.
 *
 * @throws `ERR_MANIFEST`
 */
export function checkManifest(value: ManifestInput, options: ParseManifestOptions = {}): ManifestInput {
  return parse(value, options, undefined).input;
}

/**
 * The same for the text of a plugin.json (JSON without comments, a byte order mark is skipped). Problems have line and
 * column; a key that is there twice is one.
 *
 * @throws `ERR_MANIFEST`
 */
export function parseManifestJson(text: string, options: ParseManifestOptions = {}): Manifest {
  if (text.length > MANIFEST_BOUNDS.characters) {
    throw refusal(undefined, options, [
      {
        path: '',
        found: `${text.length} characters`,
        expected: `at most ${MANIFEST_BOUNDS.characters} characters`,
      },
    ]);
  }
  const json = readJson(text, {
    maxDepth: MANIFEST_BOUNDS.depth,
    maxValues: MANIFEST_BOUNDS.nodes,
  });
  if (!json.ok) throw refusal(undefined, options, [json.problem]);
  return parse(json.value, options, json).manifest;
}

interface Parsed {
  readonly input: ManifestInput;
  readonly manifest: Manifest;
}

function parse(value: unknown, options: ParseManifestOptions, text: JsonText | undefined): Parsed {
  const snapshot = snapshotData(value);
  if (!snapshot.ok) throw refusal(undefined, options, [located(snapshot.problem, text)]);
  const result = manifestSchema.safeParse(snapshot.value);
  const problems = result.success ? [] : zodProblems(result.error.issues, snapshot.value);
  if (options.requireWasm === true && problems.length === 0) problems.push(...missingModules(result.data!));
  if (problems.length === 0)
    return { input: deepFreeze(snapshot.value as ManifestInput), manifest: result.data! };
  throw refusal(
    snapshot.value,
    options,
    problems.map((problem) => located(problem, text)),
  );
}

function missingModules(manifest: Manifest): LocatedProblem[] {
  const problem = (path: string, steps: PropertyKey[]): LocatedProblem => ({
    path,
    steps,
    found: 'nothing',
    expected: 'the path of its module, such as "dist/plugin.wasm", or { "url", "integrity" }',
  });
  if (manifest.wasm.length === 0) return [problem('wasm', ['wasm'])];
  return manifest.wasm.flatMap((item, index) => {
    if (item.path !== undefined || item.url !== undefined) return [];
    return manifest.wasm.length === 1
      ? [problem('wasm.path', ['wasm'])]
      : [problem(`wasm[${index}].path`, ['wasm', index])];
  });
}

function located({ steps, ...problem }: LocatedProblem, text: JsonText | undefined): Problem {
  return { ...problem, ...text?.positionOf(steps) };
}

function refusal(value: unknown, { file }: ParseManifestOptions, problems: readonly Problem[]): Error {
  const name = valueAt(value, ['name']);
  const version = valueAt(value, ['version']);
  const named = typeof name === 'string' && isPluginName(name);
  return cordonError(
    'ERR_MANIFEST',
    formatProblems(file === undefined ? 'The manifest has' : `${printable(file)} has`, problems),
    {
      plugin: named ? name : undefined,
      version: named && typeof version === 'string' && version.length <= 256 ? version : undefined,
      details: { file, problems: deepFreeze(problems) },
    },
  );
}
