import { ERROR_CODES, type ErrorCode, type Fault } from '../../src/errors/codes.js';
import { cordonError } from '../../src/errors/cordon-error.js';

const FAULTS: Record<Fault, string> = {
  author: 'the plugin’s author',
  host: 'the application',
  guest: 'the guest, while it ran',
  runtime: 'Cordon',
};

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

function className(code: ErrorCode): string {
  return cordonError(code, '').name;
}

function anchor(code: string): string {
  return `[\`${code}\`](#${code.toLowerCase()})`;
}

function classes(): string {
  const byClass = new Map<string, ErrorCode[]>();
  for (const code of CODES) byClass.set(className(code), [...(byClass.get(className(code)) ?? []), code]);
  return [...byClass].map(([name, codes]) => `| \`${name}\` | ${codes.map(anchor).join(', ')} |`).join('\n');
}

function entry(code: ErrorCode): string {
  const { fault, when, remedy } = ERROR_CODES[code];
  return `### \`${code}\`\n\n${when}\n\n**What to do:** ${remedy}\n\n\`${className(code)}\`, the fault of ${FAULTS[fault]}.\n`;
}

/** The text of docs/reference/errors.md. */
export function errorsPage(): string {
  return `<!-- Made from src/errors/codes.ts: npx vitest run test/docs --update -->

# Errors

Everything that Cordon throws or rejects with is a \`CordonError\`. Its \`code\` is stable and is what a program looks at; its
message is for people, and says what happened, to which plugin, what the limit or the grant was, and what to change.

\`\`\`ts
try {
  await plugin.call('render', text);
} catch (error) {
  if (error instanceof CordonError && error.code === 'ERR_TIMEOUT') retryLater(error.plugin);
  else throw error;
}
\`\`\`

| property | meaning |
| --- | --- |
| \`code\` | one of the codes below |
| \`fault\` | whose it is: \`author\`, \`host\`, \`guest\` or \`runtime\` |
| \`plugin\`, \`version\` | the plugin that it is about, where it is about one |
| \`callId\` | the call, as in the \`call\` event |
| \`details\` | the figures of the message as data, frozen |
| \`cause\` | what was thrown underneath, where there is something |

## Classes

| class | codes |
| --- | --- |
${classes()}

A \`ResolutionError\` also has \`explanation\`: the chain of reasons in prose.

## Codes

${CODES.map(entry).join('\n')}`;
}
