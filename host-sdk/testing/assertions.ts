import { AssertionError } from 'node:assert';
import type { ErrorCode } from '../../src/errors/codes.js';
import type { ViolationKind } from '../../src/events/violation-event.js';
import type { LogLevel } from '../../src/log/logger.js';
import type { TestCall } from './test-call.js';
import { type CallBudget, failedWith, logged, stayedWithin, type Verdict, violated } from './verdicts.js';

// The matchers as plain functions, for node:test and every other runner. Each throws an AssertionError.

/** The call succeeded and used no more than this. */
export function assertStaysWithin(call: TestCall, budget: CallBudget): void {
  hold(stayedWithin(call, budget), assertStaysWithin);
}

/** The call did something that it must not, of this kind where one is given. */
export function assertViolates(call: TestCall, kind?: ViolationKind): void {
  hold(violated(call, kind), assertViolates);
}

/** The call logged a line of this level that contains, or fits, this text. */
export function assertLogs(call: TestCall, level: LogLevel, text?: string | RegExp): void {
  hold(logged(call, level, text), assertLogs);
}

/** The call failed with this code, and a message that contains, or fits, this one. */
export function assertFailsWith(call: TestCall, code: ErrorCode, message?: string | RegExp): void {
  hold(failedWith(call, code, message), assertFailsWith);
}

function hold({ pass, message }: Verdict, stackStartFn: (...args: never[]) => unknown): void {
  if (!pass) throw new AssertionError({ message: message(), stackStartFn });
}
