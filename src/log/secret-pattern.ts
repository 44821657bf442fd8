/** Lines of a secret of several lines (a private key) are masked one by one from this length on. */
const MIN_LINE_LENGTH = 16;
/** Fewer characters of base64 are found in many texts. */
const MIN_BASE64_LENGTH = 6;

const META = /[\\^$.*+?()[\]{}|/-]/g;
/** No encoding that leaves anything readable touches these. */
const PLAIN = /^[A-Za-z0-9]$/;
/** Some encodings put a backslash in front of these. */
const QUOTED = /^["'/`]$/;
const NAMED: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};
const SHORT: Readonly<Record<string, string>> = { '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r' };
const BACKSLASH = '(?:\\\\|%(?:25){0,4}5[cC])';

/**
 * The source of a pattern that finds a secret as it is, and as JSON, URLs, forms, HTML and escapes for terminals write it, also
 * one inside of the other; in hexadecimal; in base64, also in the midst of other bytes. Every quantifier in it has an end: a
 * guest decides what is searched.
 */
export function secretPattern(secret: string): string {
  const forms = [secret, ...linesOf(secret)].map((text) =>
    // A run of backslashes is one piece, which JSON within JSON doubles as a whole.
    (text.match(/\\+|[\s\S]/gu) ?? []).map(anyForm).join(''),
  );
  const hexadecimal = [...Buffer.from(secret)].map((byte) => hex(byte, 2)).join('');
  return longestFirst([...forms, hexadecimal, ...base64(secret)]).join('|');
}

/** The texts that are looked for where a secret is too long for a pattern, the longest first. */
export function secretTexts(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const encoded = [
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ];
  const texts = [secret, ...linesOf(secret)].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    // It throws for half of a pair.
    encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
  ]);
  return longestFirst([...texts, ...encoded]);
}

/** No shorter text has it in any form. */
export function shortestForm(secret: string): number {
  return Math.min(secret.length, ...linesOf(secret).map((line) => line.length));
}

function linesOf(secret: string): string[] {
  if (!/[\r\n]/.test(secret)) return [];
  return secret.split(/[\r\n]+/).filter((line) => line.length >= MIN_LINE_LENGTH);
}

/** One may be the beginning of another. */
function longestFirst(forms: readonly string[]): string[] {
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** One character, however it is written. */
function anyForm(char: string): string {
  if (PLAIN.test(char)) return char;
  if (char.startsWith('\\')) {
    const runs = [8, 4, 2, 1].map((times) => `${BACKSLASH}{${times * char.length}}`);
    return `(?:${runs.join('|')}|(?:${escaped('\\')}|${entity('\\')}){${char.length}})`;
  }
  const bytes = [...Buffer.from(char)].map((byte) => `%(?:25){0,4}${hex(byte, 2)}`).join('');
  const shown = [literal(char), bytes, entity(char), ...(char === ' ' ? ['\\+'] : [])].join('|');
  const prefix = QUOTED.test(char) ? `${BACKSLASH}{0,8}` : '';
  return `(?:${prefix}(?:${shown})|${escaped(char)})`;
}

/** Of JavaScript, JSON and terminals. */
function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  const units = char.split('').map((unit) => `u${hex(unit.charCodeAt(0), 4)}`);
  const forms = [units.join(`${BACKSLASH}{1,8}`), `u\\{0{0,4}${hex(code, 1)}\\}`];
  if (code < 256) forms.push(`x${hex(code, 2)}`);
  const short = SHORT[char];
  if (short) forms.push(short);
  return `${BACKSLASH}{1,8}(?:${forms.join('|')})`;
}

/** Of HTML. */
function entity(char: string): string {
  const code = char.codePointAt(0)!;
  const named = NAMED[char] ? `${NAMED[char]}|` : '';
  return `&(?:amp;){0,4}(?:${named}#0{0,4}${code}|#[xX]0{0,4}${hex(code, 1)});`;
}

function hex(value: number, digits: number): string {
  const text = value.toString(16).padStart(digits, '0');
  return text.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/**
 * What is the same whatever is encoded before and after it, for each place that the first byte may have within three. Of
 * `user:secret` that is all but the bits that a character shares with its neighbours.
 */
function base64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const inner = all.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6));
    if (inner.length < MIN_BASE64_LENGTH && before > 0) return [];
    const pattern = inner.replace(/[+/]/g, (char) =>
      char === '+' ? '(?:[+-]|%2[bB])' : `(?:[/_]|${BACKSLASH}{1,8}/|%2[fF])`,
    );
    // The last character may hold bits of what follows.
    return [(all.length * 8) % 6 === 0 ? pattern : `${pattern}[A-Za-z0-9+/_-]?`];
  });
}

function literal(text: string): string {
  return text.replace(META, '\\$&');
}
