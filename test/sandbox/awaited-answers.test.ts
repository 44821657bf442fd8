import { describe, expect, it } from 'vitest';
import { AwaitedAnswers, answerBy } from '../../src/sandbox/awaited-answers.js';
import type { CallMessage } from '../../src/sandbox/protocol.js';

const call: CallMessage = {
  op: 'call',
  seq: 2,
  instance: 3,
  fn: 'echo',
  input: '',
  timeoutMs: 1000,
  fuel: Number.POSITIVE_INFINITY,
};
const outcome = { figures: { durationMs: 1, cpuMs: 1, memoryBytes: 65_536 }, lost: false };
const ok = (value: unknown) => ({ ok: true as const, value });

describe('the answers that guests of a thread wait for', () => {
  it('are there once they were given', () => {
    const answers = new AwaitedAnswers();
    const ask = answers.next();
    answers.expect(ask);
    expect(answers.of(ask)).toBeUndefined();
    expect(answers.give(ask, ok(1))).toBe(true);
    expect(answers.of(ask)).toEqual(ok(1));
  });

  it('are nobody’s once nobody waits', () => {
    const answers = new AwaitedAnswers();
    const ask = answers.next();
    expect(answers.give(ask, ok(1))).toBe(false);
    answers.expect(ask);
    answers.forget(ask);
    expect(answers.give(ask, ok(1))).toBe(false);
    expect(answers.of(ask)).toBeUndefined();
  });

  it('are each its own guest’s, where one runs inside of another', () => {
    const answers = new AwaitedAnswers();
    answers.expect(1);
    answers.expect(2);
    answers.give(1, ok('outer'));
    expect(answers.of(2)).toBeUndefined();
    answers.give(2, ok('inner'));
    answers.forget(2);
    expect([answers.of(1), answers.of(2)]).toEqual([ok('outer'), undefined]);
    answers.forget(1);
    expect(answers.give(1, ok('late'))).toBe(false);
  });

  it('have numbers of their own, of 31 bits', () => {
    const answers = new AwaitedAnswers();
    expect([answers.next(), answers.next(), answers.next()]).toEqual([1, 2, 3]);
  });
});

describe('what a call gave', () => {
  const output = Uint8Array.of(1, 2);

  it('is the answer to the question that it was made for', () => {
    expect(answerBy({ ...call, answers: 7 }, { ...outcome, output })).toEqual(ok(output));
    expect(answerBy({ ...call, answers: 7 }, outcome)).toEqual(ok(new Uint8Array()));
  });

  it('is no answer where it was made for none', () => {
    expect(answerBy(call, { ...outcome, output })).toBeUndefined();
    expect(answerBy({ ...call, within: 7 }, { ...outcome, output })).toBeUndefined();
  });

  it('is for the host to judge where it failed', () => {
    const failure = { code: 'ERR_GUEST' as const, message: 'no' };
    expect(answerBy({ ...call, answers: 7 }, { ...outcome, output, failure })).toBeUndefined();
  });

  it('goes to the host where it is large: it is moved there, and not copied', () => {
    expect(
      answerBy({ ...call, answers: 7 }, { ...outcome, output: new Uint8Array(16 * 1024) }),
    ).toBeUndefined();
  });
});
