import type { ErrorCode } from '../../src/errors/codes.js';
import type { ViolationKind } from '../../src/events/violation-event.js';
import type { LogLevel } from '../../src/log/logger.js';
import { type CallBudget, failedWith, logged, stayedWithin, type Verdict, violated } from './verdicts.js';

/** What {@link matchers} add to `expect(call)`. */
export interface CordonMatchers<R = void> {
  /** The call succeeded and used no more than this. */
  toStayWithin(budget: CallBudget): R;
  /** The call did something that it must not, of this kind where one is given. */
  toViolate(kind?: ViolationKind): R;
  /** The call logged a line of this level that contains, or fits, this text. */
  toLog(level: LogLevel, text?: string | RegExp): R;
  /** The call failed with this code, and a message that contains, or fits, this one. */
  toFailWith(code: ErrorCode, message?: string | RegExp): R;
}

/**
 * For `expect.extend(matchers)` of vitest and of whatever has its interface. With vitest, `cordon/testing/vitest` as a
 * `setupFiles` does that, types included.
 */
export const matchers: {
  readonly toStayWithin: (call: unknown, budget: CallBudget) => Verdict;
  readonly toViolate: (call: unknown, kind?: ViolationKind) => Verdict;
  readonly toLog: (call: unknown, level: LogLevel, text?: string | RegExp) => Verdict;
  readonly toFailWith: (call: unknown, code: ErrorCode, message?: string | RegExp) => Verdict;
} = {
  toStayWithin: stayedWithin,
  toViolate: violated,
  toLog: logged,
  toFailWith: failedWith,
};
