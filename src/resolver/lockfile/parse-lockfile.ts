import { cordonError } from '../../errors/cordon-error.js';
import { readJson } from '../../manifest/json-text.js';
import { optionsError, parseOptions } from '../../manifest/parse-options.js';
import { LOCKFILE_VERSION, type Lockfile, lockfileOf } from './lockfile.js';
import { lockfileSchema } from './lockfile-schema.js';

/** Levels of objects and lists; grants are the deepest. */
const MAX_DEPTH = 32;
const MAX_VALUES = 1_000_000;

/**
 * Reads the text of a `plugins.lock.json`.
 * @throws ERR_OPTIONS: a merge conflict with the lines of its markers, another format version, or what does not fit.
 */
export function parseLockfile(text: string, file: string): Lockfile {
  const markers = conflictMarkers(text);
  if (markers.length > 0) throw mergeConflict(file, markers);
  const json = readJson(text, { maxDepth: MAX_DEPTH, maxValues: MAX_VALUES });
  if (!json.ok) throw optionsError(file, [json.problem]);
  if (hasPrototypeKey(json.value)) {
    throw optionsError(file, [{ path: '', found: 'the key "__proto__"', expected: 'another key' }]);
  }
  const version = (json.value as { lockfileVersion?: unknown } | null)?.lockfileVersion;
  if (typeof version === 'number' && version > LOCKFILE_VERSION) throw newerFormat(file, version);
  return lockfileOf(Object.entries(parseOptions(lockfileSchema, json.value, file).plugins));
}

/** The schema's maps would pass over it in silence. The depth was checked already. */
function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasPrototypeKey);
}

/** The lines, from 1, at which version control left both sides of a merge. */
export function conflictMarkers(text: string): number[] {
  const lines: number[] = [];
  text.split('\n').forEach((line, i) => {
    if (/^(?:<{7}|\|{7}|={7}|>{7})(?:[ \r]|$)/.test(line)) lines.push(i + 1);
  });
  return lines;
}

function mergeConflict(file: string, lines: readonly number[]): Error {
  return cordonError(
    'ERR_OPTIONS',
    `${file} has an unresolved merge conflict at line ${lines[0]}. Take one side of it as it is, then load the plugins ` +
      'once without "frozen": what the other side needed is resolved anew.',
    { details: { file, mergeConflict: true, lines } },
  );
}

function newerFormat(file: string, found: number): Error {
  return cordonError(
    'ERR_OPTIONS',
    `${file} has lockfileVersion ${found}; this Cordon knows ${LOCKFILE_VERSION}. Upgrade Cordon, or delete the file and ` +
      'let it be written anew.',
    { details: { file, found, known: LOCKFILE_VERSION } },
  );
}
