/** One thing that is wrong with a manifest or with options. */
export interface Problem {
  /** Where: `permissions.http[1].ports[0]`; empty for the whole value. */
  readonly path: string;
  /** What was there, shortened and escaped: `70000`, `"htp"`, `nothing`. */
  readonly found: string;
  /** What should have been there. */
  readonly expected: string;
  /** Line and column in the file, from 1, where the value came from a text. */
  readonly line?: number;
  readonly column?: number;
}

/** Problems that a message lists; the rest is counted. */
export const LISTED = 50;
const SHOWN_CHARACTERS = 60;
/** The user and password of a URL, which have no place in a log. */
const CREDENTIALS = /\/\/[^/@]*@/g;
const PLAIN_KEY = /^[A-Za-z_$][\w$-]{0,63}$/;
/** What would let a foreign text rewrite a terminal or hide in it: controls, bidirectional and invisible characters. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A text on one line, with everything escaped that a terminal would obey or hide. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A text in quotes, escaped as in JSON, and cut where it is long. */
export function quote(text: string): string {
  if (text.includes('PRIVATE KEY')) return 'a private key';
  const shown = text.slice(0, SHOWN_CHARACTERS).replace(CREDENTIALS, '//…@');
  const quoted = printable(JSON.stringify(shown));
  return text.length > SHOWN_CHARACTERS ? `${quoted.slice(0, -1)}…" (${text.length} characters)` : quoted;
}

/** What a value is, in a few words for a person. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** A path as one would write it in TypeScript. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN_KEY.test(String(step))) text += text === '' ? String(step) : `.${String(step)}`;
    else text += `[${quote(String(step))}]`;
  }
  return text;
}

/** The message that lists `problems` under one head: `Manifest a/plugin.json has 2 problems:`. */
export function formatProblems(subject: string, problems: readonly Problem[]): string {
  const lines = [`${subject} ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}:`];
  for (const problem of problems.slice(0, LISTED)) {
    const position = problem.line === undefined ? '' : ` (${problem.line}:${problem.column})`;
    const place = problem.path === '' ? 'the whole' : problem.path;
    lines.push(`  ${place}${position}: found ${problem.found}, expected ${problem.expected}`);
  }
  if (problems.length > LISTED) lines.push(`  and ${problems.length - LISTED} more`);
  return lines.join('\n');
}
