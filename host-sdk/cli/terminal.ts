import type { ReadStream } from 'node:tty';

/** What the program writes to and reads from: the process's own streams, or a test's. */
export interface Terminal {
  out(text: string | Uint8Array): void;
  err(text: string): void;
  readonly input: NodeJS.ReadStream;
  /** Whether a person is at it. */
  readonly isInteractive: { readonly input: boolean; readonly out: boolean; readonly err: boolean };
  readonly colors: { readonly out: boolean; readonly err: boolean };
  readonly width: number;
  /** Aborted by the first SIGINT or SIGTERM, and where nobody reads the output any more. */
  readonly signal: AbortSignal;
}

/** A program that was ended by a signal answers with 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
const SIGPIPE = 141;
const HELP_WIDTH = 100;

/** The terminal of this process, and what it has to end with because of a signal. */
export function processTerminal(): { readonly terminal: Terminal; exitCode(): number | undefined } {
  const { stdin, stdout, stderr, env } = process;
  const end = new AbortController();
  let code: number | undefined;
  const endWith = (number: number): void => {
    // Whoever asks twice does not want to wait.
    if (code !== undefined) process.exit(number);
    code = number;
    end.abort();
  };
  for (const [name, number] of Object.entries(SIGNALS)) process.on(name, () => endWith(number));
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (code !== undefined) return;
    if (error.code !== 'EPIPE') stderr.write(`cordon: standard output: ${error.message}\n`);
    code = error.code === 'EPIPE' ? SIGPIPE : 1;
    end.abort();
  });
  // Nobody is left to be told.
  stderr.on('error', () => {});
  const terminal: Terminal = {
    out: (text) => {
      stdout.write(text);
    },
    err: (text) => {
      stderr.write(text);
    },
    input: stdin as ReadStream,
    isInteractive: { input: stdin.isTTY === true, out: stdout.isTTY === true, err: stderr.isTTY === true },
    colors: { out: hasColors(stdout.isTTY, env), err: hasColors(stderr.isTTY, env) },
    width: Math.min(stdout.columns ?? HELP_WIDTH, HELP_WIDTH),
    signal: end.signal,
  };
  return { terminal, exitCode: () => code };
}

/** By the conventions of `NO_COLOR` and `FORCE_COLOR`. */
function hasColors(isTerminal: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTerminal === true && env.TERM !== 'dumb';
}
