// @ts-check
import { figure } from '../statistics.js';

/** @param {any} row what the runner made of a row */
export function printRow({ title, unit, samples, bars, notes, load }) {
  console.log(`\n${title} (${unit}; load ${load})`);
  for (const [name, { median, low, high, p50, p99 }] of Object.entries(samples)) {
    const tail = p99 === undefined ? '' : `; single calls p50 ${figure(p50)} µs, p99 ${figure(p99)} µs`;
    console.log(
      `  ${name.padEnd(24)} ${figure(median).padStart(10)}  (${figure(low)} to ${figure(high)}${tail})`,
    );
  }
  for (const bar of bars) console.log(`  ${barText(bar)}`);
  for (const note of notes) console.log(`  ${note}`);
}

/** @param {any} bar */
export function barText({ says, atLeast, atMost, value, met, skipped }) {
  const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  const result =
    skipped ?? says.replace('…', figure(value)) + (says.includes('…') ? '' : `: ${figure(value)}`);
  const verdict = met === undefined ? '' : met ? ' ✓' : ' ✗ missed';
  return skipped ? `${says}: ${skipped}` : `${result}; bar: ${bound}${verdict}`;
}
