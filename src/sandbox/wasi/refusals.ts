import { type ErrnoName, errnoText } from './errno.js';
import { isDenial, type Refusal } from './fault.js';

/** What the host is told of a refusal. */
export interface WasiViolation {
  kind: 'fs' | 'env';
  message: string;
  /** `call` (the WASI function), `errno`, `reason`, and the figures. */
  detail: Record<string, unknown>;
  /** Nothing grants what the guest reached for: its call is not to succeed. Absent for a limit. */
  denial?: true;
}

/** Reports of one call; the rest of it is counted and told once, at its end. */
export const REPORTS_PER_CALL = 16;
/** A program that goes on after this many refusals in one call is not one that merely probes: the call ends. */
export const REFUSALS_PER_CALL = 10_000;

/** Tells the host of refusals, a bounded number of times in a call. */
export class Refusals {
  readonly #tell: (violation: WasiViolation) => void;
  #count = 0;
  #denied = false;

  constructor(tell: (violation: WasiViolation) => void) {
    this.#tell = tell;
  }

  /** Answers the violation that must end the call; undefined while the guest may go on. */
  report(call: string, errno: ErrnoName, refusal: Refusal): WasiViolation | undefined {
    this.#count += 1;
    const denial = isDenial(refusal);
    const violation: WasiViolation = {
      kind: refusal.kind,
      message: refusal.message,
      detail: { call, errno: errnoText(errno), reason: refusal.reason, ...refusal.detail },
      ...(denial && { denial }),
    };
    // The first denial is told in any case: behind a crowd of limits it would not cost the call its success.
    if (this.#count <= REPORTS_PER_CALL || (denial && !this.#denied)) this.#tell(violation);
    this.#denied ||= denial;
    if (this.#count <= REFUSALS_PER_CALL) return undefined;
    return {
      kind: refusal.kind,
      message: `The call was refused more than ${REFUSALS_PER_CALL} times; the last: ${refusal.message}`,
      detail: { ...violation.detail, limit: REFUSALS_PER_CALL, observed: this.#count },
    };
  }

  /** The end of a call: what was not told one by one is told as a number. */
  endCall(): void {
    const untold = this.#count - REPORTS_PER_CALL;
    this.#count = 0;
    this.#denied = false;
    if (untold <= 0) return;
    this.#tell({
      kind: 'fs',
      message: `${untold} more refusals in this call`,
      detail: { reason: 'repeated', untold, limit: REPORTS_PER_CALL },
    });
  }
}
