import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestName } from '../../src/errors/nearest-name.js';
import { UsageError } from './usage-error.js';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true }>
>;

/** What follows the name of a command. @throws UsageError naming the nearest known option */
export function readArguments<const T extends Options>(
  command: string,
  argv: readonly string[],
  options: T,
): Parsed<T> {
  for (const argument of argv) {
    if (argument === '--') break;
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name === undefined || Object.hasOwn(options, name)) continue;
    const nearest = nearestName(name, Object.keys(options));
    throw new UsageError(
      `${command} has no option --${name}${nearest ? `; did you mean --${nearest}?` : ''}`,
    );
  }
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The one argument that is not an option. */
export function onlyArgument(command: string, positionals: readonly string[], what: string): string {
  if (positionals.length === 1) return positionals[0]!;
  throw new UsageError(`${command} needs ${what}, once: cordon ${command} ${what}`);
}
