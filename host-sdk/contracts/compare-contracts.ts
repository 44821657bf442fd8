import { type JsonSchema, SchemaComparison } from './accepts.js';
import { compareFunctions } from './compare-functions.js';
import { type ComparableContract, type ReadContract, readContract } from './read-contract.js';

export type { ComparableContract };

/** One difference between two contracts. */
export interface ContractChange {
  /** `breaking`: what worked with the old may not work with the new. */
  readonly level: 'breaking' | 'compatible';
  /** The export that it is about. */
  readonly export?: string;
  /** Or the host function. */
  readonly hostFunction?: string;
  /** Absent where the whole function is meant. `params` and `result` are of host functions. */
  readonly side?: 'input' | 'output' | 'params' | 'result';
  /** In the value: `/items/name`; empty for all of it. A path of `params` begins with the parameter's number, from 0. */
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

/**
 * What changes for those on the other side, from one version of a contract to the next. For users of a plugin an input may
 * only admit more and an output only less, and the same holds for the `hostFunctions` that an application offers to plugins.
 * For hosts a plugin's `imports` may only send less and take more, and a further one is breaking. What cannot be told is
 * breaking. No schema is any value.
 *
 * @example
 * const { bump, changes } = compareContracts(published, JSON.parse(await readFile('plugin.json', 'utf8')));
 * @throws ERR_OPTIONS for what is no contract, or too large for a manifest
 */
export function compareContracts(before: ComparableContract, after: ComparableContract): ContractComparison {
  const old = readContract(before, 'compareContracts: the first contract');
  const next = readContract(after, 'compareContracts: the second contract');
  const comparison = new SchemaComparison();
  const isNeeded = (name: string) => !old.asked.has(name) && next.asked.get(name)?.optional !== true;
  const changes = [
    ...compareExports(comparison, old, next),
    ...compareFunctions(comparison, 'calls', old.imports, next.imports, isNeeded),
    ...compareFunctions(comparison, 'offers', old.hostFunctions, next.hostFunctions),
  ];
  const breaking = changes.some(({ level }) => level === 'breaking');
  return Object.freeze({
    changes: Object.freeze(changes.map((one) => Object.freeze(one))),
    breaking,
    bump: bumpFor(breaking, changes.length > 0, /^0\./.test(old.version ?? '')),
  });
}

function bumpFor(breaking: boolean, isChanged: boolean, isEarly: boolean): ContractComparison['bump'] {
  if (breaking) return isEarly ? 'minor' : 'major';
  return isChanged && !isEarly ? 'minor' : 'patch';
}

function compareExports(
  comparison: SchemaComparison,
  old: ReadContract,
  next: ReadContract,
): ContractChange[] {
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
  return changes;
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
