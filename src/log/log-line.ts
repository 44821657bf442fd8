import { escapeControl } from './escape-control.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** The size of a line in bytes of UTF-8. */
export function lineBytes(line: string | Uint8Array): number {
  return typeof line === 'string' ? Buffer.byteLength(line) : line.byteLength;
}

/**
 * One line of a guest's log as text for a log or a terminal: at most `maxBytes` of it, cut between characters and marked,
 * what is not UTF-8 replaced by U+FFFD, control characters escaped. At most six times `maxBytes` and the mark.
 */
export function lineText(line: string | Uint8Array, maxBytes: number): string {
  const size = lineBytes(line);
  if (size <= maxBytes) return escapeControl(typeof line === 'string' ? line : decoder.decode(line));
  // Never encode more of a giant string than can be kept: a character has at least one byte.
  const bytes = typeof line === 'string' ? encoder.encode(line.slice(0, maxBytes + 1)) : line;
  const end = boundary(bytes, maxBytes);
  return `${escapeControl(decoder.decode(bytes.subarray(0, end)))}… [${size - end} more bytes]`;
}

/** The last place at or before `end` where a character of UTF-8 begins; `end` itself where this is no UTF-8. */
function boundary(bytes: Uint8Array, end: number): number {
  for (let at = end; at > end - 4 && at >= 0; at--) {
    if ((bytes[at]! & 0b1100_0000) !== 0b1000_0000) return at;
  }
  return end;
}
