import { AssertionError } from 'node:assert';
import {
  assertFailsWith,
  assertLogs,
  assertStaysWithin,
  assertViolates,
  loadPlugin,
  matchers,
  type TestCall,
} from 'cordon/testing';
import 'cordon/testing/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { lab } from '../fixtures/guests/guests.js';
import { plugin } from '../host/open-host.js';

let calls: { readonly [fn in 'echo' | 'log' | 'bad_output' | 'fail']: TestCall };

beforeAll(async () => {
  await using tested = await loadPlugin(plugin('tested', lab));
  const call = (fn: string) => tested.call(fn, 'a line');
  calls = {
    echo: await call('echo'),
    log: await call('log'),
    bad_output: await call('bad_output'),
    fail: await call('fail'),
  };
});

function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  return expect.fail('it passed');
}

describe('toStayWithin', () => {
  it('holds a call to a budget and says what it used', () => {
    expect(calls.echo).toStayWithin({
      fuel: 1e6,
      memoryBytes: '1MiB',
      httpRequests: 0,
      hostFunctionCalls: 0,
      durationMs: 60_000,
    });
    expect(calls.echo).not.toStayWithin({ fuel: 1 });
    expect(messageOf(() => expect(calls.echo).toStayWithin({ fuel: 1, memoryBytes: 10 }))).toBe(
      `The call of "echo" did not stay within its budget: fuel is ${calls.echo.fuel}, at most 1 was allowed; memoryBytes is ${calls.echo.memoryBytes}, at most 10 was allowed.`,
    );
    expect(messageOf(() => expect(calls.echo).not.toStayWithin({ fuel: 1e6 }))).toContain(
      `fuel is ${calls.echo.fuel}`,
    );
  });

  it('never holds for a call that failed', () => {
    expect(messageOf(() => expect(calls.fail).toStayWithin({ fuel: 1e9 }))).toContain('it failed: ');
  });

  it('refuses what is no budget', () => {
    for (const budget of [
      { fule: 1 },
      { fuel: -1 },
      { fuel: '1MiB' },
      { memoryBytes: '1 potato' },
      { fuel: Number.NaN },
    ]) {
      expect(() => expect(calls.echo).toStayWithin(budget as never)).toThrow('toStayWithin:');
    }
  });
});

it('toViolate looks for a kind, or for any', () => {
  expect(calls.bad_output).toViolate();
  expect(calls.bad_output).toViolate('abi');
  expect(calls.bad_output).not.toViolate('memory');
  expect(messageOf(() => expect(calls.bad_output).toViolate('http'))).toContain(
    'expected the violation "http"; there was abi (',
  );
  expect(messageOf(() => expect(calls.echo).toViolate())).toContain('there was none');
});

it('toLog looks for a level and a text', () => {
  expect(calls.log).toLog('warn');
  expect(calls.log).toLog('warn', 'line');
  const global = /^a L/gi;
  expect(calls.log).toLog('warn', global);
  expect(calls.log).toLog('warn', global);
  expect(calls.log).not.toLog('info', 'else');
  expect(messageOf(() => expect(calls.log).toLog('info', 'else'))).toContain('\n  info: a line');
  expect(messageOf(() => expect(calls.echo).toLog('info'))).toContain('It logged nothing');
});

it('toFailWith looks for a code and a message', () => {
  expect(calls.fail).toFailWith('ERR_GUEST');
  expect(calls.fail).toFailWith('ERR_GUEST', /work out/);
  expect(calls.fail).not.toFailWith('ERR_TRAP');
  expect(calls.fail).not.toFailWith('ERR_GUEST', 'other');
  expect(messageOf(() => expect(calls.echo).toFailWith('ERR_GUEST'))).toContain('it succeeded');
  expect(() => expect(calls.fail).toFailWith('ERR_GEST' as never)).toThrow('Did you mean "ERR_GUEST"?');
  expect(() => expect(calls.fail).toFailWith('constructor' as never)).toThrow('has no code');
});

it('what is no call is refused, with a hint for a promise', () => {
  for (const matcher of Object.values(matchers)) {
    const judge = matcher as (call: unknown, argument: unknown) => unknown;
    expect(() => judge({}, {})).toThrow('wants what plugin.call of cordon/testing resolves to');
    expect(() => judge(Promise.resolve(calls.echo), {})).toThrow('await plugin.call');
  }
});

it('the same are functions for other runners', () => {
  assertStaysWithin(calls.echo, { fuel: 1e6 });
  assertViolates(calls.bad_output, 'abi');
  assertLogs(calls.log, 'error', 'a line');
  assertFailsWith(calls.fail, 'ERR_GUEST');
  for (const assertion of [
    () => assertStaysWithin(calls.echo, { fuel: 1 }),
    () => assertViolates(calls.echo),
    () => assertLogs(calls.echo, 'info'),
    () => assertFailsWith(calls.echo, 'ERR_GUEST'),
  ]) {
    expect(assertion).toThrow(AssertionError);
  }
});
