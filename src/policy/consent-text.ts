import { cutText } from '../log/cut-text.js';
import { escapeControl } from '../log/escape-control.js';
import type { MountTarget, Permissions } from '../manifest/permissions.js';
import { describeRule } from './http-rule.js';

/** Lines about single permissions; those beyond are counted. */
const MAX_LINES = 40;
const MAX_CHARS = 300;

/** What {@link consentText} tells of. */
export interface Consent {
  readonly plugin: string;
  readonly version: string;
  readonly previous: { readonly version: string } | undefined;
  /** What is to be decided on. */
  readonly permissions: Permissions;
  /** The part of it that is new. */
  readonly added: Permissions;
  /** What the version before asked for and this one does not. */
  readonly removed: Permissions;
}

/**
 * A request for permissions for the person who decides: what is new (`+`), what was asked for before (a space), what is not
 * asked for any more (`-`), each with its reason. At most 44 lines; everything that a plugin's author wrote is escaped and cut.
 */
export function consentText({ plugin, version, previous, permissions, added, removed }: Consent): string {
  const fresh = new Set(linesOf(added));
  const lines = [
    ...[...fresh].map((line) => `  + ${line}`),
    ...linesOf(permissions)
      .filter((line) => !fresh.has(line))
      .map((line) => `    ${line}`),
    ...linesOf(removed).map((line) => `  - ${line}`),
  ];
  const shown = lines.slice(0, MAX_LINES);
  if (lines.length > shown.length) shown.push(`    and ${lines.length - shown.length} more`);
  return [headline(`${plugin}@${version}`, previous?.version, fresh.size > 0), ...shown].join('\n');
}

function headline(plugin: string, before: string | undefined, isMore: boolean): string {
  if (before === undefined) return `${plugin} asks for:`;
  return isMore
    ? `${plugin} asks for more than ${before} did:`
    : `${plugin} asks for no more than ${before} did:`;
}

function linesOf({ http, fs, env, hostFunctions, plugins }: Permissions): string[] {
  const mounts = (access: string, table: Readonly<Record<string, MountTarget>>) =>
    Object.entries(table).map(([path, target]) => line(`${access} ${path} (${placeText(target)})`));
  return [
    ...http.map((rule) => line(`HTTP to ${describeRule(rule)}`, rule.reason)),
    ...mounts('read files in', fs.read),
    ...mounts('write files in', fs.write),
    ...env.map((name) => line(`environment variable ${name}`)),
    ...hostFunctions.map(({ name, optional, reason }) =>
      line(`host function ${name}${optional ? ', optional' : ''}`, reason),
    ),
    ...plugins.map((name) => line(`call plugin ${name}`)),
  ];
}

function placeText(target: MountTarget): string {
  if (typeof target === 'string') return target;
  const room = `at most ${target.quotaBytes} bytes`;
  return 'path' in target ? `${target.path}, ${room}` : `in memory, ${room}`;
}

function line(what: string, reason?: string): string {
  const text = escapeControl(cutText(what, MAX_CHARS));
  return reason === undefined ? text : `${text}: "${escapeControl(cutText(reason, MAX_CHARS))}"`;
}
