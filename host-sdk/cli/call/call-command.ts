import type { Command } from 'commander';
import type { Host } from '../../host.js';
import type { AddCommand } from '../command.js';
import { type Console, paint } from '../console.js';
import { type CallRequest, callOnce } from './call-once.js';
import { type GuestOptions, guestOptions, hostOptionsFor } from './guest-options.js';
import { targetOf, withHost } from './open-plugin.js';
import { type InputOptions, readInput } from './read-input.js';
import { showEvents } from './show-events.js';

interface CallOptions extends GuestOptions, InputOptions {
  readonly json?: boolean;
  readonly stats?: boolean;
  readonly watch?: boolean;
}

const PLUGIN = 'its folder, its plugin.json, a .wasm, or with --catalog <name[@range]>';

function callOptions(command: Command): Command {
  return guestOptions(command)
    .option('--input <text>', 'the input, as text')
    .option('--input-file <path>', 'the input, from a file; - is standard input')
    .option('--stdin', 'the input, from standard input')
    .option('--watch', 'call again whenever the plugin’s files change')
    .option('--stats', 'print times, instructions and memory on stderr; the default on a terminal')
    .option('--json', 'print output, figures, violations and logs as JSON');
}

/** `cordon call`. */
export const addCall: AddCommand = (program, act) => {
  const command = program
    .command('call')
    .summary('call an export of a plugin and print its output')
    .description(
      'Loads a plugin in the sandbox, calls one of its exports, and prints the output as it is. It has what is granted here, and nothing else.',
    )
    .argument('<plugin>', PLUGIN)
    .argument('<fn>', 'the name of the export');
  callOptions(command).action(
    act((io, plugin: string, fn: string, options: CallOptions) => run(io, plugin, fn, options, false)),
  );
};

/** `cordon run`. */
export const addRun: AddCommand = (program, act) => {
  const command = program
    .command('run')
    .summary('run a WASI command')
    .description(
      'Runs a plugin that is a program (a WASI command, with the export _start). What it writes goes to stdout and stderr line by ' +
        'line, and the command ends with its exit code.',
    )
    .argument('<plugin>', PLUGIN);
  callOptions(command).action(
    act((io, plugin: string, options: CallOptions) => run(io, plugin, '_start', options, true)),
  );
};

async function run(
  io: Console,
  given: string,
  fn: string,
  options: CallOptions,
  isProgram: boolean,
): Promise<number> {
  const { json = false, watch = false, stats = io.terminal.isInteractive.err } = options;
  const input = await readInput(io, options);
  const target = await targetOf(given, options.catalog);
  const { name } = target;
  const request: CallRequest = { name, fn, input, json, stats, isProgram };
  return withHost(io, { ...(await hostOptionsFor(name, options)), watch }, async (host) => {
    if (isProgram && !json) showProgram(io, host, name);
    if (!json) showEvents(io, host, isProgram ? 'none' : options.logLevel);
    io.progress(`loading ${name}`);
    await host.load(target.spec, { signal: io.signal });
    const code = await callOnce(io, host, request);
    return watch && !io.signal.aborted ? watching(io, host, request) : code;
  });
}

/** Standard output of WASI arrives as log lines of the level info, standard error as warnings. */
function showProgram(io: Console, host: Host, name: string): void {
  host.on('log', ({ plugin, level, message }) => {
    if (plugin !== name) return;
    if (level === 'info') io.out(`${message}\n`);
    else io.err(`${message}\n`);
  });
}

/** Until the program is to end, which is its only end. */
function watching(io: Console, host: Host, request: CallRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    let last = Promise.resolve(0);
    host.on('plugin:reloaded', ({ plugin, version, durationMs }) => {
      if (plugin !== request.name) return;
      io.err(paint('cyan', `reloaded ${plugin}@${version}`), ` in ${Math.round(durationMs)} ms\n`);
      last = last.then(() => callOnce(io, host, request));
      last.catch(reject);
    });
    io.signal.addEventListener('abort', () => resolve(last), { once: true });
    io.err(paint('dim', `watching ${request.name}; ^C ends\n`));
    // Watchers of files do not keep a process alive.
    const awake = setInterval(() => {}, 60_000);
    io.signal.addEventListener('abort', () => clearInterval(awake), { once: true });
  });
}
