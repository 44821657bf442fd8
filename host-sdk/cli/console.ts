import { escapeControl } from '../../src/log/escape-control.js';
import type { Terminal } from './terminal.js';

/** A piece of text in a colour, where there are colours. */
export interface Painted {
  readonly style: Style;
  readonly text: string;
}
export type Part = string | Painted;
export type Style = keyof typeof STYLES;

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export function paint(style: Style, text: string): Painted {
  return { style, text };
}

/** Where a command writes and reads, and nothing else does. What is written is shown, and never steers the terminal. */
export interface Console {
  out(...parts: readonly Part[]): void;
  err(...parts: readonly Part[]): void;
  /** To standard output, as it is: what a guest answered with. */
  raw(bytes: Uint8Array): void;
  /** A value for programs. */
  json(value: unknown): void;
  /** What is going on, on a terminal only, until the next thing is written; an empty text takes it away. */
  progress(text: string): void;
  readonly terminal: Terminal;
  /** Aborted where the program is to end. */
  readonly signal: AbortSignal;
}

const CLEAR = '\r\u001b[K';

export function consoleOn(terminal: Terminal): Console {
  let isShowing = false;
  const clear = (): void => {
    if (isShowing) terminal.err(CLEAR);
    isShowing = false;
  };
  const out = (...parts: readonly Part[]): void => {
    clear();
    terminal.out(rendered(parts, terminal.colors.out));
  };
  return {
    out,
    err: (...parts) => {
      clear();
      terminal.err(rendered(parts, terminal.colors.err));
    },
    raw: (bytes) => {
      clear();
      terminal.out(bytes);
    },
    // Escaped as JSON escapes: what the console does to C1 controls is not JSON.
    json: (value) => out(`${JSON.stringify(value, undefined, 2).replace(CONTROLS, asJson)}\n`),
    progress: (text) => {
      if (!terminal.isInteractive.err) return;
      clear();
      if (text === '') return;
      terminal.err(`${escapeControl(text)}…`);
      isShowing = true;
    },
    terminal,
    signal: terminal.signal,
  };
}

const CONTROLS = /[\u007f-\u009f]/g;
const asJson = (character: string): string => `\\u00${character.charCodeAt(0).toString(16)}`;

function rendered(parts: readonly Part[], colors: boolean): string {
  return parts
    .map((part) => {
      const text = safe(typeof part === 'string' ? part : part.text);
      return typeof part === 'string' || !colors ? text : `\u001b[${STYLES[part.style]}m${text}\u001b[0m`;
    })
    .join('');
}

function safe(text: string): string {
  return text.split('\n').map(escapeControl).join('\n');
}
