import { cutText } from '../log/cut-text.js';
import { escapeControl } from '../log/escape-control.js';

const MAX_DEPTH = 4;
const MAX_ENTRIES = 32;
const MAX_VALUES = 128;
const MAX_CHARS = 512;
/** Stands for what throws when it is looked at: a getter, a revoked proxy. */
const UNREADABLE = '[unreadable]';

/** The longest message of a violation, in characters before escaping. */
export const MAX_MESSAGE_CHARS = 1024;

/** One line of bounded length of whatever a guest had a hand in. */
export function evidenceText(text: string, maxChars: number = MAX_CHARS): string {
  return escapeControl(cutText(text, maxChars));
}

/**
 * A copy of the facts of a violation that can be kept and sent anywhere: JSON data, deeply frozen, at most 128 values, 4
 * levels and 32 entries a level, strings of 512 characters with control characters escaped. What is beyond is left out and
 * counted. Never throws, whatever is in `detail`.
 */
export function evidence(detail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const budget = { values: MAX_VALUES };
  const copied = copy(detail, 0, budget);
  return (
    typeof copied === 'object' && copied !== null && !Array.isArray(copied)
      ? copied
      : Object.freeze({ value: copied })
  ) as Readonly<Record<string, unknown>>;
}

function copy(value: unknown, depth: number, budget: { values: number }): unknown {
  budget.values--;
  switch (typeof value) {
    case 'string':
      return evidenceText(value);
    case 'number':
      if (!Number.isFinite(value)) return String(value); // JSON has no Infinity,
      return value === 0 ? 0 : value; // and no zero below zero
    case 'boolean':
      return value;
    case 'bigint':
      return cutText(value.toString(), MAX_CHARS);
    case 'object':
      if (value === null) return null;
      if (depth >= MAX_DEPTH) return '[too deep]';
      try {
        return copyObject(value, depth, budget);
      } catch {
        return UNREADABLE;
      }
    default:
      return `[${typeof value}]`;
  }
}

function copyObject(value: object, depth: number, budget: { values: number }): unknown {
  if (value instanceof Error) return evidenceText(`${value.name}: ${value.message}`);
  if (value instanceof Date) return String(value.getTime());
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof URL) return evidenceText(value.href);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      if (items.length >= MAX_ENTRIES || budget.values <= 0) {
        items.push(`[${value.length - items.length} more]`);
        break;
      }
      items.push(copy(item, depth + 1, budget));
    }
    return Object.freeze(items);
  }
  const keys = Object.keys(value);
  const entries: [string, unknown][] = [];
  for (const key of keys) {
    if (entries.length >= MAX_ENTRIES || budget.values <= 0) {
      entries.push(['…', `[${keys.length - entries.length} more]`]);
      break;
    }
    const item = property(value, key);
    if (item !== undefined) entries.push([evidenceText(key, 128), copy(item, depth + 1, budget)]);
  }
  return Object.freeze(Object.fromEntries(entries)); // defines `__proto__` like any other key
}

function property(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return UNREADABLE;
  }
}
