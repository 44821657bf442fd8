import { CommanderError } from 'commander';
import { CordonError } from '../../src/errors/cordon-error.js';
import { escapeControl } from '../../src/log/escape-control.js';
import type { Act, Work } from './command.js';
import { type Console, EXIT } from './console.js';
import { cordonProgram } from './program.js';
import { UsageError } from './usage-error.js';

const HELP_WIDTH = 100;
/** What commander throws after it printed what was asked for. */
const PRINTED: readonly string[] = ['commander.helpDisplayed', 'commander.version'];

/** Runs `cordon <argv…>` and answers with the exit code: 0, 1 where it failed, 2 where the command line is wrong. */
export async function runCli(argv: readonly string[], terminal: Console): Promise<number> {
  const io = escaping(terminal);
  let code: number = EXIT.ok;
  const act: Act =
    <A extends unknown[]>(work: Work<A>) =>
    async (...args) => {
      // The last is the command itself.
      code = await work(io, ...(args.slice(0, -1) as A));
    };
  const program = cordonProgram(act, { ...terminal, width: HELP_WIDTH });
  try {
    await program.parseAsync(withEmptyUpgrade(argv), { from: 'user' });
    return code;
  } catch (error) {
    return report(error, argv, io);
  }
}

/** What follows `--upgrade` without "=" is a spec: names are given with "=". */
function withEmptyUpgrade(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((one, i) => (one === '--upgrade' && (end < 0 || i < end) ? '--upgrade=' : one));
}

/** What manifests and sources say is shown, and never steers the terminal. */
function escaping(terminal: Console): Console {
  const lines = (text: string) => text.split('\n').map(escapeControl).join('\n');
  return { out: (text) => terminal.out(lines(text)), err: (text) => terminal.err(lines(text)) };
}

/** An option that is wrong is a wrong command line, whoever noticed. */
function report(error: unknown, argv: readonly string[], io: Console): number {
  if (error instanceof CommanderError) {
    if (PRINTED.includes(error.code)) return EXIT.ok;
    // `cordon` alone: the help is on stderr already.
    if (error.code !== 'commander.help') io.err(`cordon: ${wrongLine(error, argv)}\n`);
    return EXIT.usage;
  }
  if (error instanceof UsageError) {
    io.err(`cordon: ${error.message}\n`);
    return EXIT.usage;
  }
  if (!(error instanceof CordonError)) throw error;
  io.err(`cordon: ${error.code}: ${error.message}\n`);
  return error.code === 'ERR_OPTIONS' ? EXIT.usage : EXIT.failed;
}

/** `error: unknown option '--catalogue'\n(Did you mean --catalog?)` as one sentence. */
function wrongLine({ code, message }: CommanderError, argv: readonly string[]): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/s, '; did you mean $1?')
    .replace(/\.$/, '');
  const more = code === 'commander.unknownCommand' ? 'cordon --help' : `cordon ${argv[0]} --help`;
  return `${text}${text.endsWith('?') ? '' : '.'} See ${/^cordon -/.test(more) ? 'cordon --help' : more}.`;
}
