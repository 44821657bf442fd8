import { cordonError } from '../errors/cordon-error.js';
import { parseRange } from './version-range.js';

/** What is asked for: a plugin in one of the versions of a range. */
export interface PluginSpec {
  readonly name: string;
  /** npm's syntax; `*` is every release. */
  readonly range: string;
}

const MAX_LENGTH = 1024;
const NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Reads `name` or `name@range`; names may have a scope. Without a range every release is meant. A prerelease is only
 * meant where the range names one of the same version, as with npm.
 * @throws ERR_OPTIONS where the name or the range is none.
 */
export function parseSpec(text: string): PluginSpec {
  if (typeof text !== 'string')
    throw badSpec(text, `is ${text === null ? 'null' : typeof text}, not a string`);
  if (text.length > MAX_LENGTH)
    throw badSpec(text, `has ${text.length} characters; at most ${MAX_LENGTH} are read`);
  const trimmed = text.trim();
  const at = trimmed.indexOf('@', 1);
  const name = at < 0 ? trimmed : trimmed.slice(0, at);
  const range = at < 0 ? '*' : trimmed.slice(at + 1).trim();
  return checkSpec({ name, range }, text);
}

/** Checks a spec that is already in two parts. @throws ERR_OPTIONS */
export function checkSpec(spec: PluginSpec, text: string = `${spec.name}@${spec.range}`): PluginSpec {
  const { name, range } = spec;
  if (typeof name !== 'string' || typeof range !== 'string')
    throw badSpec(text, 'needs a "name" and a "range"');
  if (!NAME.test(name) || name.length > 214) {
    const hint = /^[^@].*[/\\]/.test(name) ? '. A path begins with "./"' : '';
    throw badSpec(
      text,
      `has the name "${name}", which is not npm’s kind of name (lower case, "name" or "@scope/name")${hint}`,
    );
  }
  if (range === '') throw badSpec(text, `has nothing after the "@". Write ${name} for every release`);
  if (parseRange(range) === undefined) {
    const hint = /^[a-z]+$/i.test(range)
      ? 'Tags such as "latest" do not exist here; leave the range out'
      : 'Write for example ^1.2.0';
    throw badSpec(text, `has the range "${range}", which is not one. ${hint}`);
  }
  return Object.freeze({ name, range });
}

/** The text that {@link parseSpec} reads as this spec. */
export function formatSpec({ name, range }: PluginSpec): string {
  return range === '*' ? name : `${name}@${range}`;
}

function badSpec(found: unknown, problem: string): Error {
  const shown = typeof found === 'string' ? `"${found.slice(0, 100)}"` : String(found);
  return cordonError('ERR_OPTIONS', `The plugin spec ${shown} ${problem}.`, { details: { spec: found } });
}
