import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import { nearestName } from '../../src/errors/nearest-name.js';
import type { ViolationKind } from '../../src/events/violation-event.js';
import type { LogLevel } from '../../src/log/logger.js';
import { parseSize } from '../../src/manifest/size.js';
import { TestCall } from './test-call.js';

/** What a call may use. Absent parts are not looked at. */
export interface CallBudget {
  /** Instructions. */
  readonly fuel?: number;
  /** Bytes, or a text such as `'1MiB'`. */
  readonly memoryBytes?: number | string;
  readonly httpRequests?: number;
  readonly hostFunctionCalls?: number;
  /** Depends on the machine: mocks that wait count too. */
  readonly durationMs?: number;
}

/** What an assertion says; `message` fits `pass`: it tells why it holds, or why it does not. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

const BUDGETS: readonly string[] = ['fuel', 'memoryBytes', 'httpRequests', 'hostFunctionCalls', 'durationMs'];

/** Did the call succeed, and use no more than this? */
export function stayedWithin(received: unknown, budget: CallBudget): Verdict {
  const call = asCall(received, 'toStayWithin');
  const over: string[] = [];
  for (const [name, limit] of Object.entries(budget)) {
    const observed = observedOf(call, name);
    const most = parseSize(limit as number | string);
    if (most === undefined || (typeof limit === 'string' && name !== 'memoryBytes')) {
      throw misuse(
        `toStayWithin: "${name}" is ${JSON.stringify(limit)}; expected a number${name === 'memoryBytes' ? ' of bytes or a text such as "1MiB"' : ''}.`,
      );
    }
    if (observed === undefined) over.push(`${name} is not known: the call did not run, or is not metered`);
    else if (observed > most) over.push(`${name} is ${observed}, at most ${most} was allowed`);
  }
  if (call.error) over.unshift(`it failed: ${call.error.message}`);
  return {
    pass: over.length === 0,
    message: () =>
      over.length > 0
        ? `${nameOf(call)} did not stay within its budget: ${over.join('; ')}.`
        : `${nameOf(call)} stayed within its budget: ${Object.keys(budget)
            .map((name) => `${name} is ${observedOf(call, name)}`)
            .join(', ')}.`,
  };
}

/** Did the call do something that it must not? Without a kind: anything. */
export function violated(received: unknown, kind?: ViolationKind): Verdict {
  const call = asCall(received, 'toViolate');
  const kinds = call.violations.map((one) => one.kind);
  const pass = kind === undefined ? kinds.length > 0 : kinds.includes(kind);
  const wanted = kind === undefined ? 'a violation' : `the violation "${kind}"`;
  const found =
    kinds.length === 0
      ? 'there was none'
      : `there was ${call.violations.map((one) => `${one.kind} (${one.message})`).join(', ')}`;
  return { pass, message: () => `${nameOf(call)}: expected ${pass ? 'not ' : ''}${wanted}; ${found}.` };
}

/** Did the call log a line of this level that has, or fits, this text? */
export function logged(received: unknown, level: LogLevel, text?: string | RegExp): Verdict {
  const call = asCall(received, 'toLog');
  const fits = (message: string): boolean => {
    if (text === undefined) return true;
    return typeof text === 'string' ? message.includes(text) : message.search(text) >= 0;
  };
  const pass = call.logs.some((line) => line.level === level && fits(line.message));
  const wanted =
    text === undefined ? '' : ` with ${typeof text === 'string' ? JSON.stringify(text) : String(text)}`;
  const lines = call.logs.slice(0, 20).map((line) => `\n  ${line.level}: ${line.message}`);
  const found = lines.length === 0 ? ' It logged nothing.' : ` It logged:${lines.join('')}`;
  return {
    pass,
    message: () => `${nameOf(call)}: expected ${pass ? 'no' : 'a'} line at ${level}${wanted}.${found}`,
  };
}

/** Did the call fail with this code, and where it is given with such a message? */
export function failedWith(received: unknown, code: ErrorCode, message?: string | RegExp): Verdict {
  const call = asCall(received, 'toFailWith');
  if (!Object.hasOwn(ERROR_CODES, code)) {
    const nearest = nearestName(String(code), Object.keys(ERROR_CODES));
    throw misuse(
      `toFailWith: Cordon has no code ${JSON.stringify(code)}.${nearest ? ` Did you mean "${nearest}"?` : ''}`,
    );
  }
  const said = call.error?.message ?? '';
  const fits =
    message === undefined ||
    (typeof message === 'string' ? said.includes(message) : said.search(message) >= 0);
  const pass = call.error?.code === code && fits;
  const wanted = `${code}${message === undefined ? '' : ` (${String(message)})`}`;
  const found = call.error ? `it failed with ${call.error.code}: ${said}` : 'it succeeded';
  return {
    pass,
    message: () => `${nameOf(call)}: expected ${pass ? 'not to' : 'to'} fail with ${wanted}; ${found}`,
  };
}

function observedOf(call: TestCall, name: string): number | undefined {
  switch (name) {
    case 'fuel':
    case 'memoryBytes':
    case 'durationMs':
      return call[name];
    case 'httpRequests':
    case 'hostFunctionCalls':
      return call[name].length;
    default:
      throw misuse(`toStayWithin: "${name}" is nothing that a call uses; expected ${BUDGETS.join(', ')}.`);
  }
}

function asCall(received: unknown, assertion: string): TestCall {
  if (received instanceof TestCall) return received;
  const hint = received instanceof Promise ? ' It is a promise: await plugin.call(…) first.' : '';
  throw misuse(`${assertion} wants what plugin.call of cordon/testing resolves to.${hint}`);
}

function misuse(message: string): Error {
  return cordonError('ERR_OPTIONS', message);
}

function nameOf({ fn }: TestCall): string {
  return `The call of ${JSON.stringify(fn)}`;
}
