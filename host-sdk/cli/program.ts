import { Command } from 'commander';
import { VERSION } from '../../src/runtime/version.js';
import { addCall, addRun } from './call/call-command.js';
import { addCheck } from './check/check-command.js';
import type { Act } from './command.js';
import { addCompletion } from './completion-command.js';
import { addDev } from './dev/dev-command.js';
import { addInit } from './init/init-command.js';
import { addInspect } from './inspect/inspect-command.js';
import { addKeygen } from './keygen-command.js';
import { addResolve } from './resolve-command.js';
import { addSign } from './sign-command.js';
import { addTypes } from './types/types-command.js';
import { addVerify } from './verify-command.js';

const COMMANDS = [
  addInit,
  addCheck,
  addInspect,
  addCall,
  addRun,
  addDev,
  addResolve,
  addTypes,
  addKeygen,
  addSign,
  addVerify,
  addCompletion,
];

/** Where help goes, and how wide it may be. */
export interface HelpOutput {
  out(text: string): void;
  err(text: string): void;
  readonly width: number;
}

/** The whole command line. It throws commander's errors rather than end the process. */
export function cordonProgram(act: Act, help: HelpOutput): Command {
  const program = new Command('cordon')
    .description('Runs, checks and signs WebAssembly plugins that need not be trusted.')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print what there is')
    .helpCommand('help [command]', 'print what a command does')
    .configureOutput({
      writeOut: help.out,
      writeErr: help.err,
      // Said by whoever catches the error.
      outputError: () => {},
      getOutHelpWidth: () => help.width,
      getErrHelpWidth: () => help.width,
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride();
  // Before the commands: they inherit all of the above.
  for (const add of COMMANDS) add(program, act);
  return program;
}
