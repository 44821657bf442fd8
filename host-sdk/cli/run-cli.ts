import { CommanderError } from 'commander';
import { CordonError } from '../../src/errors/cordon-error.js';
import type { Act, Work } from './command.js';
import { type Console, consoleOn, paint } from './console.js';
import { errorMessage } from './error-message.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { cordonProgram } from './program.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** What commander throws after it printed what was asked for. */
const PRINTED: readonly string[] = ['commander.helpDisplayed', 'commander.version'];

/** Runs `cordon <argv…>` and answers with the exit code; docs/reference/cli.md has the table. Never rejects. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const io = consoleOn(terminal);
  let code: number = EXIT.ok;
  const act: Act =
    <A extends unknown[]>(work: Work<A>) =>
    async (...args) => {
      // The last is the command itself.
      code = await work(io, ...(args.slice(0, -1) as A));
    };
  const program = cordonProgram(act, { out: terminal.out, err: terminal.err, width: terminal.width });
  try {
    await program.parseAsync(withEmptyUpgrade(argv), { from: 'user' });
    return code;
  } catch (error) {
    return report(error, argv, io);
  } finally {
    io.progress('');
  }
}

/** What follows `--upgrade` without "=" is a spec: names are given with "=". */
function withEmptyUpgrade(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((one, i) => (one === '--upgrade' && (end < 0 || i < end) ? '--upgrade=' : one));
}

function report(error: unknown, argv: readonly string[], io: Console): number {
  if (error instanceof CommanderError) {
    if (PRINTED.includes(error.code)) return EXIT.ok;
    // `cordon` alone: the help is on stderr already.
    if (error.code !== 'commander.help') tell(io, wrongLine(error, argv));
    return EXIT.usage;
  }
  if (error instanceof UsageError) {
    tell(io, error.message);
    return EXIT.usage;
  }
  // Whoever ended the program knows.
  if (io.signal.aborted) return EXIT.failed;
  if (error instanceof CordonError) {
    tell(io, `${error.code}: ${errorMessage(error)}`);
    return exitCodeOf(error);
  }
  tell(
    io,
    `this is a fault of Cordon: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return EXIT.failed;
}

function tell(io: Console, message: string): void {
  io.err(paint('red', 'cordon:'), ` ${message}\n`);
}

/** `error: unknown option '--catalogue'\n(Did you mean --catalog?)` as one sentence. */
function wrongLine({ message }: CommanderError, [command]: readonly string[]): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/s, '; did you mean $1?')
    .replace(/\.$/, '');
  const isCommand = command !== undefined && /^\w+$/.test(command) && !text.startsWith('unknown command');
  return `${text}${text.endsWith('?') ? '' : '.'} See cordon ${isCommand ? `${command} ` : ''}--help.`;
}
