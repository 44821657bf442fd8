// C0, DEL and C1; the characters that reorder text (bidi) or break lines in some viewers; surrogates without a partner.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes text of a guest fit for one line of a log or a terminal: control characters, line and paragraph separators,
 * characters that change the direction of text, and lone surrogates become visible escapes (`\n`, `\x1b`, `\u202e`).
 * Everything else stays, backslashes too: the result is for reading, it cannot be turned back. At most six times as long
 * as `text`.
 */
export function escapeControl(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}

function escapeOne(char: string): string {
  const code = char.charCodeAt(0);
  return (
    SHORT[char] ??
    (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
  );
}
