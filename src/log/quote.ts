import { cutText } from './cut-text.js';
import { escapeControl } from './escape-control.js';

const MAX_CHARS = 128;
const MAX_NAMES = 20;

/** A name that a guest has chosen, in quotation marks, for a message: one line, at most 128 characters of it. */
export function quote(name: string): string {
  return `"${escapeControl(cutText(name, MAX_CHARS))}"`;
}

/** A list of such names, the first 20 of them; `none` where there are none. */
export function quoteAll(names: Iterable<string>): string {
  const all = [...names];
  const shown = all.slice(0, MAX_NAMES).map(quote).join(', ');
  if (all.length > MAX_NAMES) return `${shown} and ${all.length - MAX_NAMES} more`;
  return shown || 'none';
}
