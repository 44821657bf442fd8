import type { Command } from 'commander';
import { parseSize } from '../../../src/manifest/size.js';
import type { HostOptions } from '../../options.js';
import { collect } from '../command.js';
import { UsageError } from '../usage-error.js';
import { readGrants } from './read-grants.js';

/** What a plugin runs with, as commander hands it over. */
export interface GuestOptions {
  readonly catalog?: readonly string[];
  readonly config?: readonly string[];
  readonly grant?: readonly string[];
  readonly grantAll?: boolean;
  readonly timeout?: string;
  readonly memory?: string;
  readonly fuel?: string;
  readonly logLevel: string;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'none'] as const;

/** The options of every command that runs a plugin. */
export function guestOptions(command: Command): Command {
  return command
    .option(
      '--catalog <where>',
      'where plugins come from that are named, and dependencies; may be repeated',
      collect,
    )
    .option(
      '--config <key=value>',
      'config of the plugin, over that of its manifest; may be repeated',
      collect,
    )
    .option(
      '--grant <what>',
      'what it may have, of what it asks for: http=<host>, fs.read=<guest>:<path>, fs.write=<guest>:<path>, env=<name>, ' +
        'hostFunctions=<name>, plugins=<name>, JSON, or a file of JSON; may be repeated; its dependencies may have it too',
      collect,
    )
    .option('--grant-all', 'all that it asks for')
    .option('--timeout <time>', 'at most so long a call: 500ms, 2s; the manifest’s lower limit wins')
    .option('--memory <size>', 'at most so much memory: 64MiB; the manifest’s lower limit wins')
    .option('--fuel <count>', 'at most so many instructions a call')
    .option(
      '--log-level <level>',
      `log lines of the plugin from this level on: ${LOG_LEVELS.join(', ')}`,
      'info',
    );
}

/** The same as options of `createHost`, for a plugin of this name. @throws UsageError */
export async function hostOptionsFor(name: string, options: GuestOptions): Promise<HostOptions> {
  if (!LOG_LEVELS.some((level) => level === options.logLevel)) {
    throw new UsageError(`--log-level ${options.logLevel} is not one of ${LOG_LEVELS.join(', ')}`);
  }
  const { timeout, memory, fuel } = options;
  return {
    catalog: [...(options.catalog ?? [])],
    grants: { '*': await readGrants(options.grant ?? []) },
    ...(options.grantAll && { onPermissionRequest: async () => 'grant' as const }),
    config: options.config === undefined ? {} : { [name]: readConfig(options.config) },
    limits: {
      ...(timeout !== undefined && { timeoutMs: milliseconds(timeout) }),
      ...(memory !== undefined && { memoryBytes: bytes(memory) }),
      ...(fuel !== undefined && { fuel: count(fuel) }),
    },
  };
}

function readConfig(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      if (at < 1) throw new UsageError(`--config ${one} is not <key>=<value>`);
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

function milliseconds(text: string): number {
  const [, number, unit] = /^(\d{1,10}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(text) ?? [];
  if (number === undefined) throw new UsageError(`--timeout ${text} is not a time such as 500ms or 2s`);
  return Number(number) * (unit === 's' ? 1000 : unit === 'm' ? 60_000 : 1);
}

function bytes(text: string): number {
  const size = parseSize(/^\d+$/.test(text) ? Number(text) : text);
  if (size === undefined) throw new UsageError(`--memory ${text} is not a size such as 64MiB`);
  return size;
}

function count(text: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) throw new UsageError(`--fuel ${text} is not a number of instructions`);
  return number;
}
