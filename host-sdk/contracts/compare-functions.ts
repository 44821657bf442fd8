import type { ImportDescription, ImportValue } from '../../src/manifest/manifest.js';
import { ownValue } from '../../src/manifest/own-value.js';
import type { Misfit, SchemaComparison } from './accepts.js';
import type { ContractChange } from './compare-contracts.js';

type Functions = Readonly<Record<string, ImportDescription>>;

/** A plugin `calls` host functions, or an application `offers` them; for the other side the two are opposites. */
type Role = 'calls' | 'offers';

/**
 * What changes for the other side: hosts of a plugin that calls these, plugins of an application that offers them. `isNeeded` says
 * of one that was not described before whether a host has to have it that it did not need before.
 */
export function compareFunctions(
  comparison: SchemaComparison,
  role: Role,
  old: Functions,
  next: Functions,
  isNeeded: (name: string) => boolean = () => true,
): ContractChange[] {
  const changes: ContractChange[] = [];
  const add = (level: ContractChange['level'], hostFunction: string, message: string): void => {
    changes.push({ level, hostFunction, path: '', message });
  };
  for (const fn of Object.keys(old)) {
    if (Object.hasOwn(next, fn)) continue;
    if (role === 'offers') add('breaking', fn, `the host function ${JSON.stringify(fn)} is gone`);
    else add('compatible', fn, `the host function ${JSON.stringify(fn)} is not called any more`);
  }
  for (const [fn, now] of Object.entries(next)) {
    const before = ownValue(old, fn);
    if (before) changes.push(...compareFunction(comparison, role, fn, before, now));
    else if (role === 'offers') add('compatible', fn, `the host function ${JSON.stringify(fn)} is new`);
    else if (isNeeded(fn))
      add('breaking', fn, `the host function ${JSON.stringify(fn)} is needed from now on`);
    else add('compatible', fn, `the host function ${JSON.stringify(fn)} is described now`);
  }
  return changes;
}

function compareFunction(
  comparison: SchemaComparison,
  role: Role,
  fn: string,
  old: ImportDescription,
  next: ImportDescription,
): ContractChange[] {
  const [was, is] = [signature(old), signature(next)];
  if (was !== is) {
    const message = `the host function ${JSON.stringify(fn)} was ${was} and is ${is}`;
    return [{ level: 'breaking', hostFunction: fn, path: '', message }];
  }
  const changes: ContractChange[] = [];
  for (const [index, param] of next.params.entries()) {
    const path = `/${index}`;
    changes.push(...compareValue(comparison, role, { fn, side: 'params', path }, old.params[index]!, param));
  }
  if (next.result) {
    changes.push(
      ...compareValue(comparison, role, { fn, side: 'result', path: '' }, old.result!, next.result),
    );
  }
  return changes;
}

interface Place {
  readonly fn: string;
  readonly side: 'params' | 'result';
  readonly path: string;
}

function compareValue(
  comparison: SchemaComparison,
  role: Role,
  { fn, side, path }: Place,
  old: ImportValue,
  next: ImportValue,
): ContractChange[] {
  const [before, after] = [old.schema ?? {}, next.schema ?? {}];
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  // Who takes a value may take more, who gives one may give less.
  const takes = (side === 'params') === (role === 'offers');
  const misfits: Misfit[] = takes ? comparison.misfits(before, after) : comparison.misfits(after, before);
  const what = `${side === 'params' ? `argument ${Number(path.slice(1)) + 1}` : 'the result'} of the host function ${JSON.stringify(fn)}`;
  if (misfits.length === 0) {
    const message = `${what} ${takes ? 'admits at least as much' : 'is at least as narrow'}`;
    return [{ level: 'compatible', hostFunction: fn, side, path, message }];
  }
  const who = takes ? 'the new one takes less' : 'the old one promised less than this';
  return misfits.map(({ path: inner, why }) => ({
    level: 'breaking' as const,
    ...{ hostFunction: fn, side, path: path + inner },
    message: `${what}${inner && ` at ${inner}`}: ${who}: ${why}`,
  }));
}

function signature({ namespace, params, result }: ImportDescription): string {
  const from = namespace === 'extism:host/user' ? '' : ` of ${JSON.stringify(namespace)}`;
  return `(${params.map(({ type }) => type).join(', ')}) -> ${result?.type ?? 'void'}${from}`;
}
