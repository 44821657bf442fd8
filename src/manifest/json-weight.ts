/** So many values are read from one JSON text that is not the application's own. */
const MAX_VALUES = 1_000_000;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Has this JSON text more values than anybody means? A text of 16 MiB of brackets becomes a gigabyte of arrays, and ends
 * the process. Counts `[`, `{` and `,`, in strings too: a million of them.
 */
export function isHeavyJson(text: string): boolean {
  if (text.length <= MAX_VALUES) return false;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if ((char === COMMA || char === BRACKET || char === BRACE) && ++values > MAX_VALUES) return true;
  }
  return false;
}
