/** Where a command writes, and nothing else does. */
export interface Console {
  out(text: string): void;
  err(text: string): void;
}

/** What a process ends with. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
