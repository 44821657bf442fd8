// What JSON.stringify leaves as it is: DEL and C1, the characters that reorder text, other ends of lines.
const LEFT = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Data as one line of JSON that is safe to show: all control characters are escaped, as JSON can read them again. */
export function jsonLine(value: object): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  );
  return text.replace(LEFT, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
