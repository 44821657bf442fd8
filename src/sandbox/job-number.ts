/**
 * Jobs are numbered from 1 to this, and then from 1 again: threads keep the numbers in words of 32 bits. At a thousand calls
 * a second that is after 25 days.
 */
export const LAST_JOB_NUMBER = 0x7fffffff;

/** The number of the job after this one; of the first where there was none, 0. */
export function jobNumberAfter(last: number): number {
  return (last % LAST_JOB_NUMBER) + 1;
}

/** Was `a` given out before `b`? The nearer way round counts: no two jobs at a time are half of all numbers apart. */
export function isEarlierJob(a: number, b: number): boolean {
  const ahead = (b - a + LAST_JOB_NUMBER) % LAST_JOB_NUMBER;
  return ahead > 0 && ahead < LAST_JOB_NUMBER / 2;
}
