import type { Command } from 'commander';
import type { Console } from './console.js';

/** What a command does: reads its arguments and options, and answers with the exit code. */
export type Work<A extends unknown[]> = (io: Console, ...args: A) => Promise<number>;

/** Makes the action of a command. Commander hands it the arguments, then the options. */
export type Act = <A extends unknown[]>(work: Work<A>) => (...args: unknown[]) => Promise<void>;

/** Adds a command to the program. */
export type AddCommand = (program: Command, act: Act) => void;

/** For an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
