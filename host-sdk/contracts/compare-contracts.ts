import { cordonError } from '../../src/errors/cordon-error.js';
import { snapshotData } from '../../src/manifest/snapshot.js';
import type { PluginDefinition } from '../plugin-definition.js';
import { type JsonSchema, SchemaComparison } from './accepts.js';
import { type ContractExports, contractJsonSchema } from './contract-json-schema.js';

/** One difference between two contracts. */
export interface ContractChange {
  /** `breaking`: what worked with the old may not work with the new. */
  readonly level: 'breaking' | 'compatible';
  readonly export: string;
  /** Absent where the whole export is meant. */
  readonly side?: 'input' | 'output';
  /** In the value: `/items/name`; empty for all of it. */
  readonly path: string;
  readonly message: string;
}

/** What {@link compareContracts} found. Frozen. */
export interface ContractComparison {
  readonly changes: readonly ContractChange[];
  readonly breaking: boolean;
  /** Which part of the version has to rise at least; below 1.0.0 that is `minor` where it would be `major`. */
  readonly bump: 'major' | 'minor' | 'patch';
}

/** A manifest, or what has its `exports` and `version`; or a definition made by `definePlugin`. */
export type ComparableContract =
  | { readonly version?: string | undefined; readonly exports?: ContractExports | undefined }
  | PluginDefinition;

/**
 * What changes for those who use a plugin from one version of its contract to the next. An input may only admit more and an output
 * only less; what cannot be told is breaking. No schema is any value.
 *
 * @example
 * const { bump, changes } = compareContracts(published, JSON.parse(await readFile('plugin.json', 'utf8')));
 * @throws ERR_OPTIONS for what is no contract, or too large for a manifest
 */
export function compareContracts(before: ComparableContract, after: ComparableContract): ContractComparison {
  const [old, next] = [exportsOf(before, 'first'), exportsOf(after, 'second')];
  const comparison = new SchemaComparison();
  const changes: ContractChange[] = [];
  for (const fn of Object.keys(old.exports)) {
    if (Object.hasOwn(next.exports, fn)) continue;
    changes.push({ level: 'breaking', export: fn, path: '', message: `${JSON.stringify(fn)} is gone` });
  }
  for (const [fn, sides] of Object.entries(next.exports)) {
    if (!Object.hasOwn(old.exports, fn)) {
      changes.push({ level: 'compatible', export: fn, path: '', message: `${JSON.stringify(fn)} is new` });
      continue;
    }
    for (const side of ['input', 'output'] as const) {
      changes.push(...sideChanges(comparison, fn, side, old.exports[fn]![side] ?? {}, sides[side] ?? {}));
    }
  }
  const breaking = changes.some(({ level }) => level === 'breaking');
  const isEarly = /^0\./.test(old.version ?? '');
  const bump = breaking
    ? isEarly
      ? 'minor'
      : 'major'
    : changes.length > 0
      ? isEarly
        ? 'patch'
        : 'minor'
      : 'patch';
  return Object.freeze({ changes: Object.freeze(changes.map((one) => Object.freeze(one))), breaking, bump });
}

function sideChanges(
  comparison: SchemaComparison,
  fn: string,
  side: 'input' | 'output',
  old: JsonSchema,
  next: JsonSchema,
): ContractChange[] {
  if (JSON.stringify(old) === JSON.stringify(next)) return [];
  const misfits = side === 'input' ? comparison.misfits(old, next) : comparison.misfits(next, old);
  const who = side === 'input' ? 'the new one takes less' : 'the old one promised less than this';
  if (misfits.length > 0) {
    return misfits.map(({ path, why }) => ({
      level: 'breaking' as const,
      ...{ export: fn, side, path },
      message: `the ${side} of ${JSON.stringify(fn)}${path && ` at ${path}`}: ${who}: ${why}`,
    }));
  }
  const message = `the ${side} of ${JSON.stringify(fn)} ${side === 'input' ? 'admits at least as much' : 'is at least as narrow'}`;
  return [{ level: 'compatible', export: fn, side, path: '', message }];
}

function exportsOf(
  given: ComparableContract,
  which: string,
): { readonly exports: ContractExports; readonly version: string | undefined } {
  const refuse = (why: string): Error =>
    cordonError('ERR_OPTIONS', `compareContracts: the ${which} contract is wrong: ${why}.`);
  if (typeof given !== 'object' || given === null)
    throw refuse(`found ${given === null ? 'null' : typeof given}, expected a manifest or a definition`);
  const raw =
    'kind' in given && given.kind === 'plugin-definition' ? contractJsonSchema(given) : given.exports;
  const copy = snapshotData(raw ?? {});
  if (!copy.ok)
    throw refuse(
      `exports${copy.problem.path && `.${copy.problem.path}`}: found ${copy.problem.found}, expected ${copy.problem.expected}`,
    );
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const exports = copy.value as ContractExports;
  if (!isObject(exports)) throw refuse('"exports" is no object');
  for (const [fn, sides] of Object.entries(exports)) {
    const wrong =
      !isObject(sides) || [sides.input, sides.output].some((one) => one !== undefined && !isObject(one));
    if (wrong)
      throw refuse(
        `the export ${JSON.stringify(fn.slice(0, 100))} is no object { input, output } of JSON Schemas`,
      );
  }
  const version = 'kind' in given ? undefined : given.version;
  return { exports, version: typeof version === 'string' ? version : undefined };
}
