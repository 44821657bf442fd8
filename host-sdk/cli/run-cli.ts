import { CordonError } from '../../src/errors/cordon-error.js';
import { nearestName } from '../../src/errors/nearest-name.js';
import { escapeControl } from '../../src/log/escape-control.js';
import { VERSION } from '../../src/runtime/version.js';
import { type Command, type Console, EXIT } from './console.js';
import { keygenCommand } from './keygen-command.js';
import { resolveCommand } from './resolve-command.js';
import { signCommand } from './sign-command.js';
import { UsageError } from './usage-error.js';
import { verifyCommand } from './verify-command.js';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['resolve', resolveCommand],
  ['keygen', keygenCommand],
  ['sign', signCommand],
  ['verify', verifyCommand],
]);

/** Runs `cordon <argv…>` and answers with the exit code: 0, 1 where it failed, 2 where the command line is wrong. */
export async function runCli(argv: readonly string[], terminal: Console): Promise<number> {
  const io = escaping(terminal);
  const [name, ...rest] = argv;
  try {
    if (name === undefined || name === '--help' || name === '-h') {
      (name === undefined ? io.err : io.out)(help());
      return name === undefined ? EXIT.usage : EXIT.ok;
    }
    if (name === '--version' || name === '-v') {
      io.out(`${VERSION}\n`);
      return EXIT.ok;
    }
    const command = COMMANDS.get(name);
    if (!command) throw unknownCommand(name);
    if (rest.includes('--help') || rest.includes('-h')) {
      io.out(command.help);
      return EXIT.ok;
    }
    return await command.run(rest, io);
  } catch (error) {
    return report(error, io);
  }
}

function help(): string {
  const width = Math.max(...[...COMMANDS.keys()].map((name) => name.length));
  const commands = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: cordon <command> [options]',
    '',
    'Commands:',
    ...commands,
    '',
    'cordon <command> --help says more. cordon --version prints the version.',
    '',
  ].join('\n');
}

function unknownCommand(name: string): UsageError {
  const nearest = nearestName(name, COMMANDS.keys());
  const hint = nearest ? `did you mean "${nearest}"?` : `there is ${[...COMMANDS.keys()].join(', ')}.`;
  return new UsageError(`${JSON.stringify(name)} is not a command; ${hint} See cordon --help.`);
}

/** What manifests and sources say is shown, and never steers the terminal. */
function escaping(terminal: Console): Console {
  const lines = (text: string) => text.split('\n').map(escapeControl).join('\n');
  return { out: (text) => terminal.out(lines(text)), err: (text) => terminal.err(lines(text)) };
}

/** An option that is wrong is a wrong command line, whoever noticed. */
function report(error: unknown, io: Console): number {
  if (error instanceof UsageError) {
    io.err(`cordon: ${error.message}\n`);
    return EXIT.usage;
  }
  if (!(error instanceof CordonError)) throw error;
  io.err(`cordon: ${error.code}: ${error.message}\n`);
  return error.code === 'ERR_OPTIONS' ? EXIT.usage : EXIT.failed;
}
