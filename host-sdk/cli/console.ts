/** Where a command writes, and nothing else does. */
export interface Console {
  out(text: string): void;
  err(text: string): void;
}

/** What a process ends with. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** One command: reads what follows its name, and answers with the exit code. */
export interface Command {
  /** One line, for `cordon --help`. */
  readonly summary: string;
  /** What `cordon <command> --help` prints. */
  readonly help: string;
  run(argv: readonly string[], io: Console): Promise<number>;
}
