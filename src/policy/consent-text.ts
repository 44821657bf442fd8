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

/** One permission for the person who decides. */
interface Line {
  /** What kind of permission it is, for those that are counted. */
  readonly kind: string;
  readonly text: string;
}

/**
 * A request for permissions for the person who decides: what is new (`+`), what was asked for before (a space), what is not
 * asked for any more (`-`), each with its reason. At most 44 lines; everything that a plugin's author wrote is escaped and cut.
 * Of more permissions some of each kind are shown, so that many of one kind do not hide another.
 */
export function consentText({ plugin, version, previous, permissions, added, removed }: Consent): string {
  const fresh = linesOf(added);
  const known = new Set(fresh.map(({ text }) => text));
  const before = linesOf(permissions).filter(({ text }) => !known.has(text));
  const shown: string[] = [];
  const hidden: Line[] = [];
  for (const [mark, lines] of [
    ['+', fresh],
    [' ', before],
    ['-', linesOf(removed)],
  ] as const) {
    const chosen = someOfEach(lines, MAX_LINES - shown.length);
    shown.push(...lines.filter((one) => chosen.has(one)).map(({ text }) => `  ${mark} ${text}`));
    hidden.push(...lines.filter((one) => !chosen.has(one)));
  }
  if (hidden.length > 0) shown.push(`    and ${hidden.length} more (${countsOf(hidden)})`);
  return [headline(`${plugin}@${version}`, previous?.version, fresh.length > 0), ...shown].join('\n');
}

/** At most so many of them, taken from each kind in turn. */
function someOfEach(lines: readonly Line[], most: number): ReadonlySet<Line> {
  const kinds = [...byKind(lines).values()];
  const chosen = new Set<Line>();
  for (let turn = 0; chosen.size < Math.min(most, lines.length); turn++) {
    for (const kind of kinds) {
      const line = kind[turn];
      if (line && chosen.size < most) chosen.add(line);
    }
  }
  return chosen;
}

function byKind(lines: readonly Line[]): Map<string, Line[]> {
  const kinds = new Map<string, Line[]>();
  for (const line of lines) {
    const same = kinds.get(line.kind);
    if (same) same.push(line);
    else kinds.set(line.kind, [line]);
  }
  return kinds;
}

function countsOf(lines: readonly Line[]): string {
  return [...byKind(lines)].map(([kind, { length }]) => `${kind}: ${length}`).join(', ');
}

function headline(plugin: string, before: string | undefined, isMore: boolean): string {
  if (before === undefined) return `${plugin} asks for:`;
  return isMore
    ? `${plugin} asks for more than ${before} did:`
    : `${plugin} asks for no more than ${before} did:`;
}

function linesOf({ http, fs, env, hostFunctions, plugins }: Permissions): Line[] {
  const mounts = (access: string, table: Readonly<Record<string, MountTarget>>) =>
    Object.entries(table).map(([path, target]) =>
      line(`files to ${access}`, `${access} files in ${path} (${placeText(target)})`),
    );
  return [
    ...http.map((rule) => line('HTTP', `HTTP to ${describeRule(rule)}`, rule.reason)),
    ...mounts('read', fs.read),
    ...mounts('write', fs.write),
    ...env.map((name) => line('environment variables', `environment variable ${name}`)),
    ...hostFunctions.map(({ name, optional, reason }) =>
      line('host functions', `host function ${name}${optional ? ', optional' : ''}`, reason),
    ),
    ...plugins.map((name) => line('plugins to call', `call plugin ${name}`)),
  ];
}

function placeText(target: MountTarget): string {
  if (typeof target === 'string') return target;
  const room = `at most ${target.quotaBytes} bytes`;
  return 'path' in target ? `${target.path}, ${room}` : `in memory, ${room}`;
}

function line(kind: string, what: string, reason?: string): Line {
  const text = escapeControl(cutText(what, MAX_CHARS));
  return {
    kind,
    text: reason === undefined ? text : `${text}: "${escapeControl(cutText(reason, MAX_CHARS))}"`,
  };
}
