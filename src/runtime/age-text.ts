const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long ago something was, in whole units: `3 hours ago`. What is ahead of the clock is told as that. */
export function ageText(ageMs: number): string {
  if (ageMs < 0) return `${amount(-ageMs)} ahead of this machine’s clock`;
  return `${amount(ageMs)} ago`;
}

function amount(ms: number): string {
  for (const [unit, size] of UNITS) {
    if (ms < size) continue;
    const count = Math.floor(ms / size);
    return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'less than a minute';
}

/** A moment as `2026-01-31 12:00 UTC`; `undefined` where the calendar does not reach. */
export function dateText(at: number): string | undefined {
  const date = new Date(Math.ceil(at / 60_000) * 60_000);
  return Number.isNaN(date.getTime())
    ? undefined
    : `${date.toISOString().replace('T', ' ').slice(0, -8)} UTC`;
}
