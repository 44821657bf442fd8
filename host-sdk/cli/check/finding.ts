import { relative } from 'node:path';
import { CordonError } from '../../../src/errors/cordon-error.js';
import type { Problem } from '../../../src/manifest/problem.js';
import { type Part, paint } from '../console.js';

/** One thing that a check found. */
export interface Finding {
  /** A host refuses an error; a warning is a likely slip. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1, in a manifest. */
  readonly line?: number;
  readonly column?: number;
  /** In a module, from its start. */
  readonly byte?: number;
  /** The code that a load would fail with. */
  readonly code?: string;
  /** What is wrong, and what to change. */
  readonly message: string;
}

/** `plugin.json:12:5: error: …`, as compilers write it, so that editors find the place. */
export function findingParts(finding: Finding): Part[] {
  const { file, line, column, byte, severity, code, message } = finding;
  const place = line === undefined ? '' : `:${line}:${column}`;
  const at = byte === undefined ? '' : ` at byte ${byte}`;
  return [
    paint('bold', `${relative('', file) || file}${place}:`),
    ' ',
    paint(severity === 'error' ? 'red' : 'yellow', `${severity}${code === undefined ? '' : ` ${code}`}:`),
    ` ${message}${at}\n`,
  ];
}

/** What a load would throw, as findings: each problem of a manifest is one. */
export function findingsOf(error: unknown, file: string): Finding[] {
  if (!(error instanceof CordonError)) throw error;
  const { problems, offset } = (error.details ?? {}) as { problems?: readonly Problem[]; offset?: number };
  const common = { severity: 'error', file, code: error.code } as const;
  if (problems === undefined) {
    return [
      {
        ...common,
        // The place is said apart.
        message: error.message.replace(/ \(at byte \d+\)\.?$/, ''),
        ...(typeof offset === 'number' && { byte: offset }),
      },
    ];
  }
  return problems.map(({ path, found, expected, line, column }) => ({
    ...common,
    ...(line !== undefined && { line, column: column! }),
    message: `${path === '' ? 'the whole' : path}: found ${found}, expected ${expected}`,
  }));
}
