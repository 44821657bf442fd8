import { isIP } from 'node:net';
import { cordonError } from '../../src/errors/cordon-error.js';
import type { EgressRules } from '../../src/policy/grants.js';
import { canonicalHost, namesAddress } from '../../src/policy/host-pattern.js';
import type { EgressRule } from '../../src/policy/http-rule.js';

const MAX_ALTERNATIVES = 1000;

/**
 * The SDK's `allowedHosts` as rules: host names, and globs with `*`, `?`, `[…]` and `{a,b}`. An address that is not
 * public, and `localhost`, is reached only where an entry names it literally.
 * @throws ERR_OPTIONS for globs that mean something else (`!…`, `+(…)`)
 */
export function egressRules(plugin: string, allowedHosts: readonly string[]): EgressRules {
  const effective = allowedHosts.flatMap(rulesOf);
  return { plugin, effective, asked: effective };
}

function rulesOf(entry: string): EgressRule[] {
  const host = canonicalHost(entry);
  if (namesAddress(host)) return [{ host, literal: true }];
  if (/^!|[()]/.test(entry)) {
    throw cordonError(
      'ERR_OPTIONS',
      `createPlugin: "allowedHosts" has ${JSON.stringify(entry)}; expected host names, or globs with *, ?, [...] and {a,b}.`,
    );
  }
  return alternatives(entry.toLowerCase()).map((pattern) => ruleOf(pattern));
}

function ruleOf(pattern: string): EgressRule {
  const host = canonicalHost(pattern);
  if (namesAddress(host)) return { host, literal: true };
  if (!/[*?[]/.test(pattern)) return { host, literal: false };
  const expression = new RegExp(`^(?!\\.)${expressionOf(pattern)}$`, 's');
  // What is no name has no labels that a star could stand for; only the star alone means any host.
  const matches = (name: string) => (isIP(name) === 0 || pattern === '*') && expression.test(name);
  return { host: pattern, literal: false, matches };
}

function expressionOf(pattern: string): string {
  return pattern.replace(/\*+|\?|\[[!^]?[^\]]+\]|[^*?[]+|\[/g, (part) => {
    if (part.startsWith('*')) return '[^/]*';
    if (part === '?') return '[^/]';
    if (!part.startsWith('[') || part === '[') return part.replace(/[.\\+^$|{}()[\]/]/g, '\\$&');
    return `[${/^\[[!^]/.test(part) ? '^' : ''}${part.replace(/^\[[!^]?|\]$/g, '').replace(/[\\[\]^]/g, '\\$&')}]`;
  });
}

/** `{a,b}.example` is two. */
function alternatives(pattern: string): string[] {
  let open = [pattern];
  for (;;) {
    const next = open.flatMap((one) => {
      const found = /\{([^{}]*,[^{}]*)\}/.exec(one);
      if (!found) return [one];
      const before = one.slice(0, found.index);
      const after = one.slice(found.index + found[0].length);
      return found[1]!.split(',').map((choice) => before + choice + after);
    });
    if (next.length === open.length && next.every((one, index) => one === open[index])) return next;
    if (next.length > MAX_ALTERNATIVES) {
      throw cordonError(
        'ERR_OPTIONS',
        `createPlugin: "allowedHosts" has a glob with more than ${MAX_ALTERNATIVES} alternatives.`,
      );
    }
    open = next;
  }
}
