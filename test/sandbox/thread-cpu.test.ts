import { describe, expect, it } from 'vitest';
import { ThreadCpu, threadCpuClock } from '../../src/sandbox/thread-cpu.js';

/** A clock that is set by hand and counts how often it is asked. */
function handClock() {
  const clock = { ms: 0, readings: 0 };
  const cpu = new ThreadCpu(() => {
    clock.readings++;
    return clock.ms;
  });
  return { clock, cpu };
}

describe('the processor time of a run', () => {
  it('is what the thread used, not what passed while others had the processor', () => {
    const { clock, cpu } = handClock();
    const mark = cpu.begin(1000);
    clock.ms = 40;
    expect(cpu.end(mark, 100, 1100)).toBe(40);
  });

  it('is never more than the time that passed without waiting', () => {
    const { clock, cpu } = handClock();
    const mark = cpu.begin(1000);
    clock.ms = 300;
    expect(cpu.end(mark, 100, 1100)).toBe(100);
  });

  it('of a short run is its time, for which the clock is not asked', () => {
    const { clock, cpu } = handClock();
    cpu.begin(1000);
    const before = clock.readings;
    for (let at = 1000; at < 1001.9; at += 0.1) expect(cpu.end(cpu.begin(at), 0.1, at + 0.1)).toBe(0.1);
    expect(clock.readings).toBe(before);
  });

  it('does not hold what another run used inside of it', () => {
    const { clock, cpu } = handClock();
    const outer = cpu.begin(1000);
    clock.ms = 10;
    const inner = cpu.begin(1020);
    clock.ms = 40;
    expect(cpu.end(inner, 50, 1070)).toBe(30);
    clock.ms = 45;
    expect(cpu.end(outer, 60, 1130)).toBe(15);
  });

  it('is the time without waiting where the platform does not tell', () => {
    const cpu = new ThreadCpu(undefined);
    expect(cpu.end(cpu.begin(1000), 100, 1100)).toBe(100);
    expect(cpu.end(cpu.begin(1000), -1e-9, 1000)).toBe(0);
  });
});

it.runIf(process.platform === 'linux')('the clock of a thread goes forward while it computes', () => {
  const clock = threadCpuClock()!;
  const before = clock();
  let x = 0;
  // A tick of the scheduler is enough; on a machine that is busy it takes a while to get one.
  for (let i = 0; clock() === before && i < 1e9; i++) x += i % 7;
  expect(clock()).toBeGreaterThan(before);
  expect(x).toBeGreaterThanOrEqual(0);
});
