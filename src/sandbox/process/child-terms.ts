/** What a child process is started with, on its command line. */
export interface ChildTerms {
  readonly stackSizeMb: number;
  /** The longest message that the host takes from it, in bytes. */
  readonly maxFrameBytes: number;
}

/** The descriptors of a child beside the standard ones. */
export const CHILD_FD = {
  /** From the host, read by the child's main thread. */
  in: 3,
  /** To the host, written by the thread that runs the guests; a full one holds it up. */
  out: 4,
  control: 5,
} as const;

/** What a child ends with, so that its host knows why. */
export const CHILD_EXIT = { outOfMemory: 70, failed: 71 } as const;
