import { describe, expect, it } from 'vitest';
import { ChildGuard } from '../../../src/sandbox/process/child-guard.js';
import { WireError } from '../../../src/sandbox/process/wire-reader.js';
import { WireWriter } from '../../../src/sandbox/process/wire-writer.js';
import type { GuestSpec } from '../../../src/sandbox/protocol.js';

const SPEC = {
  id: 5,
  plugin: 'p',
  version: '1.0.0',
  fuelExport: 'fuel',
  limits: { memoryBytes: 2_000_000, outputBytes: 1000, varBytes: 1000, logBytesPerCall: 1000 },
  hostFunctions: [
    { module: 'm', name: 'f', params: ['text', 'i32', 'i64', 'json'], result: 'void' },
    { module: 'm', name: 'refused', params: [], result: 'void', refused: 'not granted' },
  ],
} as unknown as GuestSpec;

const FIGURES = { durationMs: 1, cpuMs: 1, fuel: 10, memoryBytes: 65_536 };
const DONE = { op: 'done', seq: 1, figures: FIGURES, lost: false };
const ASK = {
  op: 'ask',
  ask: 1,
  seq: 1,
  spec: 5,
  body: { kind: 'host-function', index: 0, args: ['text', 1, 2n, '{}'] },
};

/** A guard whose child has the work 1 to do. */
function guard(): ChildGuard {
  const made = new ChildGuard(SPEC);
  made.sent({ op: 'call', seq: 1, instance: 1, fn: 'f', input: '', timeoutMs: 1000, fuel: 1 });
  return made;
}

function bytes(message: unknown): Buffer {
  const writer = new WireWriter();
  writer.frame(message);
  return Buffer.from(writer.bytes.subarray(4));
}

const read = (message: unknown, by = guard()) => by.read(bytes(message));

describe('the figures of a child', () => {
  const done = (figures: object) => {
    const message = read({ ...DONE, figures: { ...FIGURES, ...figures } });
    return message.op === 'done' ? message.figures : undefined;
  };

  it.each(['durationMs', 'cpuMs'] as const)('say no more %s than have passed', (figure) => {
    expect(done({ [figure]: 1e308 })![figure]).toBeLessThan(60_000);
  });

  it('say no more memory than the plugin may have, and no number that adds up to none', () => {
    expect(done({ memoryBytes: 1e18 })!.memoryBytes).toBe(2_000_000);
    expect(done({ fuel: 1e308 })!.fuel).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('what a child says', () => {
  it('is passed on where a sandbox would say it', () => {
    const output = new Uint8Array([1]);
    const failure = {
      code: 'ERR_TRAP',
      message: 'trapped',
      details: { trap: 'x', stack: ['a'] },
      violation: 'abi',
    };
    const vars = { all: false, entries: new Map([['a', output]]) };
    expect(read({ ...DONE, output, failure, vars })).toEqual({ ...DONE, output, failure, vars });
    expect(read(ASK)).toEqual(ASK);
    expect(read({ op: 'log', seq: 1, spec: 5, level: 'info', message: 'm' })).toMatchObject({
      level: 'info',
    });
    expect(
      read({ op: 'violation', seq: 1, spec: 5, kind: 'http', message: 'm', detail: { a: [1] } }),
    ).toEqual({
      op: 'violation',
      seq: 1,
      spec: 5,
      kind: 'http',
      message: 'm',
      detail: { a: [1] },
    });
  });

  it('is of its own plugin, whatever it claims, and only with what is known', () => {
    expect(read({ ...ASK, spec: 99, more: true })).toEqual(ASK);
    expect(read({ ...DONE, failure: { code: 'ERR_TRAP', message: 'm', stack: 's' } })).toEqual({
      ...DONE,
      failure: { code: 'ERR_TRAP', message: 'm' },
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', [1]],
    ['no such message', { op: 'eval', seq: 1 }],
    ['a work that is not under way', { ...DONE, seq: 2 }],
    ['a number that is none', { ...DONE, seq: '1' }],
    ['no figures', { ...DONE, figures: undefined }],
    ['figures that are no amounts', { ...DONE, figures: { ...FIGURES, cpuMs: -1 } }],
    ['endless figures', { ...DONE, figures: { ...FIGURES, memoryBytes: Number.POSITIVE_INFINITY } }],
    ['too long an output', { ...DONE, output: new Uint8Array(1001) }],
    ['an output that is text', { ...DONE, output: 'text' }],
    ['an unknown code', { ...DONE, failure: { code: 'toString', message: 'm' } }],
    ['an unknown violation', { ...DONE, failure: { code: 'ERR_TRAP', message: 'm', violation: 'none' } }],
    ['a long story', { ...DONE, failure: { code: 'ERR_TRAP', message: 'm'.repeat(300_000) } }],
    [
      'long details',
      { ...DONE, failure: { code: 'ERR_TRAP', message: 'm', details: { a: 'm'.repeat(300_000) } } },
    ],
    [
      'vars beyond the limit',
      { ...DONE, vars: { all: true, entries: new Map([['a', new Uint8Array(1001)]]) } },
    ],
    ['vars that are no bytes', { ...DONE, vars: { all: true, entries: new Map([['a', 1]]) } }],
    ['vars that are no map', { ...DONE, vars: { all: true, entries: {} } }],
    ['no such question', { ...ASK, body: { kind: 'shell' } }],
    ['a question of audit mode', { ...ASK, body: { kind: 'audit', what: 'env' } }],
    ['no such host function', { ...ASK, body: { ...ASK.body, index: 7 } }],
    ['the host function "__proto__"', { ...ASK, body: { ...ASK.body, index: '__proto__' } }],
    ['a host function that was refused', { ...ASK, body: { kind: 'host-function', index: 1, args: [] } }],
    ['too few arguments', { ...ASK, body: { ...ASK.body, args: ['text'] } }],
    ['arguments of wrong types', { ...ASK, body: { ...ASK.body, args: [1, 1, 2n, '{}'] } }],
    ['an i32 beyond 32 bits', { ...ASK, body: { ...ASK.body, args: ['text', 2 ** 31, 2n, '{}'] } }],
    [
      'arguments beyond its memory',
      { ...ASK, body: { ...ASK.body, args: ['x'.repeat(2_000_001), 1, 2n, ''] } },
    ],
    ['heavy JSON', { ...ASK, body: { ...ASK.body, args: ['', 1, 2n, ','.repeat(1_100_000)] } }],
    ['no such level', { op: 'log', seq: 1, spec: 5, level: 'fatal', message: 'm' }],
    ['a log without end', { op: 'log', seq: 1, spec: 5, level: 'info', message: 'm'.repeat(100_000) }],
  ])('is refused: %s', (_, message) => {
    expect(() => read(message)).toThrow(WireError);
  });

  it('is one answer for a work, and one question at a time', () => {
    const once = guard();
    read(DONE, once);
    expect(() => read(DONE, once)).toThrow(/not under way/);
    const asking = guard();
    read(ASK, asking);
    expect(() => read({ ...ASK, ask: 2 }, asking)).toThrow(/one thing at a time/);
    asking.sent({ op: 'answer', ask: 1, answer: { ok: true, value: undefined } });
    expect(() => read(ASK, asking)).toThrow(/one thing at a time/);
    expect(read({ ...ASK, ask: 2 }, asking)).toMatchObject({ ask: 2 });
  });

  it('has to come in time: a child is given up that does not get on with its first work', () => {
    const waiting = guard();
    expect(waiting.patienceMs()).toBeGreaterThan(1000);
    expect(waiting.patienceMs()).toBeLessThan(60_000);
    read(DONE, waiting);
    expect(waiting.patienceMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is bounded in length by what its guest may have', () => {
    expect(ChildGuard.maxFrameBytes(SPEC)).toBeLessThan(10_000_000);
  });
});
