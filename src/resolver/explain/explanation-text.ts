import type { Step } from './explanation.js';
import { listText } from './version-text.js';

/** Lines that a person reads; what is between the first and the last of more is left out. */
const MAX_LINES = 60;

/** An explanation as text: a headline, the numbered steps, and what can be changed. */
export function explanationText(
  headline: string,
  steps: readonly Step[],
  changes: readonly string[],
  unhelpful: readonly string[],
): string {
  const width = String(steps.length).length;
  const lines = steps.map(({ line, text, fact, because }) => {
    const by = because.length === 0 ? '' : `, by ${lineNumbers(because)}`;
    const sentence = fact === undefined ? `So${by}, ${text}.` : `${capital(text)}.`;
    return `${String(line).padStart(width + 2)}. ${sentence}`;
  });
  if (lines.length > MAX_LINES) {
    const half = MAX_LINES / 2;
    lines.splice(half, lines.length - MAX_LINES, `  … ${lines.length - MAX_LINES} more steps …`);
  }
  const ending =
    changes.length > 0
      ? [
          changes.length === 1 ? 'What can be changed:' : 'Any one of these changes is enough:',
          ...bullets(changes),
        ]
      : ['No single change was found that is enough. In the way is first of all:', ...bullets(unhelpful)];
  return [headline, ...lines, ...ending].join('\n');
}

/** `1 to 4 and 7`. */
function lineNumbers(lines: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const line of lines) {
    const run = runs.at(-1);
    if (run?.[1] === line - 1) run[1] = line;
    else runs.push([line, line]);
  }
  const texts = runs.flatMap(([first, last]) => {
    if (first === last) return [String(first)];
    return last === first + 1 ? [String(first), String(last)] : [`${first} to ${last}`];
  });
  return listText(texts, 'and');
}

function bullets(lines: readonly string[]): string[] {
  return lines.map((line) => `  - ${line}`);
}

/** Only words of ours: a plugin's name stays as it is. */
function capital(text: string): string {
  return /^(?:you ask for|every version of|no version of|of|there is no plugin|loaded plugins use) /.test(
    text,
  )
    ? `${text[0]!.toUpperCase()}${text.slice(1)}`
    : text;
}
