import type { Failure, RunFigures, VarChanges } from './protocol.js';

/** How one run of a guest ended. */
export interface RunOutcome {
  readonly output?: Uint8Array | undefined;
  readonly failure?: Failure | undefined;
  readonly figures: RunFigures;
  /** The instance must not be used again. */
  readonly lost: boolean;
  readonly vars?: VarChanges | undefined;
}

/** Of what did not run. */
export const NO_FIGURES: RunFigures = { durationMs: 0, cpuMs: 0, memoryBytes: 0 };
